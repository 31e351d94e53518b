#include "http/captcha/captcha_verifier.hpp"

#include "http/captcha/siteverify.hpp"
#include "messages/meter/metered_actor.hpp"

#include <caf/send.hpp>

#include <string>
#include <utility>

namespace weappd {
namespace {

captcha_judgement not_judged(std::string why) {
  return {.verdict = captcha_verdict::unclear, .detail = std::move(why)};
}

} // namespace

captcha_verifier_state::~captcha_verifier_state() {
  for (auto& [key, open] : calls_)
    open.answer.deliver(not_judged("the verifier stopped"));
}

void captcha_verifier_state::init(captcha_verifier_self::pointer self,
                                  const option_book<challenge_options>& rules,
                                  std::shared_ptr<http_client> client) {
  self_ = self;
  rules_ = &rules;
  client_ = std::move(client);
}

caf::result<captcha_judgement> captcha_verifier_state::verify(const verify_captcha& asked) {
  const auto rules = rules_->get();
  if (rules->captcha.url.empty()) // turned off while the question was on its way
    return not_judged("no service is configured");
  const auto permit = circuit_.ask(self_->clock().now());
  if (!permit.granted)
    return not_judged("circuit open");
  const auto key = ++last_key_;
  auto done = [me = captcha_verifier_self(self_), key](http_outcome outcome) {
    caf::anon_send(me, siteverify_ended{key, std::move(outcome)});
  };
  if (!client_->start(siteverify_call(rules->captcha, asked), std::move(done))) {
    circuit_.abandoned(permit);
    note_shed(*self_);
    return not_judged("too many calls are waiting");
  }
  auto answer = self_->make_response_promise<captcha_judgement>();
  calls_.emplace(key, open_call{answer, permit});
  return answer;
}

void captcha_verifier_state::ended(std::uint64_t key, const http_outcome& outcome) {
  const auto at = calls_.find(key);
  if (at == calls_.end())
    return;
  auto judged = judge_siteverify(outcome);
  if (outcome.failure == http_failure::none && outcome.status < 500)
    circuit_.succeeded(at->second.permit); // it is there, whatever it says of one response
  else
    circuit_.failed(at->second.permit, self_->clock().now());
  at->second.answer.deliver(std::move(judged));
  calls_.erase(at);
}

status_report captcha_verifier_state::status() const {
  if (circuit_.closed())
    return {};
  return {health::degraded, "the CAPTCHA service cannot be reached: circuit open"};
}

captcha_verifier_self::behavior_type
captcha_verifier(captcha_verifier_self::stateful_pointer<captcha_verifier_state> self,
                 const option_book<challenge_options>* rules, std::shared_ptr<http_client> client) {
  self->state.init(self, *rules, std::move(client));
  return {
      [self](get_status) { return self->state.status(); },
      [self](const verify_captcha& asked) { return self->state.verify(asked); },
      [self](const siteverify_ended& end) { self->state.ended(end.key, end.outcome); },
  };
}

captcha_verifier_actor spawn_captcha_verifier(caf::actor_system& system,
                                              const option_book<challenge_options>& rules,
                                              std::shared_ptr<http_client> client) {
  return spawn_metered(system, captcha_verifier, &rules, std::move(client));
}

} // namespace weappd
