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
  refusal_meaning what;
};

constexpr row one(side where, std::int64_t code, const refusal_meaning& what) {
  return {where, code, code, what};
}

constexpr auto M = side::mini_program;
constexpr auto W = side::wecom;
constexpr auto B = side::both;
using enum handling;

/// What the codes can mean, each with its handling, how a message ends that they end, which further messages
/// they are about, and how long the platform wants to be left alone.
namespace means {
using namespace std::chrono_literals;
using enum send_scope;
using why = fail_reason;

constexpr refusal_meaning fine{};
// Passes by itself.
constexpr refusal_meaning busy{retry_backoff, why::retries_exhausted, message, 0ms};
constexpr refusal_meaning busy_user{retry_backoff, why::retries_exhausted, user, 1s};
constexpr refusal_meaning busy_second{retry_backoff, why::retries_exhausted, api, 1s};
constexpr refusal_meaning busy_minute{retry_backoff, why::retries_exhausted, api, 60s};
constexpr refusal_meaning quota{quota_exhausted, why::quota_exhausted, api, 0ms};
constexpr refusal_meaning stale_token{refresh_token_and_retry, why::no_permission, api, 0ms};
// About the user.
constexpr refusal_meaning not_subscribed{stop_mark_user, why::not_subscribed, user_template, 0ms};
constexpr refusal_meaning not_following{stop_mark_user, why::not_following, user, 0ms};
constexpr refusal_meaning bad_openid{stop_mark_user, why::bad_openid, user, 0ms};
/// About a user, but for calls that send nothing: a message that met it ends, and nobody is marked.
constexpr refusal_meaning elsewhere{stop_mark_user, why::bad_data, message, 0ms};
// About us.
constexpr refusal_meaning bad_request{stop_bad_request, why::bad_data, message, 0ms};
/// Nothing of ours is broken, but somebody must change what is said in our name.
constexpr refusal_meaning marketing{stop_bad_request, why::bad_data, message, 0ms, true};
constexpr refusal_meaning bad_template{stop_config_alert, why::template_unusable, template_, 0ms};
constexpr refusal_meaning no_templates{stop_config_alert, why::template_unusable, api, 0ms};
constexpr refusal_meaning misconfigured{stop_config_alert, why::no_permission, api, 0ms};
} // namespace means

