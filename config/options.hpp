#pragma once

#include "config/secret.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Everything that is decided before the first request: one plain struct per concern, defaults in place.
/// The path of an option is the path of its member, "http.port". config/schema_table.cpp gives each one its
/// range and its sentence; a member that is missing there is not an option.
namespace weappd {

enum class tls_version { v1_2, v1_3 };

/// The listener of https.
struct tls_options {
  std::string address = "127.0.0.1";
  std::int32_t port = -1;       ///< -1 is off, 0 takes a free port
  std::string certificate_file; ///< PEM: the certificate, behind it those that lead to its root
  std::string key_file;         ///< PEM, for its owner alone
  tls_version min_version = tls_version::v1_2;
  std::uint32_t handshake_timeout_ms = 10'000;
  bool proxy_protocol = false;              ///< as http.proxy_protocol
  std::uint32_t ticket_rotation_s = 43'200; ///< the age of a ticket key when a new one takes its place
};

/// Whom browsers let call this server from the pages of another origin.
struct cors_options {
  std::vector<std::string> origins; ///< "https://example.com", or "*"
  std::vector<std::string> methods{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  std::vector<std::string> headers{"Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id",
                                   "traceparent"};
  std::vector<std::string> expose{"X-Request-Id", "RateLimit", "RateLimit-Policy", "Retry-After",
                                  "Idempotency-Replayed"};
  std::uint32_t max_age_s = 600;
  bool credentials = false;
};

/// Where a proxy writes whom it speaks for.
enum class forwarded_field { x_forwarded_for, forwarded };

struct http_options {
  std::string address = "127.0.0.1";
  std::int32_t port = 8080; ///< -1 is off, 0 takes a free port
  tls_options tls;
  bool proxy_protocol = false; ///< each connection begins with a header of PROXY protocol v2
  bool metrics = false;        ///< serve GET /metrics on this public listener
  bool docs = true;            ///< serve GET /openapi.json and GET /docs on it
  std::uint32_t max_connections = 10'000;
  std::uint32_t max_connections_per_address = 2'000;
  std::uint32_t max_in_flight = 4'096;   ///< requests being worked on; above it the answer is 503 at once
  std::uint32_t target_latency_ms = 100; ///< a route that takes longer lets in less; 0: whatever it takes
  std::uint32_t max_body_bytes = 1'048'576;
  std::uint32_t header_timeout_ms = 10'000;
  std::uint32_t body_timeout_ms = 20'000;
  std::uint32_t idle_timeout_ms = 60'000;
  std::uint32_t handler_timeout_ms = 10'000;
  std::uint32_t drain_ms = 0;               ///< how long a stop serves on while readyz fails already
  std::string handover_socket;              ///< where a successor asks for the place; empty: nowhere
  std::uint32_t stop_timeout_ms = 10'000;   ///< how long a stop waits for requests that are being worked on
  std::vector<std::string> trusted_proxies; ///< addresses or CIDR blocks of proxies that are believed
  forwarded_field forwarded_header = forwarded_field::x_forwarded_for; ///< the one that they set
  cors_options cors;
  std::uint32_t hsts_s = 0; ///< how long browsers remember to come by https only; 0: they are not told
};

struct metrics_options {
  std::string address = "127.0.0.1";
  std::int32_t port = -1; ///< its own listener for /metrics, /healthz and /readyz; -1 is off, 0 a free port
};

/// The listener for operators. It changes the running server, so it wants a token.
struct admin_options {
  std::string address = "127.0.0.1";
  std::int32_t port = -1; ///< -1 is off, 0 a free port
  secret token;           ///< sent as Authorization: Bearer
};

struct auth_options {
  std::string issuer = "weappd";
  std::string audience = "weappd-api";
  std::uint32_t access_ttl_s = 7'200;
  std::uint32_t refresh_ttl_s = 2'592'000;
  std::uint32_t session_max_age_s = 15'552'000; ///< a session ends this long after its login
  std::uint32_t refresh_reuse_window_s = 10;
  std::uint32_t max_sessions_per_user = 50; ///< the one unseen for longest is closed to make room
  std::uint32_t code_memory_s = 300;        ///< how long the outcome of a wx.login code is remembered
  std::uint32_t code_memory_max = 200'000;  ///< codes remembered in all; the oldest is forgotten first
  std::uint32_t service_ttl_s = 7'200;      ///< the life of a service client's access token
  std::uint32_t idempotency_s = 86'400;     ///< how long the answer under an Idempotency-Key is kept
};

/// Where the key files are. Empty: beside the store, made on the first start.
struct keys_options {
  std::string signing_file;    ///< signs access tokens
  std::string encryption_file; ///< seals session_key, openid and unionid at rest
  std::string lookup_file;     ///< keyed hashes (openid, wx.login code) and refresh token succession
};

enum class app_kind { mini_program, official_account };

struct app_options {
  app_kind kind = app_kind::mini_program;
  std::string app_id;
  secret app_secret; ///< "secret" or "secret_file" in the configuration
};

/// What a service client may do: "messages:send", "token:read".
struct client_options {
  std::string secret_hash; ///< made by `weappd hash-secret`; never the secret itself
  std::vector<std::string> scopes;
};

enum class template_kind {
  subscribe, ///< a mini program's subscribe message
  template_, ///< an official account's template message; "template" in the configuration
};
enum class template_life { one_time, long_term };
enum class fit_rule { refuse, truncate };

/// One field of a template, by its name at the platform ("thing1").
struct field_options {
  std::string text; ///< with {{variables}}; empty: the message brings the field's text under the field's name
  fit_rule fit = fit_rule::refuse;  ///< what becomes of a text that is too long
  std::string color;                ///< official account: of this field
  std::vector<std::string> choices; ///< of enum and enum_string fields
};

/// A template, by its name in one of two namespaces: "industry:..." (from the platform's library) or
/// "custom:...".
struct template_options {
  template_kind kind = template_kind::subscribe;
  std::string app;         ///< empty: the default app, or for kind `template` the first official account
  std::string template_id; ///< at the platform
  template_life life = template_life::one_time; ///< of a subscribe template
  std::string page;                             ///< unless the message brings its own
  std::string page_app;                         ///< official account: the mini program that the page is in
  std::string url;                              ///< official account: where a tap leads without a page
  std::string color;                            ///< official account: of fields without their own
  std::map<std::string, field_options> fields;
};

enum class push_priority { high, normal, bulk };

/// A message that a business event makes.
struct trigger_options {
  std::string event;             ///< "order.paid"; several triggers may name the same one
  std::string template_name;     ///< "template" in the configuration
  std::vector<std::string> when; ///< conditions on the event's data, all of which must hold: "amount >= 100"
  std::map<std::string, std::string>
      data; ///< the message's data, with {{variables}} of the event's; empty: as it is
  std::string page;
  std::string dedup_key; ///< with {{variables}}; the same key again within dedup_s sends nothing
  std::uint32_t dedup_s = 86'400;
  std::string quiet_hours;           ///< "22:00-08:00": what falls into them waits for their end; empty: none
  std::int32_t utc_offset_min = 480; ///< of quiet_hours; 480 is China
  std::uint32_t delay_s = 0;
  std::uint32_t expires_s = 0; ///< not_after, counted from the event; 0: never
  push_priority priority = push_priority::normal;
};

enum class unknown_rule { fail, resend };
enum class credit_rule { try_, refuse };
enum class quota_rule { wait, fail };
enum class program_state { formal, trial, developer };

struct push_options {
  std::uint32_t max_queued = 1'000'000; ///< messages that are not at their end, in all
  std::uint32_t max_in_flight = 192;    ///< calls of WeChat at a time, for each app
  std::uint32_t lease_s = 60;       ///< how long a server may work on a message before another takes it up
  std::uint32_t max_attempts = 6;   ///< attempts that reached the platform; then retries_exhausted
  std::uint32_t retry_min_ms = 500; ///< bound of the first random wait; doubled for each further one
  std::uint32_t retry_max_ms = 60'000;
  unknown_rule on_unknown = unknown_rule::fail; ///< a send whose outcome is unknown and that has no guard
  credit_rule send_without_credit = credit_rule::try_;
  quota_rule on_quota = quota_rule::wait;
  std::uint32_t config_pause_s =
      60;                       ///< how long an app or template rests after the platform refused it as such
  std::uint32_t keep_days = 30; ///< messages that are at their end
  std::uint32_t followers_refresh_s =
      21'600; ///< how often the followers of official accounts are read; 0: never
  program_state mini_program_state = program_state::formal;
  std::string lang = "zh_CN";
};

struct wechat_options {
  std::string base_url = "https://api.weixin.qq.com";
  std::uint32_t connect_timeout_ms = 2'000;
  std::uint32_t total_timeout_ms = 5'000;
  std::uint32_t max_connections = 256;
  std::uint32_t max_waiting = 4'096; ///< calls waiting for a connection; above it: "busy" at once
  std::uint32_t max_answer_bytes = 65'536;
  std::string ca_file;                   ///< empty: the system's certificates
  std::uint32_t breaker_failures = 5;    ///< failures in a row that open the circuit of a host
  std::uint32_t breaker_open_ms = 2'000; ///< how long it stays open before one call may try
  std::uint32_t busy_retries = 2;        ///< tries again after "system busy" (-1)
  std::uint32_t busy_retry_ms = 100;     ///< wait before the first of them; doubled for the next, with jitter
};

struct token_options {
  std::uint32_t refresh_margin_s = 600; ///< refresh when less life than this is left
  std::uint32_t retry_min_ms = 500;     ///< first wait after a failed refresh
  std::uint32_t retry_max_ms = 60'000;  ///< longest wait after failed refreshes
};

enum class limit_algorithm {
  gcra,           ///< a token bucket: `burst` at once, then one for each window / limit
  sliding_window, ///< at most `limit` in every stretch of time as long as the window
  fixed_window,   ///< at most `limit` in a window, which begins with the first request after the last one
  leaky_bucket,   ///< evenly, one for each window / limit; up to `burst` more wait their turn
};

/// A sliding window remembers each request; more than this would take too much memory for one key.
inline constexpr std::uint32_t most_in_sliding_window = 10'000;

/// Which requests a limit counts: those to which all lists fit; an empty list fits all.
struct limit_match {
  std::vector<std::string> routes = {};  ///< "auth.login"
  std::vector<std::string> methods = {}; ///< "GET" stands for HEAD, too
  std::vector<std::string> roles = {};   ///< anonymous, client, service
  std::vector<std::string> apps = {};    ///< keys of configured apps
  friend bool operator==(const limit_match&, const limit_match&) = default;
};

/// A rate limit: `limit` requests per `window_s` seconds.
struct limit_options {
  limit_match match = {};
  std::string key = "ip"; ///< ip, user, client, app, global, header:<name>
  limit_algorithm algorithm = limit_algorithm::gcra;
  std::uint32_t limit = 0;
  std::uint32_t window_s = 60;
  std::uint32_t burst = 1;
  std::uint32_t max_delay_ms = 1'000; ///< leaky_bucket: who would have to wait longer is refused
  bool shadow = false;                ///< counts and reports, never refuses and never delays
};

struct rate_options {
  std::uint32_t max_keys = 1'000'000;    ///< keys remembered in all
  std::uint32_t max_stamps = 16'000'000; ///< moments remembered for sliding windows in all, 8 bytes each
};

/// Whom nobody listens to for a while, because of what the same address did before.
struct ban_options {
  std::uint32_t refusals = 0;      ///< by limits within window_s that ban an address; 0: never
  std::uint32_t failed_logins = 0; ///< within window_s that ban an address; 0: never
  std::uint32_t window_s = 60;
  std::uint32_t first_s = 60;          ///< the first ban of an address
  std::uint32_t factor = 4;            ///< by which each further one is longer
  std::uint32_t longest_s = 86'400;    ///< but not longer than this
  std::uint32_t memory_s = 604'800;    ///< so long after its end a ban makes the next one longer
  std::vector<std::string> allow;      ///< addresses or CIDR blocks that are never banned
  std::uint32_t max_banned = 10'000;   ///< addresses that are banned, or were
  std::uint32_t max_watched = 100'000; ///< addresses whose offences are counted
};

/// What an address has to do before it may log in again, after logins from it have failed.
enum class challenge_kind {
  off,
  proof_of_work, ///< find a number; checked here
  captcha,       ///< be a person; an outside service judges
};

/// The outside service: one that takes the `siteverify` call of reCAPTCHA, hCaptcha and Turnstile.
struct captcha_options {
  std::string url;
  std::string site_key;  ///< public: clients show the puzzle with it
  secret service_secret; ///< "secret_file" in the configuration
  std::uint32_t timeout_ms = 3'000;
  std::string ca_file; ///< empty: the system's certificates
};

struct challenge_options {
  challenge_kind kind = challenge_kind::off;
  std::uint32_t failed_logins = 5; ///< within window_s after which an address has to solve challenges
  std::uint32_t window_s = 300;
  std::uint32_t stay_s = 900;          ///< for how long it has to, from the last failed login on
  std::uint32_t bits = 18;             ///< proof of work: 2^bits hashes on average
  std::uint32_t max_bits = 20;         ///< one bit more for each further failed login, up to this
  std::uint32_t validity_s = 120;      ///< of a challenge, from when it was given out
  std::vector<std::string> allow;      ///< addresses or CIDR blocks that need not solve any
  std::uint32_t max_watched = 100'000; ///< addresses whose failed logins are counted
  std::uint32_t max_used = 100'000;    ///< solutions that are known to be used
  captcha_options captcha;
};

/// What becomes of a request that a rule of the filter matches.
enum class filter_mode {
  off,
  shadow,  ///< it is counted and told, and goes on
  enforce, ///< it is counted, told and refused
};
/// The same for one rule.
enum class rule_mode { inherit, off, shadow, enforce };
enum class letter_case { ignore, exact };

inline constexpr std::uint32_t most_filter_rules = 64; ///< beside the built-in ones
inline constexpr std::uint32_t most_filter_headers = 16;

/// A rule of the request filter. What is empty is, for a name of the built-in set, as it is there.
struct filter_rule_options {
  std::vector<std::string> where;          ///< path, query, headers, body; empty: all of them
  std::string pattern;                     ///< RE2
  letter_case case_ = letter_case::ignore; ///< "case" in the configuration
  std::vector<std::string> routes;         ///< empty: all
  rule_mode mode = rule_mode::inherit;
};

/// Patterns of attacks that are looked for in what clients write.
struct filter_options {
  filter_mode mode = filter_mode::shadow; ///< of rules without a mode of their own
  bool builtin = true;                    ///< the built-in rules are there, beside those below
  std::vector<std::string> headers;       ///< fields whose values are looked at
  std::uint32_t max_bytes = 16'384;       ///< of one request that are looked at
  std::map<std::string, filter_rule_options> rules;
};

struct store_options {
  std::string path = "var/weappd.db"; ///< relative to the working directory
  std::uint32_t busy_timeout_ms = 5'000;
  std::uint32_t max_batch = 512; ///< writes that share one transaction
};

struct session_options {
  std::uint32_t idle_s = 1'800;      ///< a session actor unused for this long goes to sleep
  std::uint32_t max_awake = 200'000; ///< session actors awake in all; the one unused for longest sleeps first
  std::uint32_t touch_interval_s = 300; ///< last_seen_at of an awake user is stored at most this often
};

/// The roles of actors: the members of actors/factories.hpp, in the order of their names.
inline constexpr std::array<std::string_view, 18> role_names{
    "ban_keeper",      "captcha_verifier", "challenge_desk", "follower_sync",  "housekeeper",
    "login_desk",      "once_desk",        "rate_limiter",   "secret_checker", "service_desk",
    "session",         "session_router",   "store_reader",   "store_writer",   "template_checker",
    "template_pusher", "token_refresher",  "wechat_gateway"};

/// Of every role as weappd itself has it.
inline constexpr std::string_view standard_implementation = "standard";

struct actor_options {
  std::string implementation{standard_implementation}; ///< a name that the program knows for the role
};

/// How many actors of each pooled role. A pool with a `_max` has as many as its load wants, between the two.
struct pool_options {
  std::uint32_t io_threads = 0; ///< 0: one per core
  std::uint32_t rate_limiter = 4;
  std::uint32_t rate_limiter_max = 0; ///< 0: as many as rate_limiter, whatever the load
  std::uint32_t session_router = 4;
  std::uint32_t login_desk = 4;
  std::uint32_t store_readers = 2;
  std::uint32_t store_readers_max = 0; ///< as rate_limiter_max
  std::uint32_t template_pusher = 2;
  std::uint32_t once_desk = 4;
  std::uint32_t target_wait_ms = 10;  ///< of a pool with a `_max`: the p99 of wait that it should have
  std::uint32_t shrink_after_s = 60;  ///< and how long it must have been calm before it becomes smaller
  std::uint32_t queue_limit = 65'536; ///< messages that may wait for one actor
};

/// Of log.level, from the one that writes most.
inline constexpr std::array<std::string_view, 6> log_levels{"trace", "debug", "info", "warn", "error", "off"};

struct log_options {
  std::string level = "info"; ///< trace, debug, info, warn, error, off
  std::string file;           ///< empty: standard error
  bool access = true;         ///< one line for each request
};

struct simulator_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0; ///< 0 takes a free port
};

struct node_options {
  std::uint32_t id = 0; ///< part of each user id; different on each server that shares a store
};

struct options {
  node_options node;
  http_options http;
  metrics_options metrics;
  admin_options admin;
  auth_options auth;
  keys_options keys;
  std::map<std::string, app_options> apps;
  std::string default_app; ///< empty: the first mini program in the order of the configuration file
  std::map<std::string, client_options> clients;
  std::map<std::string, template_options> templates;
  std::map<std::string, trigger_options> triggers;
  push_options push;
  wechat_options wechat;
  token_options token;
  std::map<std::string, limit_options> limits{
      {"per_ip", {.match = {.roles = {"anonymous"}}, .limit = 10, .window_s = 1, .burst = 20}},
      {"per_user", {.match = {.roles = {"client"}}, .key = "user", .limit = 1'000, .burst = 100}},
      {"per_client",
       {.match = {.roles = {"service"}}, .key = "client", .limit = 6'000'000, .burst = 100'000}},
      {"login",
       {.match = {.routes = {"auth.login", "auth.service"}}, .limit = 5, .window_s = 1, .burst = 10}},
  };
  rate_options rate;
  ban_options bans;
  challenge_options challenge;
  filter_options filter;
  store_options store;
  session_options session;
  std::map<std::string, actor_options, std::less<>> actors; ///< by role; one that is missing is standard
  pool_options pools;
  log_options log;
  simulator_options simulator;
};

} // namespace weappd
