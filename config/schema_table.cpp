#include "config/schema_table.hpp"

#include "config/schema_rows.hpp"
#include "config/text_checks.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace weappd {
namespace {

using namespace rows;

allowed claim() {
  return checked(is_claim_text, "1 to 128 of A-Z a-z 0-9 _ . : / -");
}

void add_http(std::vector<option_row>& rows) {
  rows_of(rows, &options::http)
      .add("http.address", &http_options::address, address(), "The address to listen on.")
      .add("http.port", &http_options::port, from(-1, 65'535),
           "The port to listen on; 0 takes a free one, -1 is off.")
      .add("http.proxy_protocol", &http_options::proxy_protocol, anything,
           "Whether each connection begins with a header of PROXY protocol v2, by a trusted proxy.")
      .add("http.metrics", &http_options::metrics, anything,
           "Whether GET /metrics is served on this listener.")
      .add("http.docs", &http_options::docs, anything,
           "Whether GET /openapi.json and GET /docs, which describe the API, are served on this listener.")
      .add("http.max_connections", &http_options::max_connections, from(1, million),
           "Open connections in all; one more is refused.")
      .add("http.max_connections_per_address", &http_options::max_connections_per_address, from(1, million),
           "Open connections from one address.")
      .add("http.max_in_flight", &http_options::max_in_flight, from(1, million),
           "Requests being worked on at a time; one more is answered with 503 at once.")
      .add("http.target_latency_ms", &http_options::target_latency_ms, from(0, hour_ms),
           "When the answers of a route take longer than this on average, fewer at a time are let in and the "
           "others "
           "get 503 at once; 0: never.")
      .add("http.max_body_bytes", &http_options::max_body_bytes, from(1, 64 * 1'048'576),
           "The longest request body; a longer one is answered with 413.")
      .add("http.header_timeout_ms", &http_options::header_timeout_ms, from(1, hour_ms),
           "How long the head of a request may take to arrive.")
      .add("http.body_timeout_ms", &http_options::body_timeout_ms, from(1, hour_ms),
           "How long the body of a request may take to arrive.")
      .add("http.idle_timeout_ms", &http_options::idle_timeout_ms, from(1, hour_ms),
           "How long a connection may wait for its next request.")
      .add("http.handler_timeout_ms", &http_options::handler_timeout_ms, from(1, hour_ms),
           "How long the answer to a request may take; then it is 504.")
      .add("http.drain_ms", &http_options::drain_ms, from(0, hour_ms),
           "How long a stop first serves everything while readyz fails and answers say Connection: close.")
      .add("http.handover_socket", &http_options::handover_socket,
           checked(is_socket_name_or_empty, "the name of a file, at most 100 bytes, or empty"),
           "A Unix socket where a server that starts asks the running one for its place; empty: none.")
      .add("http.stop_timeout_ms", &http_options::stop_timeout_ms, from(0, hour_ms),
           "How long a stop waits for requests that are being worked on.")
      .add("http.trusted_proxies", &http_options::trusted_proxies,
           checked(is_address_block, "an address or a block such as 10.0.0.0/8"),
           "Proxies that are believed when they say whom they speak for.")
      .add("http.forwarded_header", &http_options::forwarded_header, one_of<forwarded_field>(),
           "Where they say it; the other field is what a client wrote itself and is not read.")
      .add("http.hsts_s", &http_options::hsts_s, from(0, 10 * year_s),
           "How long browsers shall remember to come by https only (over TLS alone); 0: they are not told.");
  add_tls_rows(rows);
  add_cors_rows(rows);
  rows_of(rows, &options::metrics)
      .add("metrics.address", &metrics_options::address, address(),
           "The address of the listener for /metrics, /healthz and /readyz.")
      .add("metrics.port", &metrics_options::port, from(-1, 65'535),
           "Its port; 0 takes a free one, -1 is off.");
  rows_of(rows, &options::admin)
      .add("admin.address", &admin_options::address, address(),
           "The address of the listener for operators: loopback, or behind something that encrypts.")
      .add("admin.port", &admin_options::port, from(-1, 65'535), "Its port; 0 takes a free one, -1 is off.");
  rows.push_back({"admin.token_file",
                  [](options& o, const entry_names&) -> slot { return secret_from_file{&o.admin.token}; },
                  file(), "A file with what operators send as bearer token; only its owner can read it.",
                  true});
}

void add_auth(std::vector<option_row>& rows) {
  rows_of(rows, &options::auth)
      .add("auth.issuer", &auth_options::issuer, claim(), "The claim iss of access tokens.")
      .add("auth.audience", &auth_options::audience, claim(), "The claim aud of access tokens.")
      .add("auth.access_ttl_s", &auth_options::access_ttl_s, from(1, day_s), "The life of an access token.")
      .add("auth.refresh_ttl_s", &auth_options::refresh_ttl_s, from(1, year_s),
           "The life of a refresh token.")
      .add("auth.session_max_age_s", &auth_options::session_max_age_s, from(1, 10 * year_s),
           "A session ends this long after its login, however often it was refreshed.")
      .add("auth.refresh_reuse_window_s", &auth_options::refresh_reuse_window_s, from(0, 300),
           "A refresh token that is used again within this time gets the same answer; later it counts as "
           "stolen.")
      .add("auth.max_sessions_per_user", &auth_options::max_sessions_per_user, from(1, 1'000),
           "Sessions of one user; the one unseen for longest is closed to make room.")
      .add("auth.code_memory_s", &auth_options::code_memory_s, from(1, hour_s),
           "How long the outcome of a wx.login code is remembered.")
      .add("auth.code_memory_max", &auth_options::code_memory_max, from(1, 100 * million),
           "Codes remembered in all; the oldest is forgotten first.")
      .add("auth.service_ttl_s", &auth_options::service_ttl_s, from(1, day_s),
           "The life of a service client's access token.")
      .add("auth.idempotency_s", &auth_options::idempotency_s, from(60, 7 * day_s),
           "How long the answer under an Idempotency-Key is kept.");
  rows_of(rows, &options::keys)
      .add("keys.signing_file", &keys_options::signing_file, file_or_none(),
           "Keys that sign access tokens; empty: beside the store, made on the first start.")
      .add("keys.encryption_file", &keys_options::encryption_file, file_or_none(),
           "Keys that seal columns of the store; empty: as above.")
      .add("keys.lookup_file", &keys_options::lookup_file, file_or_none(),
           "Keys of keyed hashes and of the succession of refresh tokens; empty: as above.");
}

std::map<std::string, app_options>& apps(options& o, const entry_names&) {
  return o.apps;
}
app_options& app(options& o, const entry_names& names) {
  return o.apps[names[0]];
}

void add_apps(std::vector<option_row>& rows) {
  rows_of(rows, &app)
      .add("apps.<key>.kind", &app_options::kind, one_of<app_kind>(), "What kind of app it is.")
      .add("apps.<key>.app_id", &app_options::app_id, checked(is_app_id, "1 to 64 of A-Z a-z 0-9 _ -"),
           "Its AppID at WeChat.")
      .add("apps.<key>.secret", &app_options::app_secret,
           checked(is_secret_text, "1 to 512 visible ASCII characters"), "Its AppSecret.");
  rows.push_back({"apps.<key>.secret_file",
                  [](options& o, const entry_names& names) -> slot {
                    return secret_from_file{&app(o, names).app_secret};
                  },
                  file(), "Instead of secret: a file that holds it and that only its owner can read."});
  rows.push_back({"default_app", [](options& o, const entry_names&) -> slot { return &o.default_app; },
                  checked(is_entry_name_or_empty, "the key of a configured mini program, or empty"),
                  "The app of a login that names none; empty: the first mini program of the file."});
}

void add_wechat(std::vector<option_row>& rows) {
  rows_of(rows, &options::wechat)
      .add("wechat.base_url", &wechat_options::base_url,
           checked(is_base_url, "https://host[:port] without path; http for loopback hosts only"),
           "Where WeChat is.")
      .add("wechat.connect_timeout_ms", &wechat_options::connect_timeout_ms, from(1, minute_ms),
           "How long a connection may take to open.")
      .add("wechat.total_timeout_ms", &wechat_options::total_timeout_ms, from(1, minute_ms),
           "How long a call may take in all.")
      .add("wechat.max_connections", &wechat_options::max_connections, from(1, 4'096),
           "Connections to WeChat.")
      .add("wechat.max_waiting", &wechat_options::max_waiting, from(1, million),
           "Calls that wait for a connection; one more is answered as busy at once.")
      .add("wechat.max_answer_bytes", &wechat_options::max_answer_bytes, from(1'024, 16 * 1'048'576),
           "The longest answer that is read.")
      .add("wechat.ca_file", &wechat_options::ca_file, file_or_none(),
           "Certificates that are trusted; empty: those of the system.")
      .add("wechat.breaker_failures", &wechat_options::breaker_failures, from(1, 10'000),
           "Failures in a row after which WeChat is left alone for a while.")
      .add("wechat.breaker_open_ms", &wechat_options::breaker_open_ms, from(1, hour_ms), "How long that is.")
      .add("wechat.busy_retries", &wechat_options::busy_retries, from(0, 10),
           "How often a call is repeated when WeChat says that it is busy.")
      .add("wechat.busy_retry_ms", &wechat_options::busy_retry_ms, from(1, minute_ms),
           "The wait before the first repetition; it doubles for each further one.");
  rows_of(rows, &options::token)
      .add("token.refresh_margin_s", &token_options::refresh_margin_s, from(1, hour_s),
           "WeChat's access token is refreshed when less life than this is left.")
      .add("token.retry_min_ms", &token_options::retry_min_ms, from(1, hour_ms),
           "The first wait after a failed refresh.")
      .add("token.retry_max_ms", &token_options::retry_max_ms, from(1, hour_ms),
           "The longest wait after failed refreshes.");
}

std::map<std::string, limit_options>& limits(options& o, const entry_names&) {
  return o.limits;
}
limit_options& limit(options& o, const entry_names& names) {
  return o.limits[names[0]];
}

limit_match& match(options& o, const entry_names& names) {
  return limit(o, names).match;
}

void add_limits(std::vector<option_row>& rows) {
  const auto first = rows.size();
  rows_of(rows, &match)
      .add("limits.<name>.match.routes", &limit_match::routes,
           checked(is_route_name, "1 to 64 of a-z 0-9 _ ."),
           "The routes whose requests are counted, by their names in the log; empty: all that are limited.")
      .add("limits.<name>.match.methods", &limit_match::methods,
           one_of({"GET", "POST", "PUT", "PATCH", "DELETE"}),
           "The methods that are counted, GET with HEAD; empty: all.")
      .add("limits.<name>.match.roles", &limit_match::roles, one_of({"anonymous", "client", "service"}),
           "Who is counted: who has no valid token, users, service clients; empty: all.")
      .add("limits.<name>.match.apps", &limit_match::apps,
           checked(is_entry_name, "the key of a configured app"),
           "The apps that are counted, by the user's token or the path; empty: all, also requests without "
           "one.");
  rows_of(rows, &limit)
      .add("limits.<name>.key", &limit_options::key,
           checked(is_limit_key, "ip, user, client, app, global, or header: and the name of a field"),
           "Whom it counts apart; a request that has no such key is not counted. A header is that of a "
           "trusted proxy; without it the address counts.")
      .add("limits.<name>.algorithm", &limit_options::algorithm, one_of<limit_algorithm>(),
           "How it counts; README.md has a table.")
      .add("limits.<name>.limit", &limit_options::limit, from(1, 1'000 * million),
           "Requests for each window; sliding_window: up to 10000.")
      .add("limits.<name>.window_s", &limit_options::window_s, from(1, 31 * day_s), "The window.")
      .add("limits.<name>.burst", &limit_options::burst, from(1, 1'000 * million),
           "gcra: requests that may come at once; leaky_bucket: requests that may wait.")
      .add("limits.<name>.max_delay_ms", &limit_options::max_delay_ms, from(0, minute_ms),
           "leaky_bucket: the longest wait; less than http.handler_timeout_ms.")
      .add("limits.<name>.shadow", &limit_options::shadow, anything,
           "Whether it only counts and reports what it would refuse.");
  for (auto row = first; row < rows.size(); ++row)
    rows[row].at_reload = true;
  rows_of(rows, &options::rate)
      .add("rate.max_keys", &rate_options::max_keys, from(1'000, 100 * million),
           "Addresses and users whose rate is remembered, 48 bytes each in tables of powers of two.")
      .add("rate.max_stamps", &rate_options::max_stamps, from(million, 1'000 * million),
           "Moments remembered for sliding windows, 8 bytes each, beside the first four of each key.");
}

void add_store(std::vector<option_row>& rows) {
  rows_of(rows, &options::store)
      .add("store.path", &store_options::path, file(), "The database, relative to the working directory.")
      .add("store.busy_timeout_ms", &store_options::busy_timeout_ms, from(0, hour_ms),
           "How long a locked database is waited for.")
      .add("store.max_batch", &store_options::max_batch, from(1, 100'000),
           "Writes that share one transaction.");
  rows_of(rows, &options::session)
      .add("session.idle_s", &session_options::idle_s, from(1, day_s),
           "A user's actor that was not needed for this long goes to sleep.")
      .add("session.max_awake", &session_options::max_awake, from(1, 10 * million),
           "Users whose actors are awake; the one unused for longest sleeps first.")
      .add("session.touch_interval_s", &session_options::touch_interval_s, from(1, day_s),
           "last_seen_at of a user who is awake is stored at most this often.");
}

/// Rows keep views: the paths are made once and stay.
const std::vector<std::string>& implementation_paths() {
  static const auto paths = [] {
    std::vector<std::string> all;
    for (const auto role : role_names)
      all.emplace_back("actors.").append(role).append(".implementation");
    return all;
  }();
  return paths;
}

void add_actors(std::vector<option_row>& rows) {
  for (std::size_t i = 0; i < role_names.size(); ++i)
    rows.push_back({implementation_paths()[i],
                    [role = role_names[i]](options& o, const entry_names&) -> slot {
                      return &o.actors[std::string(role)].implementation;
                    },
                    checked(is_entry_name, "a name that print-options lists for the role"),
                    "Who plays the role."});
}

void add_process(std::vector<option_row>& rows) {
  const auto size = from(1, 64);
  const auto most = from(0, 64);
  rows_of(rows, &options::pools)
      .add("pools.io_threads", &pool_options::io_threads, from(0, 256), "Threads; 0: one for each core.")
      .add("pools.rate_limiter", &pool_options::rate_limiter, size, "Actors that keep rate limits.")
      .at_reload()
      .add("pools.rate_limiter_max", &pool_options::rate_limiter_max, most,
           "If not 0: so many when their messages wait, and pools.rate_limiter when they do not.")
      .at_reload()
      .add("pools.session_router", &pool_options::session_router, size, "Actors that find users.")
      .add("pools.login_desk", &pool_options::login_desk, size, "Actors that take logins.")
      .add("pools.store_readers", &pool_options::store_readers, size,
           "Actors (and threads) that read the store.")
      .at_reload()
      .add("pools.store_readers_max", &pool_options::store_readers_max, most,
           "If not 0: so many when their messages wait, and pools.store_readers when they do not.")
      .at_reload()
      .add("pools.template_pusher", &pool_options::template_pusher, size, "Actors that send messages.")
      .at_reload()
      .add("pools.once_desk", &pool_options::once_desk, size, "Actors that keep idempotency keys.")
      .add("pools.target_wait_ms", &pool_options::target_wait_ms, from(1, 60'000),
           "A pool with a maximum grows while its messages wait longer than this (the p99).")
      .at_reload()
      .add("pools.shrink_after_s", &pool_options::shrink_after_s, from(1, day_s),
           "It shrinks after so long without load.")
      .at_reload()
      .add("pools.queue_limit", &pool_options::queue_limit, from(16, 100 * million),
           "Messages that may wait for one actor, of whatever role; who asks it then is refused at once "
           "(503).")
      .at_reload();
  rows_of(rows, &options::log)
      .add("log.level", &log_options::level, one_of({log_levels.begin(), log_levels.end()}),
           "The least important lines that are written.")
      .at_reload()
      .add("log.file", &log_options::file, file_or_none(), "Where lines go; empty: standard error.")
      .add("log.access", &log_options::access, anything, "Whether there is a line for each request.");
  rows_of(rows, &options::simulator)
      .add("simulator.address", &simulator_options::address, address(),
           "The address of the pretended WeChat.")
      .add("simulator.port", &simulator_options::port, from(0, 65'535), "Its port; 0 takes a free one.");
}

} // namespace

std::vector<option_row> schema_table() {
  std::vector<option_row> rows;
  rows_of(rows, &options::node)
      .add("node.id", &node_options::id, from(0, 31),
           "Part of each user id; different on each server that shares a store.");
  add_http(rows);
  add_auth(rows);
  add_apps(rows);
  add_message_rows(rows);
  add_wechat(rows);
  add_limits(rows);
  add_ban_rows(rows);
  add_challenge_rows(rows);
  add_filter_rows(rows);
  add_store(rows);
  add_actors(rows);
  add_process(rows);
  return rows;
}

std::vector<option_map> schema_map_table() {
  constexpr std::size_t most = 64;
  std::vector<option_map> maps{map_of<&apps>("apps", "<key>", is_entry_name, entry_name_words, most),
                               map_of<&limits>("limits", "<name>", is_entry_name, entry_name_words, most)};
  add_filter_maps(maps);
  add_message_maps(maps);
  return maps;
}

} // namespace weappd
