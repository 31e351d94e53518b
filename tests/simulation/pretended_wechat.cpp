#include "tests/simulation/pretended_wechat.hpp"

#include "messages/error.hpp"
#include "tests/kit/actors/fakes.hpp"

#include <algorithm>

namespace weappd::simulation {
namespace {

using namespace std::chrono_literals;

const app_key official_account{"demo_oa"};

/// Not two hours: with the usual margin of ten minutes it is then refreshed several times in a storm.
constexpr auto token_life = 10min + 20s;

unionid unionid_of(int number) {
  return unionid("u-" + std::to_string(number));
}

send_result without_answer(send_result::outcome what) {
  send_result result;
  result.what = what;
  return result;
}

/// The limit of a minute, told with the wait.
send_result too_many() {
  auto result = send_refused(45011, handling::retry_backoff, fail_reason::none, send_scope::api);
  result.wait = 5s;
  return result;
}

} // namespace

std::string openid_text(const app_key& app, int number) {
  return (app == official_account ? "oa-" : "o-") + std::to_string(number);
}

std::string pretended_wechat::issue_code(const app_key& app, int number) {
  auto code = app.value + "-code-" + std::to_string(++codes_);
  open_codes_.emplace(code, number);
  return code;
}

void pretended_wechat::answer_consent(int number, const std::string& template_id, bool long_term,
                                      bool accepts) {
  const std::pair key(openid_text({"demo"}, number), template_id);
  if (long_term && accepts)
    long_term_.insert(key);
  else if (long_term)
    long_term_.erase(key);
  else if (accepts)
    ++credits_[key];
}

void pretended_wechat::set_following(int number, bool follows) {
  if (follows)
    followers_.insert(number);
  else
    followers_.erase(number);
}

std::chrono::milliseconds pretended_wechat::latency() {
  const auto slow = storms_ && draw(20) == 0;
  return std::chrono::milliseconds(1 + draw(slow ? 2'000 : 150));
}

caf::expected<code_exchanged> pretended_wechat::exchange(const exchange_code& call) {
  if (cut_off_ || (storms_ && draw(20) == 0))
    return make_error(ec::wechat_unavailable);
  const auto found = open_codes_.find(call.code.reveal());
  if (found == open_codes_.end() || !found->first.starts_with(call.app.value + '-'))
    return make_error(ec::invalid_code, "40163");
  const auto number = found->second;
  open_codes_.erase(found);
  if (storms_ && draw(30) == 0)
    return make_error(ec::wechat_timeout); // the code is spent, and nobody heard for whom
  return identity_of(openid_text(call.app, number), unionid_of(number).reveal());
}

caf::expected<access_token_fetched> pretended_wechat::fetch(const fetch_access_token& call, timestamp now) {
  if (cut_off_ || (storms_ && draw(8) == 0))
    return make_error(draw(8) == 0 ? ec::wechat_misconfigured : ec::wechat_unavailable);
  auto& held = tokens_[call.app];
  if (held.ends - now < 5min) {
    held.text = call.app.value + "-token-" + std::to_string(++held.made);
    held.ends = now + token_life;
  }
  return access_token_fetched{secret(held.text), std::chrono::floor<std::chrono::seconds>(held.ends - now)};
}

bool pretended_wechat::takes(const app_key& app, const secret& text, timestamp now) const {
  const auto held = tokens_.find(app);
  return held != tokens_.end() && held->second.text == text.reveal() && now < held->second.ends;
}

send_result pretended_wechat::deliver(const send_to_user& call) {
  const auto id = parse_message_id(call.data.front().second);
  on_delivery_({id.value_or(message_id{}), call.to.reveal(), call.template_id});
  return send_accepted(std::to_string(++sends_));
}

send_result pretended_wechat::judge(const send_to_user& call, timestamp now) {
  if (!takes(call.app, call.access_token, now))
    return send_refused(40001, handling::refresh_token_and_retry, fail_reason::no_permission,
                        send_scope::api);
  const std::pair key(call.to.reveal(), call.template_id);
  if (!call.client_msg_id.empty()) {
    if (!followers_.contains(std::stoi(call.to.reveal().substr(3))))
      return send_refused(43004, handling::stop_mark_user, fail_reason::not_following, send_scope::user);
    const auto before = taken_.find(call.client_msg_id);
    if (before != taken_.end() && now - before->second < 10min)
      return send_accepted(std::to_string(sends_)); // it remembers, and shows nothing twice
    taken_[call.client_msg_id] = now;
    return deliver(call);
  }
  const auto credit = credits_.find(key);
  if (credit != credits_.end() && credit->second > 0)
    --credit->second;
  else if (!long_term_.contains(key))
    return send_refused(43101, handling::stop_mark_user, fail_reason::not_subscribed,
                        send_scope::user_template);
  return deliver(call);
}

send_result pretended_wechat::send(const send_to_user& call, timestamp now) {
  if (cut_off_)
    return without_answer(send_result::outcome::unreached);
  const auto fate = storms_ ? draw(1'000) : 999;
  if (fate < 30)
    return without_answer(send_result::outcome::unreached);
  if (fate < 50)
    return without_answer(send_result::outcome::unknown);
  if (fate < 110) {
    judge(call, now);
    return without_answer(send_result::outcome::unknown);
  }
  if (fate < 140)
    return send_refused(-1, handling::retry_backoff);
  if (fate < 146)
    return too_many();
  if (fate < 152)
    return send_refused(47003, handling::stop_bad_request, fail_reason::bad_data);
  if (fate < 156)
    return send_refused(40037, handling::stop_config_alert, fail_reason::template_unusable,
                        send_scope::template_);
  return judge(call, now);
}

caf::expected<templates_fetched> pretended_wechat::templates(const fetch_templates& call, timestamp now) {
  if (cut_off_ || !takes(call.app, call.access_token, now))
    return make_error(ec::token_rejected);
  return templates_fetched{
      .items = {{.id = "tmpl-order-paid",
                 .long_term = false,
                 .fields = {"character_string1", "amount2", "time3", "thing4"}},
                {.id = "tmpl-ticket-ready", .long_term = true, .fields = {"thing1", "date2"}}}};
}

caf::expected<followers_listed> pretended_wechat::list(const list_followers& call, timestamp now) {
  if (cut_off_ || !takes(call.app, call.access_token, now))
    return make_error(ec::token_rejected);
  followers_listed page{.who = {}, .total = followers_.size()};
  for (const auto number : followers_)
    page.who.emplace_back(openid_text(call.app, number));
  std::ranges::sort(page.who);
  std::erase_if(page.who, [&](const openid& who) { return !(call.after < who); });
  return page;
}

caf::expected<followers_described> pretended_wechat::describe(const describe_followers& call, timestamp now) {
  if (cut_off_ || !takes(call.app, call.access_token, now))
    return make_error(ec::token_rejected);
  followers_described out;
  for (const auto& who : call.who) {
    const auto number = std::stoi(who.reveal().substr(3));
    if (!followers_.contains(number))
      return make_error(ec::not_found, "40003");
    out.items.push_back({who, unionid_of(number)});
  }
  return out;
}

} // namespace weappd::simulation
