#include "http/captcha/siteverify.hpp"

#include "http/json/strict_json.hpp"
#include "http/wechat/endpoints.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>

namespace weappd {
namespace {

/// Codes that say: this response is none, or none of this site.
constexpr std::array<std::string_view, 2> faults_of_response{"invalid-input-response",
                                                             "missing-input-response"};
/// Codes that we know and that are no fault of the response. Only known ones get into the log.
constexpr std::array<std::string_view, 12> faults_of_others{"missing-input-secret",
                                                            "invalid-input-secret",
                                                            "bad-request",
                                                            "internal-error",
                                                            "timeout-or-duplicate",
                                                            "expired-input-response",
                                                            "already-seen-response",
                                                            "invalid-or-already-seen-response",
                                                            "sitekey-secret-mismatch",
                                                            "not-using-dummy-passcode",
                                                            "invalid-remoteip",
                                                            "missing-remoteip"};

captcha_judgement unclear(std::string why) {
  return {.verdict = captcha_verdict::unclear, .detail = std::move(why)};
}

bool is_fault_of_response(std::string_view code) {
  return std::ranges::find(faults_of_response, code) != faults_of_response.end();
}

captcha_judgement judge_refusal(const json::document& answer) {
  const auto codes = answer.find("error-codes");
  if (codes == answer.end())
    return {.verdict = captcha_verdict::refused, .detail = "refused"};
  if (!codes->is_array())
    return unclear("error-codes is no list");
  for (const auto& code : *codes) {
    if (!code.is_string())
      return unclear("an error code is no text");
    const auto& text = code.get_ref<const std::string&>();
    if (is_fault_of_response(text))
      continue;
    const auto known = std::ranges::find(faults_of_others, text);
    return unclear(known == faults_of_others.end() ? "an error code that is not known" : std::string(*known));
  }
  return {.verdict = captcha_verdict::refused, .detail = "refused"};
}

} // namespace

http_call siteverify_call(const captcha_options& service, const verify_captcha& asked) {
  std::string form = "secret=" + percent_encode(service.service_secret.reveal()) +
                     "&response=" + percent_encode(asked.response.reveal());
  if (!asked.address.empty())
    form += "&remoteip=" + percent_encode(asked.address);
  http_call call;
  call.method = http_method::post;
  call.url = secret(service.url);
  call.body = secret(std::move(form));
  call.connect_timeout = std::chrono::milliseconds(service.timeout_ms);
  call.total_timeout = std::chrono::milliseconds(service.timeout_ms);
  call.repeatable = false;
  return call;
}

captcha_judgement judge_siteverify(const http_outcome& outcome) {
  if (outcome.failure != http_failure::none)
    return unclear("no answer: " + std::string(to_string(outcome.failure)));
  if (outcome.status != 200)
    return unclear("status " + std::to_string(outcome.status));
  const auto parsed = json::parse(outcome.body.reveal());
  const auto* answer = std::get_if<json::document>(&parsed);
  if (answer == nullptr)
    return unclear("the answer is no JSON object");
  const auto success = answer->find("success");
  if (success == answer->end() || !success->is_boolean())
    return unclear("the answer does not say success");
  if (answer->contains("score")) // whom to let in would be for us to say: http/captcha/siteverify.hpp
    return unclear("the answer is a score, not a judgement");
  if (success->get<bool>())
    return {.verdict = captcha_verdict::passed, .detail = {}};
  return judge_refusal(*answer);
}

} // namespace weappd
