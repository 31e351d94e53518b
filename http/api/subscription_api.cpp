#include "http/api/body.hpp"
#include "http/api/draft.hpp"
#include "http/api/push_codec.hpp"
#include "http/api/routes.hpp"

namespace weappd::http {
namespace {

constexpr std::size_t most_templates = 16;

using results = std::vector<record_consents::item>;

/// What wx.requestSubscribeMessage may say of a template. With sound or as an alert it is an accept like any
/// other.
std::optional<consent_answer> parse_result(std::string_view text) {
  if (text == "acceptWithAudio" || text == "acceptWithAlert")
    return consent_answer::accept;
  return parse_consent_answer(text);
}

results read_results(json::object_reader& body) {
  results found;
  body.required_members("results", most_templates, [&](const std::string& name, const json::document& value) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr)
      return json::words::wrong_type;
    const auto answer = parse_result(*text);
    if (!answer)
      return json::words::unknown_value;
    found.push_back({.template_name = name, .answer = *answer});
    return std::string_view{};
  });
  return found;
}

/// Says what each template needs; false if one is no subscribe template of ours.
bool find_needs(request_actor& self, results& answers) {
  for (auto& one : answers) {
    const auto* form = find_template(self, one.template_name);
    if (form == nullptr || form->kind != template_kind::subscribe)
      return false;
    one.need = form->life == template_life::long_term ? consent_need::long_term : consent_need::one_time;
  }
  return true;
}

void post_subscriptions(request_actor& self) {
  auto answers = read_body(self, read_results, ec::invalid_message);
  if (!answers)
    return;
  if (!find_needs(self, *answers))
    return self.fail(ec::template_not_found);
  record_consents report;
  report.user = self.context().who.user;
  report.source = consent_source::client;
  report.at = self.server().clock.now();
  report.answers = std::move(*answers);
  report.once = self.guard(report.at);
  self.with_live_caller([&self, report = std::move(report)] {
    self.ask(self.parts().store_writer.get(), report, [&self](const consent_balances& balances) {
      self.succeed(200, [&](json::writer& data) { write_balances(data, balances); });
    });
  });
}

} // namespace

std::vector<route> subscription_routes() {
  return {{.name = "subscriptions.report",
           .verb = method::post,
           .pattern = "/api/v1/subscriptions",
           .allowed = access::client,
           .body = body_kind::json,
           .handle = post_subscriptions}};
}

} // namespace weappd::http
