#include "http/api/live_caller.hpp"
#include "http/api/push_codec.hpp"
#include "http/api/routes.hpp"
#include "http/api/template_words.hpp"

namespace weappd::http {
namespace {

void answer_templates(request_actor& self) {
  const auto& settings = self.server().settings;
  self.succeed(200, [&](json::writer& data) {
    data.begin_object();
    data.begin_array("items");
    for (const auto& [name, one] : settings.templates)
      write_template(data, name, one, app_of(one, settings).value);
    data.end_array();
    data.member("page", 1);
    data.member("limit", settings.templates.size());
    data.member("total", settings.templates.size());
    data.end_object();
  });
}

void get_templates(request_actor& self) {
  with_live_caller(self, [&self] { answer_templates(self); });
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