/// The defaults of the platforms, in the order of their numbers.
constexpr std::array defaults{
    one(B, -1, means::busy),                    // system busy
    one(B, 0, means::fine),                     //
    one(W, 6000, means::busy),                  // data version conflict
    one(M, 40001, means::stale_token),          // token invalid or not the latest
    one(W, 40001, means::misconfigured),        // secret wrong
    one(M, 40002, means::bad_request),          // grant_type
    one(B, 40003, means::bad_openid),           // openid, userid
    one(B, 40004, means::bad_request),          // media type
    row{B, 40007, 40008, means::bad_request},   // media_id, message type
    one(B, 40013, means::misconfigured),        // appid, CorpID
    one(B, 40014, means::stale_token),          // token invalid; WeCom: also expired
    one(B, 40029, means::bad_request),          // code invalid: the client starts again
    one(M, 40030, means::elsewhere),            // OAuth refresh_token invalid
    row{W, 40031, 40032, means::bad_request},   // list of users
    one(M, 40033, means::bad_request),          // \uXXXX escapes
    one(B, 40035, means::bad_request),          // parameter
    row{M, 40036, 40037, means::bad_template},  // template id
    one(M, 40039, means::bad_request),          // URL too long
    one(W, 40056, means::misconfigured),        // agentid
    one(W, 40058, means::bad_request),          // parameter or JSON
    one(B, 40063, means::bad_request),          // parameter empty
    one(M, 40066, means::bad_request),          // no such API
    one(W, 40073, means::bad_openid),           // openid unknown
    one(W, 40082, means::stale_token),          // suite token invalid
    one(M, 40090, means::misconfigured),        // caller's address
    one(W, 40091, means::misconfigured),        // secret wrong
    one(B, 40097, means::bad_request),          // parameter
    one(M, 40125, means::misconfigured),        // AppSecret wrong
    one(M, 40129, means::bad_request),          // scene
    one(M, 40163, means::bad_request),          // code used
    one(M, 40164, means::misconfigured),        // caller's address
    row{M, 40165, 40166, means::bad_request},   // page path, appid of a mini program
    one(M, 40169, means::bad_request),          // scene too long
    row{M, 40201, 40203, means::bad_request},   // callback check
    one(M, 40212, means::bad_request),          // query
    one(M, 40226, means::elsewhere),            // user of high risk
    row{M, 40230, 40239, means::misconfigured}, // API security
    one(M, 40240, means::busy),                 // API security: time stamp too old; once, and check the clock
    one(M, 40243, means::misconfigured),        // AppSecret frozen
    one(M, 40249, means::marketing),            // marketing content in a template message
    row{B, 41001, 41009, means::bad_request},   // an argument is missing
    one(M, 41030, means::bad_request),          // page
    one(B, 42001, means::stale_token),          // token expired
    one(M, 42002, means::elsewhere),            // OAuth refresh_token expired
    one(M, 42003, means::bad_request),          // code expired
    one(M, 42007, means::elsewhere),            // password changed, OAuth void
    one(W, 42009, means::stale_token),          // suite token expired
    row{B, 43001, 43003, means::bad_request},   // GET, POST, HTTPS needed
    one(B, 43004, means::not_following),        // does not follow, not bound
    one(M, 43019, means::not_following),        // on our blacklist
    one(M, 43101, means::not_subscribed),       // not subscribed (this template)
    one(M, 43104, means::bad_openid),           // openid of another app
    one(M, 43107, means::no_templates),         // subscribe messages banned
    one(M, 43108, means::busy_user),            // concurrent sends to one user
    one(M, 43116, means::bad_template),         // template restricted
    row{B, 44001, 44002, means::bad_request},   // empty media, empty body
    one(B, 44004, means::bad_request),          // empty text
    one(M, 44990, means::busy_second),          // limit per second
    one(M, 44991, means::busy_minute),          // limit per minute
    one(M, 44993, means::quota),                // links per day
    row{B, 45001, 45002, means::bad_request},   // media, content too large
    one(B, 45008, means::bad_request),          // too many articles
    one(B, 45009, means::quota),                // limit per day
    one(M, 45011, means::busy_minute),          // limit per minute
    one(M, 45015, means::elsewhere),            // outside the reply window
    one(M, 45029, means::quota),                // codes for life
    one(W, 45033, means::busy),                 // concurrency
    one(M, 45035, means::misconfigured),        // caller's address
    one(M, 45047, means::elsewhere),            // too many customer-service messages
    one(M, 45168, means::bad_request),          // sensitive words
    one(B, 46001, means::bad_request),          // no such media
    one(B, 46004, means::bad_openid),           // no such user
    row{M, 47001, 47003, means::bad_request},   // JSON, \uXXXX escapes, template data
    one(M, 48001, means::misconfigured),        // API not granted
    one(M, 48002, means::not_following),        // fan switched messages off
    one(W, 48002, means::misconfigured),        // API not permitted
    one(B, 48004, means::misconfigured),        // API banned
    one(W, 48005, means::misconfigured),        // API retired
    one(M, 48006, means::quota),                // quota resets of the month
    one(M, 50001, means::not_following),        // user has not authorised
    one(W, 50001, means::misconfigured),        // redirect domain not trusted
    one(M, 50002, means::not_following),        // user restricted
    one(W, 50002, means::not_following),        // outside the visible range
    one(W, 50003, means::misconfigured),        // app disabled
    one(M, 50004, means::misconfigured),        // token interface forbidden
    one(M, 50005, means::not_following),        // does not follow
    one(M, 50007, means::misconfigured),        // account frozen
    one(W, 60011, means::not_following),        // outside the visible range
    one(W, 60020, means::misconfigured),        // caller's address
    one(W, 60111, means::bad_openid),           // userid unknown
    one(W, 60140, means::bad_request),          // response_code used
    one(M, 61004, means::misconfigured),        // caller's address
    one(M, 61007, means::misconfigured),        // not granted to a third-party platform
    one(M, 61010, means::elsewhere),            // user did not visit within two hours
    row{M, 61080, 61081, means::busy},          // risk service
    row{M, 76001, 76004, means::bad_request},   // rid query
    row{M, 76021, 76022, means::bad_request},   // quota query
    one(W, 81013, means::bad_openid),           // all recipients invalid
    row{W, 82001, 82003, means::bad_request},   // recipients empty, too many
    row{W, 84014, 84015, means::bad_request},   // user_ticket
    one(W, 84061, means::elsewhere),            // no external contact
    one(M, 85079, means::misconfigured),        // mini program not released
    one(M, 85096, means::bad_request),          // scene
    one(M, 85400, means::quota),                // short links for life
    row{M, 85401, 85402, means::bad_request},   // expiry, env_version
    one(M, 85406, means::quota),                // links per day
    row{M, 85407, 85408, means::misconfigured}, // links not permitted, banned
    one(M, 87007, means::elsewhere),            // session_key gone
    one(M, 87008, means::bad_request),          // sig_method
    one(M, 87009, means::elsewhere),            // signature of another session_key
    one(M, 87014, means::bad_request),          // risky content
    one(M, 87020, means::busy),                 // media checked too often
    one(M, 89501, means::misconfigured),        // address waits for the administrator
    one(M, 89503, means::misconfigured),        // address needs the administrator
    row{M, 89506, 89507, means::misconfigured}, // address refused by the administrator
    one(W, 93000, means::misconfigured),        // robot URL
    one(W, 93004, means::misconfigured),        // robot disabled
    one(W, 93008, means::misconfigured),        // robot not in the group
    one(M, 200001, means::busy),                // template management
    row{M, 200011, 200013, means::misconfigured},
    one(M, 200014, means::bad_request),
    row{M, 200020, 200022, means::bad_request},
    one(M, 200100, means::misconfigured),
    one(W, 301002, means::misconfigured),  // token of another app
    one(W, 2000002, means::misconfigured), // CorpId unknown
    one(M, 9410009, means::quota),         // risk tests
};

