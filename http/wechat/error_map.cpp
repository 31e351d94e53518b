#include "http/wechat/error_map.hpp"

#include <array>
#include <cstddef>

namespace weappd {
namespace {

enum class side : std::uint8_t { mini_program, wecom, both };

struct row {
  side where;
  std::int64_t first; ///< errcodes from `first` to `last`
  std::int64_t last;
  handling what;
};

constexpr row one(side where, std::int64_t code, handling what) {
  return {where, code, code, what};
}

constexpr auto M = side::mini_program;
constexpr auto W = side::wecom;
constexpr auto B = side::both;
using enum handling;

/// The defaults of the platforms, in the order of their numbers.
constexpr std::array defaults{
    one(B, -1, retry_backoff),               // system busy
    one(B, 0, ok),                           //
    one(W, 6000, retry_backoff),             // data version conflict
    one(M, 40001, refresh_token_and_retry),  // token invalid or not the latest
    one(W, 40001, stop_config_alert),        // secret wrong
    one(M, 40002, stop_bad_request),         // grant_type
    one(B, 40003, stop_mark_user),           // openid, userid
    one(B, 40004, stop_bad_request),         // media type
    row{B, 40007, 40008, stop_bad_request},  // media_id, message type
    one(B, 40013, stop_config_alert),        // appid, CorpID
    one(B, 40014, refresh_token_and_retry),  // token invalid; WeCom: also expired
    one(B, 40029, stop_bad_request),         // code invalid: the client starts again
    one(M, 40030, stop_mark_user),           // OAuth refresh_token invalid
    row{W, 40031, 40032, stop_bad_request},  // list of users
    one(M, 40033, stop_bad_request),         // \uXXXX escapes
    one(B, 40035, stop_bad_request),         // parameter
    row{M, 40036, 40037, stop_config_alert}, // template id
    one(M, 40039, stop_bad_request),         // URL too long
    one(W, 40056, stop_config_alert),        // agentid
    one(W, 40058, stop_bad_request),         // parameter or JSON
    one(B, 40063, stop_bad_request),         // parameter empty
    one(M, 40066, stop_bad_request),         // no such API
    one(W, 40073, stop_mark_user),           // openid unknown
    one(W, 40082, refresh_token_and_retry),  // suite token invalid
    one(M, 40090, stop_config_alert),        // caller's address
    one(W, 40091, stop_config_alert),        // secret wrong
    one(B, 40097, stop_bad_request),         // parameter
    one(M, 40125, stop_config_alert),        // AppSecret wrong
    one(M, 40129, stop_bad_request),         // scene
    one(M, 40163, stop_bad_request),         // code used
    one(M, 40164, stop_config_alert),        // caller's address
    row{M, 40165, 40166, stop_bad_request},  // page path, appid of a mini program
    one(M, 40169, stop_bad_request),         // scene too long
    row{M, 40201, 40203, stop_bad_request},  // callback check
    one(M, 40212, stop_bad_request),         // query
    one(M, 40226, stop_mark_user),           // user of high risk
    row{M, 40230, 40239, stop_config_alert}, // API security
    one(M, 40240, retry_backoff),            // API security: time stamp too old; once, and check the clock
    one(M, 40243, stop_config_alert),        // AppSecret frozen
    one(M, 40249, stop_bad_request),         // marketing content
    row{B, 41001, 41009, stop_bad_request},  // an argument is missing
    one(M, 41030, stop_bad_request),         // page
    one(B, 42001, refresh_token_and_retry),  // token expired
    one(M, 42002, stop_mark_user),           // OAuth refresh_token expired
    one(M, 42003, stop_bad_request),         // code expired
    one(M, 42007, stop_mark_user),           // password changed, OAuth void
    one(W, 42009, refresh_token_and_retry),  // suite token expired
    row{B, 43001, 43003, stop_bad_request},  // GET, POST, HTTPS needed
    one(B, 43004, stop_mark_user),           // does not follow, not bound
    one(M, 43019, stop_mark_user),           // on our blacklist
    one(M, 43101, stop_mark_user),           // not subscribed (this template)
    one(M, 43104, stop_mark_user),           // openid of another app
    one(M, 43107, stop_config_alert),        // subscribe messages banned
    one(M, 43108, retry_backoff),            // concurrent sends to one user
    one(M, 43116, stop_config_alert),        // template restricted
    row{B, 44001, 44002, stop_bad_request},  // empty media, empty body
    one(B, 44004, stop_bad_request),         // empty text
    row{M, 44990, 44991, retry_backoff},     // limit per second, per minute
    one(M, 44993, quota_exhausted),          // links per day
    row{B, 45001, 45002, stop_bad_request},  // media, content too large
    one(B, 45008, stop_bad_request),         // too many articles
    one(B, 45009, quota_exhausted),          // limit per day
    one(M, 45011, retry_backoff),            // limit per minute
    one(M, 45015, stop_mark_user),           // outside the reply window
    one(M, 45029, quota_exhausted),          // codes for life
    one(W, 45033, retry_backoff),            // concurrency
    one(M, 45035, stop_config_alert),        // caller's address
    one(M, 45047, stop_mark_user),           // too many customer-service messages
    one(M, 45168, stop_bad_request),         // sensitive words
    one(B, 46001, stop_bad_request),         // no such media
    one(B, 46004, stop_mark_user),           // no such user
    row{M, 47001, 47003, stop_bad_request},  // JSON, \uXXXX escapes, template data
    one(M, 48001, stop_config_alert),        // API not granted
    one(M, 48002, stop_mark_user),           // fan switched messages off
    one(W, 48002, stop_config_alert),        // API not permitted
    one(B, 48004, stop_config_alert),        // API banned
    one(W, 48005, stop_config_alert),        // API retired
    one(M, 48006, quota_exhausted),          // quota resets of the month
    one(M, 50001, stop_mark_user),           // user has not authorised
    one(W, 50001, stop_config_alert),        // redirect domain not trusted
    one(M, 50002, stop_mark_user),           // user restricted
    one(W, 50002, stop_mark_user),           // outside the visible range
    one(W, 50003, stop_config_alert),        // app disabled
    one(M, 50004, stop_config_alert),        // token interface forbidden
    one(M, 50005, stop_mark_user),           // does not follow
    one(M, 50007, stop_config_alert),        // account frozen
    one(W, 60011, stop_mark_user),           // outside the visible range
    one(W, 60020, stop_config_alert),        // caller's address
    one(W, 60111, stop_mark_user),           // userid unknown
    one(W, 60140, stop_bad_request),         // response_code used
    one(M, 61004, stop_config_alert),        // caller's address
    one(M, 61007, stop_config_alert),        // not granted to a third-party platform
    one(M, 61010, stop_mark_user),           // user did not visit within two hours
    row{M, 61080, 61081, retry_backoff},     // risk service
    row{M, 76001, 76004, stop_bad_request},  // rid query
    row{M, 76021, 76022, stop_bad_request},  // quota query
    one(W, 81013, stop_mark_user),           // all recipients invalid
    row{W, 82001, 82003, stop_bad_request},  // recipients empty, too many
    row{W, 84014, 84015, stop_bad_request},  // user_ticket
    one(W, 84061, stop_mark_user),           // no external contact
    one(M, 85079, stop_config_alert),        // mini program not released
    one(M, 85096, stop_bad_request),         // scene
    one(M, 85400, quota_exhausted),          // short links for life
    row{M, 85401, 85402, stop_bad_request},  // expiry, env_version
    one(M, 85406, quota_exhausted),          // links per day
    row{M, 85407, 85408, stop_config_alert}, // links not permitted, banned
    one(M, 87007, stop_mark_user),           // session_key gone
    one(M, 87008, stop_bad_request),         // sig_method
    one(M, 87009, stop_mark_user),           // signature of another session_key
    one(M, 87014, stop_bad_request),         // risky content
    one(M, 87020, retry_backoff),            // media checked too often
    one(M, 89501, stop_config_alert),        // address waits for the administrator
    one(M, 89503, stop_config_alert),        // address needs the administrator
    row{M, 89506, 89507, stop_config_alert}, // address refused by the administrator
    one(W, 93000, stop_config_alert),        // robot URL
    one(W, 93004, stop_config_alert),        // robot disabled
    one(W, 93008, stop_config_alert),        // robot not in the group
    one(M, 200001, retry_backoff),           // template management
    row{M, 200011, 200013, stop_config_alert},
    one(M, 200014, stop_bad_request),
    row{M, 200020, 200022, stop_bad_request},
    one(M, 200100, stop_config_alert),
    one(W, 301002, stop_config_alert),  // token of another app
    one(W, 2000002, stop_config_alert), // CorpId unknown
    one(M, 9410009, quota_exhausted),   // risk tests
};

struct exception {
  endpoint_group group;
  row is;
};

/// Where an endpoint differs from the default of its platform.
constexpr std::array exceptions{
    exception{endpoint_group::login, one(M, 40001, stop_config_alert)}, // AppSecret wrong
    exception{endpoint_group::login, one(M, 50002, stop_config_alert)}, // account restricted
    exception{endpoint_group::token, one(M, 40001, stop_config_alert)}, // AppSecret wrong
    exception{endpoint_group::token, one(M, 50002, stop_config_alert)},
    exception{endpoint_group::oauth, one(M, 40003, stop_bad_request)}, // openid does not match the token
    exception{endpoint_group::oauth, one(M, 48001, stop_bad_request)}, // scope does not cover the call
    exception{endpoint_group::link, one(M, 40002, stop_config_alert)}, // no permission
};

constexpr bool fits(const row& entry, wechat_platform platform, std::int64_t errcode) {
  return errcode >= entry.first && errcode <= entry.last &&
         (entry.where == B || (entry.where == M) == (platform == wechat_platform::mini_program));
}

constexpr bool in_order() {
  for (std::size_t i = 1; i < defaults.size(); ++i) {
    const auto& a = defaults[i - 1];
    const auto& b = defaults[i];
    const bool twins = a.first == b.first && a.where == M && b.where == W;
    if (!(a.last < b.first || twins))
      return false;
  }
  return true;
}
static_assert(in_order(), "in the order of the numbers, so that no number has two rows");

} // namespace

std::optional<handling> find_handling(wechat_platform platform, endpoint_group group, std::int64_t errcode) {
  for (const auto& each : exceptions)
    if (each.group == group && fits(each.is, platform, errcode))
      return each.is.what;
  for (const auto& each : defaults)
    if (fits(each, platform, errcode))
      return each.what;
  return std::nullopt;
}

ec error_of(endpoint_group group, std::int64_t errcode) {
  if (group == endpoint_group::login) {
    if (errcode == 40029 || errcode == 40163 || errcode == 41008) // 41008: the code was empty
      return ec::invalid_code;
    if (errcode == 40226)
      return ec::user_blocked;
  }
  switch (find_handling(wechat_platform::mini_program, group, errcode).value_or(retry_backoff)) {
  case stop_config_alert:
  case stop_bad_request: // we built the request from the configuration alone
    return ec::wechat_misconfigured;
  default:
    return ec::wechat_unavailable;
  }
}

ec error_of_status(int status) {
  return status >= 400 && status < 500 ? ec::wechat_misconfigured : ec::wechat_unavailable;
}

} // namespace weappd
