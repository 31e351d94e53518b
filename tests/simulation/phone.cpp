#include "tests/simulation/phone.hpp"

#include "messages/login.hpp"

#include <functional>
#include <utility>

namespace weappd::simulation {
namespace {

const app_key mini_program{"demo"};
const std::chrono::seconds reuse_window{auth_options{}.refresh_reuse_window_s};

} // namespace

void phone::act() {
  if (!login_)
    return stage_.chance(600) ? log_in() : follow();
  const auto what = stage_.draw(100);
  if (what < 20)
    return refresh();
  if (what < 50)
    return look_at_profile();
  if (what < 56)
    return log_out(stage_.chance(300));
  if (what < 62)
    return log_in();
  if (what < 63)
    return be_locked(true);
  if (what < 70)
    return be_locked(false);
  if (what < 72)
    return follow();
  tap();
}

// -- sessions

void phone::log_in() {
  stage_.ask_limiter(client(), "login", static_cast<std::uint64_t>(number_), [this] {
    if (!code_.empty() && stage_.chance(200)) // as if the answer had been lost
      return send_code(code_);
    code_ = stage_.chance(30) ? "made-up" : stage_.wechat.issue_code(mini_program, number_);
    const auto code = code_;
    send_code(code);
    if (stage_.chance(150)) // a double tap
      send_code(code);
  });
}

void phone::send_code(const std::string& code) {
  const bool was_over = stage_.owners.is_over(code);
  // The desk of a code is always the same one; which, the real server decides by its hash.
  const auto desk = stage_.server().directory().logins.pick(std::hash<std::string>{}(code));
  stage_.ask<token_grant>(client(), me() + " logs in with " + code, desk,
                          login{.app = mini_program, .code = secret(code), .device = {}},
                          [this, code, was_over](caf::expected<token_grant>& grant) {
                            if (!grant)
                              return;
                            const auto person = openid_text(mini_program, number_);
                            stage_.count("logins");
                            stage_.owners.granted(grant->session, grant->user->id, person, code);
                            stage_.owners.served(grant->session, grant->user->id, was_over);
                            stage_.users[person] = grant->user->id;
                            login_ = logged_in{grant->user->id, grant->session, grant->refresh_token};
                          });
}

void phone::refresh() {
  const auto with = *login_;
  send_refresh(with);
  if (stage_.chance(200)) // two tabs of one program
    send_refresh(with);
}

void phone::send_refresh(const logged_in& with) {
  stage_.ask<token_grant>(
      client(), me() + " refreshes", stage_.server().directory().router_of(with.user),
      refresh_session{.user = with.user, .session = with.session, .refresh_token = with.refresh_token},
      [this, with](caf::expected<token_grant>& grant) {
        const bool is_current = login_ && login_->session == with.session;
        if (!grant) {
          if (is_current && code_of(grant.error()) == ec::invalid_refresh_token)
            login_.reset();
          return;
        }
        stage_.count("refreshes");
        stage_.owners.granted(grant->session, grant->user->id, openid_text(mini_program, number_), {});
        const auto& next = grant->refresh_token.reveal();
        const auto [known, is_new] = successors_.emplace(with.refresh_token.reveal(), next);
        if (!is_new && known->second != next)
          stage_.found.violation("session_owners", "a refresh token has two successors");
        if (is_current)
          login_->refresh_token = grant->refresh_token;
        lose_or_be_robbed(with);
      });
}

/// Whoever has an old token uses it just when its owner has refreshed, which is when it is hardest to tell
/// from a request that was slow.
void phone::lose_or_be_robbed(const logged_in& replaced) {
  if (!lost_) {
    if (stage_.chance(300))
      lost_ = lost_token{replaced, stage_.now()};
  } else if (stage_.now() - lost_->since > reuse_window) {
    be_robbed();
  }
}

void phone::be_robbed() {
  const auto with = std::exchange(lost_, std::nullopt)->was;
  stage_.ask<token_grant>(
      client(), "a thief refreshes for " + me(), stage_.server().directory().router_of(with.user),
      refresh_session{.user = with.user, .session = with.session, .refresh_token = with.refresh_token},
      [this, with](caf::expected<token_grant>& grant) {
        if (grant)
          return stage_.found.violation("session_owners", "a thief was given a session");
        if (code_of(grant.error()) != ec::invalid_refresh_token)
          return;
        stage_.count("thefts");
        stage_.owners.revoked(with.session);
      });
}

void phone::look_at_profile() {
  const auto with = *login_;
  stage_.ask_limiter(client(), "per_user", static_cast<std::uint64_t>(number_), [this, with] {
    const bool was_revoked = stage_.owners.is_revoked(with.session);
    stage_.ask<profile>(client(), me() + " looks at the profile",
                        stage_.server().directory().router_of(with.user),
                        get_profile{caller{with.user, with.session}},
                        [this, with, was_revoked](caf::expected<profile>& answer) {
                          if (answer)
                            return stage_.owners.served(with.session, answer->user->id, was_revoked);
                          if (login_ && login_->session == with.session &&
                              code_of(answer.error()) == ec::invalid_access_token)
                            login_.reset();
                        });
  });
}

void phone::log_out(bool everywhere) {
  const auto with = *login_;
  stage_.ask<done>(client(), me() + (everywhere ? " logs out everywhere" : " logs out"),
                   stage_.server().directory().router_of(with.user),
                   logout{.who = {with.user, with.session}, .everywhere = everywhere},
                   [this, with](caf::expected<done>& answer) {
                     // It goes on with the token that is void now: nobody must be shown anything for it.
                     if (answer)
                       stage_.owners.revoked(with.session);
                   });
}

void phone::be_locked(bool locked) {
  stage_.ask<done>(client(), me() + (locked ? " is locked" : " is unlocked"),
                   stage_.server().directory().router_of(login_->user),
                   set_user_status{login_->user, locked ? user_status::locked : user_status::active},
                   [](caf::expected<done>&) {});
}

// -- consents

void phone::follow() {
  stage_.wechat.set_following(number_, stage_.chance(700));
}

void phone::tap() {
  const bool long_term = stage_.chance(300);
  const bool accepts = stage_.chance(850);
  stage_.wechat.answer_consent(number_, long_term ? "tmpl-ticket-ready" : "tmpl-order-paid", long_term,
                               accepts);
  stage_.note(me() + (accepts ? " accepts" : " rejects"));
  if (stage_.chance(850)) { // the others are never reported
    const auto tapped = std::make_shared<report>();
    const auto key = std::to_string(number_) + '-' + std::to_string(++reports_);
    tapped->wanted.user = login_->user;
    tapped->wanted.answers = {{.template_name = long_term ? "custom:ticket_ready" : "custom:order_paid",
                               .need = long_term ? consent_need::long_term : consent_need::one_time,
                               .answer = accepts ? consent_answer::accept : consent_answer::reject}};
    tapped->wanted.once = duplicate_guard{"report", key, stage_.now() + std::chrono::hours(24)};
    unreported_.push_back(tapped);
  }
  if (unreported_.empty())
    return;
  const auto next = unreported_.front();
  unreported_.pop_front();
  stage_.ask_limiter(client(), "reports", static_cast<std::uint64_t>(number_),
                     [this, next] { report_tap(next); });
}

void phone::report_tap(const std::shared_ptr<report>& tapped) {
  ++tapped->tries;
  tapped->wanted.at = stage_.now();
  const std::pair key(tapped->wanted.user, tapped->wanted.answers.front().template_name);
  stage_.reported[key] = stage_.now();
  stage_.ask<consent_balances>(client(), me() + " reports a consent",
                               stage_.server().directory().store_writer.get(), tapped->wanted,
                               [this, tapped, key](caf::expected<consent_balances>& answer) {
                                 stage_.reported[key] = stage_.now();
                                 if (!answer && tapped->tries < 3)
                                   unreported_.push_back(tapped);
                               });
}

} // namespace weappd::simulation
