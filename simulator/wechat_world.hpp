#pragma once

#include "config/crypto/random.hpp"
#include "config/secret.hpp"
#include "simulator/bounded_map.hpp"
#include "simulator/errors.hpp"
#include "simulator/time.hpp"
#include "simulator/token_vault.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weappd::simulator {

/// A mini program (or official account) that WeChat knows.
struct app {
  std::string app_id;
  secret app_secret;
};

/// What the platform remembers: apps, users, login codes, session keys, access tokens. A state machine
/// without sockets: time comes with each call, randomness is handed in. Not safe to use from two threads at
/// once.
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
    std::string session_key; ///< base64 of 16 bytes: 24 characters
    std::optional<std::string> unionid;
  };

  /// `random` must outlive the world. There must be at least one app.
  wechat_world(std::vector<app> apps, crypto::random_source& random);

  /// What `wx.login` does on the phone of this user: a fresh code, and a new session_key if the old one is
  /// due. Without an openid: a new user. A unionid is remembered for the user. Without an app: the first one.
  /// Nothing if there is no such app.
  std::optional<login_code> make_code(moment now, std::optional<std::string_view> app_id,
                                      std::optional<std::string> openid, std::optional<std::string> unionid);

  /// sns/jscode2session. Errors: bad_app_id, bad_secret, bad_code, code_used.
  std::variant<session, errcode> exchange(moment now, std::string_view app_id, std::string_view app_secret,
                                          std::string_view code);

  /// cgi-bin/token. Errors: bad_app_id, bad_secret.
  std::variant<token_answer, errcode> classic_token(moment now, std::string_view app_id,
                                                    std::string_view app_secret);

  /// cgi-bin/stable_token. Errors: bad_app_id, bad_secret, day_limit (forced refreshes).
  std::variant<token_answer, errcode> stable_token(moment now, std::string_view app_id,
                                                   std::string_view app_secret, bool force_refresh);

  /// What every business endpoint asks first. Nothing if the token works now; else token_missing (empty),
  /// token_invalid or token_expired, as token_vault::check.
  [[nodiscard]] std::optional<errcode> check_token(moment now, std::string_view token) const;

  /// Ends every working token of the app, or of all apps. Answers how many; nothing if there is no such app.
  std::optional<std::size_t> expire_tokens(moment now, std::optional<std::string_view> app_id);

  /// A request id as it ends each errmsg: three groups of eight hexadecimal digits, the first one the time.
  [[nodiscard]] std::string make_rid(moment now) const;

private:
  struct app_state {
    app identity;
    token_vault tokens;
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
  /// The app, or why its credentials are refused.
  std::variant<app_state*, errcode> authenticate(std::string_view app_id, std::string_view app_secret);
  user_state& user_of(const app_state& owner, const std::string& openid, moment now);

  crypto::random_source* random_;
  std::vector<app_state> apps_; // never changes its size: codes point into it
  bounded_map<code_state> codes_{max_codes};
  bounded_map<user_state> users_{max_users}; // by app id and openid
};

} // namespace weappd::simulator
