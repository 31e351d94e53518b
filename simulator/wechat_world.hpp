#pragma once

#include "config/crypto/random.hpp"
#include "simulator/app.hpp"
#include "simulator/bounded_map.hpp"
#include "simulator/errors.hpp"
#include "simulator/followers.hpp"
#include "simulator/time.hpp"
#include "simulator/token_vault.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weappd::simulator {

/// Who is who: apps, users, followers, login codes, session keys, access tokens. A state machine without
/// sockets: time comes with each call, randomness is handed in. Not safe to use from two threads at once.
class wechat_world {
public:
  static constexpr std::chrono::seconds code_life{300};
  /// A login mints a new session_key only if the user's key is at least this old. WeChat has such a minimum
  /// period but does not publish its length; this one is ours.
  static constexpr std::chrono::seconds session_key_rotation{300};
  static constexpr std::size_t max_codes = 200'000; ///< the oldest is forgotten first and becomes bad_code
  static constexpr std::size_t max_users =
      500'000; ///< the oldest is forgotten first, with its unionid and key

  struct login_code {
    std::string code;
    std::string openid;
  };
  struct session {
    std::string openid;
    std::string session_key; ///< base64 of 16 bytes: 24 characters; empty for an official account
    std::optional<std::string> unionid;
  };

  /// `random` must outlive the world. There must be at least one app.
  wechat_world(std::vector<app> apps, crypto::random_source& random);

  /// What `wx.login` does on the phone of this user: a fresh code, and a new session_key if the old one is
  /// due. Without an openid: a new user; at an official account, the one who has the unionid. A unionid is
  /// remembered for the user. A user of a mini program who has one joins each official account, and is a
  /// follower there unless set_follows says otherwise. Without an app: the first one. Nothing if there is no
  /// such app.
  std::optional<login_code> make_code(moment now, std::optional<std::string_view> app_id,
                                      std::optional<std::string> openid,
                                      const std::optional<std::string>& unionid);

  /// sns/jscode2session for a mini program, sns/oauth2/access_token for an official account. Errors:
  /// bad_app_id (also of the other kind), bad_secret, bad_code, code_used.
  std::variant<session, errcode> exchange(moment now, app_kind kind, std::string_view app_id,
                                          std::string_view app_secret, std::string_view code);

  /// cgi-bin/token. Errors: bad_app_id, bad_secret.
  std::variant<token_answer, errcode> classic_token(moment now, std::string_view app_id,
                                                    std::string_view app_secret);

  /// cgi-bin/stable_token. Errors: bad_app_id, bad_secret, day_limit (forced refreshes).
  std::variant<token_answer, errcode> stable_token(moment now, std::string_view app_id,
                                                   std::string_view app_secret, bool force_refresh);

  /// What every business endpoint asks first: whose token this is. Errors: token_missing (empty),
  /// token_malformed, and token_invalid or token_expired, as token_vault::check.
  [[nodiscard]] std::variant<const app*, errcode> app_of_token(moment now, std::string_view token) const;

  /// In the order in which they were given; valid as long as the world is.
  [[nodiscard]] std::vector<const app*> apps() const;
  /// Null if there is no such app.
  [[nodiscard]] const app* find_known(std::string_view app_id) const;

  /// Whether the app, of either kind, has such a user.
  [[nodiscard]] bool has_user(const app& of, const std::string& openid);
  /// Makes the user of a mini program if there is none.
  void add_user(moment now, const app& of, const std::string& openid);
  /// Those of an official account.
  [[nodiscard]] followers& followers_of(const app& official_account);

  /// Ends every working token of the app, or of all apps. Answers how many; nothing if there is no such app.
  std::optional<std::size_t> expire_tokens(moment now, std::optional<std::string_view> app_id);

  /// A request id as it ends each errmsg: three groups of eight hexadecimal digits, the first one the time.
  [[nodiscard]] std::string make_rid(moment now) const;

private:
  struct app_state {
    explicit app_state(app known) : identity(std::move(known)), people(identity.app_id) {}
    app identity;
    token_vault tokens;
    followers people; ///< of an official account
  };
  struct code_state {
    const app_state* owner = nullptr;
    std::string openid;
    moment expires_at;
    bool used = false;
  };
  struct user_state {
    std::optional<std::string> unionid;
    std::string session_key;
    moment key_made_at;
  };

  app_state* find_app(std::string_view app_id);
  std::string new_openid();
  std::string log_in(moment now, const app& mini_program, std::optional<std::string> openid,
                     const std::optional<std::string>& unionid);
  std::string join_official_account(app_state& owner, std::optional<std::string> openid,
                                    const std::optional<std::string>& unionid);
  /// The app, or why its credentials are refused.
  std::variant<app_state*, errcode> authenticate(std::string_view app_id, std::string_view app_secret);
  user_state& user_of(const app& owner, const std::string& openid, moment now);

  crypto::random_source* random_;
  std::vector<app_state> apps_; // never changes its size: codes point into it
  bounded_map<code_state> codes_{max_codes};
  bounded_map<user_state> users_{max_users}; // by app id and openid
};

} // namespace weappd::simulator