struct exception {
  endpoint_group group;
  row is;
};

/// Where an endpoint differs from the default of its platform.
constexpr std::array exceptions{
    exception{endpoint_group::login, one(M, 40001, means::misconfigured)}, // AppSecret wrong
    exception{endpoint_group::login, one(M, 50002, means::misconfigured)}, // account restricted
    exception{endpoint_group::token, one(M, 40001, means::misconfigured)}, // AppSecret wrong
    exception{endpoint_group::token, one(M, 50002, means::misconfigured)},
    exception{endpoint_group::oauth, one(M, 40003, means::bad_request)},  // openid does not match the token
    exception{endpoint_group::oauth, one(M, 48001, means::bad_request)},  // scope does not cover the call
    exception{endpoint_group::link, one(M, 40002, means::misconfigured)}, // no permission
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

const refusal_meaning* find_meaning(wechat_platform platform, endpoint_group group, std::int64_t errcode) {
  for (const auto& each : exceptions)
    if (each.group == group && fits(each.is, platform, errcode))
      return &each.is.what;
  for (const auto& each : defaults)
    if (fits(each, platform, errcode))
      return &each.what;
  return nullptr;
}

} // namespace

std::optional<handling> find_handling(wechat_platform platform, endpoint_group group, std::int64_t errcode) {
  const auto* found = find_meaning(platform, group, errcode);
  return found ? std::optional(found->how) : std::nullopt;
}

refusal_meaning meaning_of(wechat_platform platform, endpoint_group group, std::int64_t errcode) {
  const auto* found = find_meaning(platform, group, errcode);
  return found ? *found : means::bad_request;
}

refusal_meaning meaning_of_rejected_status() {
  return means::misconfigured;
}

ec error_of(endpoint_group group, std::int64_t errcode) {
  if (group == endpoint_group::login || group == endpoint_group::oauth) {
    if (errcode == 40029 || errcode == 40163 || errcode == 42003 ||
        errcode == 41008) // 41008: the code was empty
      return ec::invalid_code;
    if (errcode == 40226)
      return ec::user_blocked;
  }
  switch (find_handling(wechat_platform::mini_program, group, errcode).value_or(retry_backoff)) {
  case refresh_token_and_retry: // a call that carries no access token carries the AppSecret
    return group == endpoint_group::business ? ec::token_rejected : ec::wechat_misconfigured;
  case stop_config_alert:
  case stop_bad_request: // we built the request from the configuration alone
    return ec::wechat_misconfigured;
  case stop_mark_user: // somebody whom we asked about
    return group == endpoint_group::business ? ec::not_found : ec::wechat_unavailable;
  case quota_exhausted: // logins and token fetches have their clients to tell
    return group == endpoint_group::business ? ec::quota_exhausted : ec::wechat_unavailable;
  default:
    return ec::wechat_unavailable;
  }
}

ec error_of_status(int status) {
  return status >= 400 && status < 500 ? ec::wechat_misconfigured : ec::wechat_unavailable;
}

} // namespace weappd
