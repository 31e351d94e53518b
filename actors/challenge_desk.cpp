#include "actors/challenge_desk.hpp"

#include "messages/bans.hpp"
#include "messages/error.hpp"
#include "messages/meter/metered_actor.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace weappd {
namespace {

using challenge_desk_ptr = challenge_desk_self::stateful_pointer<challenge_desk_state>;
using namespace std::chrono_literals;
using verdict_of_login = login_admission::verdict;

challenge_memory& memory(const challenge_desk_state& state) {
  return *state.services->challenges;
}

std::chrono::nanoseconds now_of(challenge_desk_ptr self) {
  return self->clock().now().time_since_epoch();
}

/// Another thread may have changed the options. What was counted and what was used stays.
const challenge_options& rules_of(challenge_desk_state& state) {
  const auto& book = state.services->challenge.rules;
  if (const auto version = book.version(); version != state.rules_version) {
    state.rules_version = version;
    state.rules = book.get();
  }
  return *state.rules;
}

std::uint32_t bits_for(const challenge_options& rules, std::uint32_t further) {
  return rules.bits + std::min(further, std::max(rules.max_bits, rules.bits) - rules.bits);
}

// -- answers

challenge_offer offer_to(challenge_desk_ptr self, const rate_key& who) {
  const auto& rules = rules_of(self->state);
  if (rules.kind == challenge_kind::captcha)
    return captcha_offer{rules.captcha.site_key};
  const auto now = now_of(self);
  const auto bits = bits_for(rules, memory(self->state).failures.further(who, now).value_or(0));
  const std::chrono::seconds validity(rules.validity_s);
  return proof_of_work_offer{.challenge = memory(self->state).work.make(who, bits, now, validity),
                             .difficulty = bits,
                             .expires_in = validity};
}

/// For the log and the figures the reason; for the client only whether it may go on.
void note(challenge_desk_ptr self, const rate_key& who, challenge_outcome how) {
  const auto& services = *self->state.services;
  services.challenge.figures.ended(how);
  switch (how) {
  case challenge_outcome::asked: // nothing has failed yet
  case challenge_outcome::passed:
  case challenge_outcome::repeated:
    return;
  default:
    services.events.write(event_level::info, "challenge.failed",
                          {{"address", address_text(who)}, {"reason", std::string(to_string(how))}});
  }
}

login_admission admitted(challenge_desk_ptr self, const rate_key& who, challenge_outcome how,
                         bool asked_outside = false) {
  note(self, who, how);
  return {.asked_outside = asked_outside, .offer = {}};
}

login_admission refused(challenge_desk_ptr self, const rate_key& who, challenge_outcome how,
                        bool asked_outside = false) {
  note(self, who, how);
  const bool unclear = how == challenge_outcome::unclear;
  return {.said = unclear ? verdict_of_login::unclear : verdict_of_login::must_solve,
          .asked_outside = asked_outside,
          .offer = offer_to(self, who)};
}

/// Of a solution that was used; nothing: it was not.
std::optional<login_admission> judge_use(challenge_desk_ptr self, const rate_key& who,
                                         const crypto::digest& solution, const crypto::digest& attempt) {
  const auto* use = memory(self->state).used.use_of(solution, now_of(self));
  if (use == nullptr)
    return std::nullopt;
  return *use == attempt ? admitted(self, who, challenge_outcome::repeated)
                         : refused(self, who, challenge_outcome::replayed);
}

// -- proof of work

login_admission judge_work(challenge_desk_ptr self, const admit_login& wanted, std::uint32_t further) {
  auto& state = self->state;
  const auto& rules = rules_of(state);
  auto& known = memory(state);
  const auto found = known.work.check(wanted.challenge, wanted.solution.reveal(), wanted.who,
                                      bits_for(rules, further), now_of(self));
  const bool outgrown = found.what == challenge_outcome::outgrown;
  if (found.what != challenge_outcome::passed && !outgrown)
    return refused(self, wanted.who, found.what);
  const auto attempt = known.mac(wanted.attempt.reveal());
  if (auto used = judge_use(self, wanted.who, found.id, attempt)) // it was enough when it was used
    return *std::move(used);
  if (outgrown)
    return refused(self, wanted.who, found.what);
  if (known.used.may_be_forgotten(found.begins))
    return refused(self, wanted.who, challenge_outcome::expired);
  known.used.add(found.id, attempt, found.begins, found.ends, rules.max_used);
  return admitted(self, wanted.who, challenge_outcome::passed);
}

// -- CAPTCHA

/// As long as a client may come back with it, and as long as the request that it belongs to may last.
std::chrono::milliseconds time_to_know(const challenge_desk_state& state) {
  return std::max<std::chrono::milliseconds>(std::chrono::seconds(state.rules->validity_s),
                                             patience(*state.services));
}

void tell_unclear(challenge_desk_ptr self, const std::string& why) {
  auto& state = self->state;
  const auto now = self->clock().now();
  state.unclear_since = now;
  if (state.told_unclear && now - *state.told_unclear < unclear_pace)
    return;
  state.told_unclear = now;
  state.services->events.write(event_level::warn, "challenge.unclear", {{"reason", why}});
}

void on_judged(challenge_desk_ptr self, const crypto::digest& response, const captcha_judgement& said) {
  auto& state = self->state;
  const auto found = state.judging.find(response);
  if (found == state.judging.end())
    return;
  const auto login = std::move(found->second);
  state.judging.erase(found);
  if (said.verdict == captcha_verdict::passed)
    memory(state).used.add(response, login.attempt, now_of(self), now_of(self) + time_to_know(state),
                           rules_of(state).max_used);
  else if (said.verdict == captcha_verdict::unclear)
    tell_unclear(self, said.detail);
  bool first = true;
  for (const auto& waiter : login.waiters) {
    switch (said.verdict) {
    case captcha_verdict::passed:
      waiter.deliver(
          admitted(self, login.who, first ? challenge_outcome::passed : challenge_outcome::repeated, true));
      break;
    case captcha_verdict::refused:
      waiter.deliver(refused(self, login.who, challenge_outcome::refused, true));
      break;
    case captcha_verdict::unclear:
      waiter.deliver(refused(self, login.who, challenge_outcome::unclear, true));
    }
    first = false;
  }
}

caf::result<login_admission> join(challenge_desk_ptr self, judged_login& under_way, const rate_key& who,
                                  const crypto::digest& attempt) {
  if (under_way.attempt != attempt || under_way.who != who)
    return refused(self, who, challenge_outcome::replayed);
  if (under_way.waiters.size() >= max_waiters_per_judgement)
    return refuse_as_full(*self, ec::overloaded, "this login is being judged");
  under_way.waiters.emplace_back(self->make_response_promise<login_admission>());
  return under_way.waiters.back().get();
}

caf::result<login_admission> judge_captcha(challenge_desk_ptr self, admit_login& wanted) {
  auto& state = self->state;
  auto& known = memory(state);
  const auto response = known.mac("captcha ", wanted.solution.reveal());
  const auto attempt = known.mac(wanted.attempt.reveal());
  if (auto used = judge_use(self, wanted.who, response, attempt))
    return *std::move(used);
  if (const auto under_way = state.judging.find(response); under_way != state.judging.end())
    return join(self, under_way->second, wanted.who, attempt);
  if (state.judging.size() >= max_judged_logins)
    return refuse_as_full(*self, ec::overloaded, "too many logins are being judged");
  const auto verifier = state.services->peers->captcha_verifier.get();
  if (!verifier)
    return refused(self, wanted.who, challenge_outcome::unclear);
  auto& login = state.judging[response];
  login.attempt = attempt;
  login.who = wanted.who;
  login.waiters.emplace_back(self->make_response_promise<login_admission>());
  const auto promise = login.waiters.back();
  self->request(verifier, patience(*state.services),
                verify_captcha{.response = std::move(wanted.solution), .address = std::move(wanted.address)})
      .then([self, response](const captcha_judgement& said) { on_judged(self, response, said); },
            [self, response](const caf::error& failure) {
              on_judged(self, response,
                        {.verdict = captcha_verdict::unclear,
                         .detail = std::string(describe(code_of(failure)).name)});
            });
  return promise.get();
}

// -- the messages

caf::result<login_admission> admit(challenge_desk_ptr self, admit_login& wanted) {
  auto& state = self->state;
  const auto& rules = rules_of(state);
  const auto further = memory(state).failures.further(wanted.who, now_of(self));
  if (rules.kind == challenge_kind::off || !further)
    return login_admission{};
  if (wanted.solution.empty())
    return refused(self, wanted.who, challenge_outcome::asked);
  if (rules.kind == challenge_kind::captcha)
    return judge_captcha(self, wanted);
  return judge_work(self, wanted, *further);
}

/// Notes that this login is counted from now on; false: it was before. A login that is sent again gets the
/// same answer, because the login desk remembers it, or because its secret is as right or wrong as before:
/// neither is one more guess, or one more success.
bool note_first_end(challenge_desk_ptr self, const login_ended& end) {
  auto& known = memory(self->state);
  const auto& rules = rules_of(self->state);
  const auto login = known.mac("end " + address_text(end.who) + ' ', end.attempt.reveal());
  const auto now = now_of(self);
  if (known.counted.use_of(login, now) != nullptr)
    return false;
  const auto memory_s = std::max(rules.window_s, self->state.services->config.auth.code_memory_s);
  known.counted.add(login, login, now, now + std::chrono::seconds(memory_s), rules.max_used);
  return true;
}

void take_end(challenge_desk_ptr self, const login_ended& end) {
  auto& state = self->state;
  const auto& rules = rules_of(state);
  if (rules.kind == challenge_kind::off)
    return;
  auto& failures = memory(state).failures;
  if (end.succeeded && !failures.knows(end.who))
    return; // nothing to take back, and nothing to remember for everybody who logs in
  if (!note_first_end(self, end))
    return;
  if (end.succeeded)
    failures.succeeded(end.who, now_of(self), rules);
  else if (failures.failed(end.who, now_of(self), rules))
    state.services->events.write(
        event_level::warn, "challenge.begun",
        {{"address", address_text(end.who)}, {"failed_logins", std::to_string(rules.failed_logins)}});
}

void forget(challenge_desk_ptr self) {
  auto& state = self->state;
  auto& known = memory(state);
  known.failures.tidy(now_of(self), rules_of(state));
  known.used.tidy(now_of(self));
  known.counted.tidy(now_of(self));
  state.services->challenge.figures.watched(known.failures.size());
  self->delayed_send(self, forget_challenges_interval, tick_forget_challenges{});
}

status_report report(challenge_desk_ptr self) {
  const auto& state = self->state;
  if (state.unclear_since && self->clock().now() - *state.unclear_since < 1min)
    return {.state = health::degraded, .detail = "the CAPTCHA service did not judge"};
  return {.state = health::ok,
          .detail = std::to_string(memory(state).failures.size()) + " addresses with failed logins"};
}

} // namespace

challenge_desk_self::behavior_type challenge_desk(challenge_desk_ptr self, services_ptr services) {
  self->state.services = std::move(services);
  self->send(self, tick_forget_challenges{});
  return {
      [self](get_status) { return report(self); },
      [self](admit_login& wanted) { return admit(self, wanted); },
      [self](const login_ended& end) { take_end(self, end); },
      [self](tick_forget_challenges) { forget(self); },
  };
}

} // namespace weappd
