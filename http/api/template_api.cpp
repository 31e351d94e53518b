#include "http/api/paging.hpp"
#include "http/api/push_codec.hpp"
#include "http/api/query_reader.hpp"
#include "http/api/routes.hpp"
#include "http/api/template_words.hpp"
#include "http/server/request_actor.hpp"

#include <vector>

namespace weappd::http {
namespace {

void answer_templates(request_actor& self, const page_wish& wanted) {
  const auto& settings = self.server().settings;
  self.succeed(200, [&](json::writer& data) {
    write_page(data, settings.templates, wanted, [&](const auto& named) {
      const auto& [name, one] = named;
      write_template(data, name, one, app_of(one, settings).value);
    });
  });
}

void get_templates(request_actor& self) {
  std::vector<json::problem> problems;
  query_reader query(self.context().query, problems);
  const auto wanted = read_page(query);
  query.finish();
  if (!problems.empty())
    return self.fail(ec::invalid_message, problems);
  self.with_live_caller([&self, wanted] { answer_templates(self, wanted); });
}

} // namespace

std::vector<route> template_routes() {
  return {{.name = "templates.list",
           .verb = method::get,
           .pattern = "/api/v1/templates",
           .allowed = access::any,
           .handle = get_templates}};
}

} // namespace weappd::http
