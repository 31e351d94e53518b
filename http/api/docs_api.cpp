#include "http/api/description.hpp"
#include "http/api/routes.hpp"
#include "http/server/request_actor.hpp"

#include <string>
#include <vector>

/// /openapi.json and /docs: what can be asked of the listener that one asks.
namespace weappd::http {
namespace {

void answer_description(request_actor& self, const std::string& description) {
  response answer;
  answer.body = description;
  self.answer(std::move(answer));
}

void get_public_description(request_actor& self) {
  answer_description(self, self.server().public_description);
}

void get_operator_description(request_actor& self) {
  answer_description(self, self.server().operator_description);
}

void get_docs(request_actor& self) {
  static const std::string policy = docs_policy(docs_page());
  response answer;
  answer.content_type = "text/html; charset=utf-8";
  answer.content_policy = policy;
  answer.body = docs_page();
  self.answer(std::move(answer));
}

route open_page(std::string_view name, std::string_view pattern, void (*handle)(request_actor&)) {
  return {.name = name, .verb = method::get, .pattern = pattern, .rank = urgency::bulk, .handle = handle};
}

} // namespace

std::vector<route> docs_routes() {
  return {open_page("openapi", "/openapi.json", get_public_description),
          open_page("docs", "/docs", get_docs)};
}

std::vector<route> admin_docs_routes() {
  return {open_page("openapi", "/openapi.json", get_operator_description),
          open_page("docs", "/docs", get_docs)};
}

} // namespace weappd::http
