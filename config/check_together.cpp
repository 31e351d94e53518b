#include "config/checks.hpp"
#include "config/text_checks.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace weappd {
namespace {

void check_members(option_reader& reader) {
  const auto& values = reader.values();
  for (const auto& [key, app] : values.apps) {
    const auto path = "apps." + key;
    if (app.app_id.empty())
      complain_of_missing(reader, path + ".app_id");
    if (app.app_secret.empty() && !reader.has_problem(path + ".secret_file"))
      complain_of_missing(reader, path + ".secret", "give secret or secret_file");
  }
  for (const auto& [id, client] : values.clients) {
    const auto path = "clients." + id;
    if (client.secret_hash.empty())
      complain_of_missing(reader, path + ".secret_hash", "`weappd hash-secret` makes it");
    if (client.scopes.empty())
      complain_of_missing(reader, path + ".scopes", "allowed: messages:send, token:read, or both");
  }
  for (const auto& [name, policy] : values.limits)
    if (policy.limit == 0)
      complain_of_missing(reader, "limits." + name + ".limit");
}

void check_limit(option_reader& reader, const std::string& path, const limit_options& policy) {
  const auto& values = reader.values();
  for (const auto& app : policy.match.apps)
    if (!values.apps.contains(app))
      reader.complain(path + ".match.apps", "'" + printable(app) + "' is not configured under apps");
  if (policy.algorithm == limit_algorithm::sliding_window && policy.limit > most_in_sliding_window)
    reader.complain(path + ".limit", std::to_string(policy.limit) +
                                         " is too much for a sliding_window, which remembers each request; "
                                         "allowed: at most " +
                                         std::to_string(most_in_sliding_window));
  if (policy.algorithm == limit_algorithm::leaky_bucket &&
      policy.max_delay_ms >= values.http.handler_timeout_ms)
    reader.complain(path + ".max_delay_ms", std::to_string(policy.max_delay_ms) +
                                                " is not less than http.handler_timeout_ms, by which a "
                                                "request must be answered");
  if (policy.key.starts_with("header:") && values.http.trusted_proxies.empty())
    reader.complain(path + ".key",
                    "'" + printable(policy.key) +
                        "' is a header of a trusted proxy, and http.trusted_proxies names none");
}

void check_limits(option_reader& reader) {
  for (const auto& [name, policy] : reader.values().limits)
    check_limit(reader, "limits." + name, policy);
}

void check_different(option_reader& reader) {
  std::map<std::string, std::string> first;
  const auto& apps = reader.values().apps;
  for (const auto& key : reader.order_of("apps")) {
    const auto& id = apps.at(key).app_id;
    const auto [found, fresh] = first.try_emplace(id, key);
    if (!fresh && !id.empty())
      reader.complain("apps." + key + ".app_id", "'" + printable(id) + "' is the app_id of apps." +
                                                     found->second + " too; allowed: each only once");
  }
}

/// Finds the app of logins that name none.
void choose_default_app(option_reader& reader) {
  auto& values = reader.values();
  if (values.apps.empty())
    return reader.complain("apps", "no app is configured; allowed: at least one, with app_id and secret");
  if (values.default_app.empty()) {
    for (const auto& key : reader.order_of("apps"))
      if (values.default_app.empty() && values.apps.at(key).kind == app_kind::mini_program)
        values.default_app = key;
    if (values.default_app.empty())
      reader.complain("apps", "no mini program is configured; logins need one");
    return;
  }
  const auto found = values.apps.find(values.default_app);
  const auto name = "'" + printable(values.default_app) + "'";
  if (found == values.apps.end())
    reader.complain("default_app",
                    name + " is not configured under apps; allowed: the key of a mini program");
  else if (found->second.kind != app_kind::mini_program)
    reader.complain("default_app", name + " is not a mini program; allowed: the key of a mini program");
}

/// The first wait of a back-off may not be longer than the longest.
void check_waits(option_reader& reader, const std::string& group, std::uint32_t least, std::uint32_t most) {
  if (least > most)
    reader.complain(group + ".retry_min_ms", std::to_string(least) + " is above " + group +
                                                 ".retry_max_ms; allowed: at most " + std::to_string(most));
}

void check_bans(option_reader& reader) {
  const auto& bans = reader.values().bans;
  if (bans.first_s > bans.longest_s)
    reader.complain("bans.first_s", std::to_string(bans.first_s) +
                                        " is above bans.longest_s; allowed: at most " +
                                        std::to_string(bans.longest_s));
}

/// What the kind that was chosen wants. How long a judgement may take is bounded by the request's own time.
void check_challenge(option_reader& reader) {
  const auto& values = reader.values();
  const auto& challenge = values.challenge;
  if (challenge.bits > challenge.max_bits)
    reader.complain("challenge.bits", std::to_string(challenge.bits) +
                                          " is above challenge.max_bits; allowed: at most " +
                                          std::to_string(challenge.max_bits));
  if (challenge.kind != challenge_kind::captcha)
    return;
  const auto& captcha = challenge.captcha;
  if (captcha.timeout_ms >= values.http.handler_timeout_ms)
    reader.complain("challenge.captcha.timeout_ms", std::to_string(captcha.timeout_ms) +
                                                        " is not less than http.handler_timeout_ms, by which "
                                                        "a request must be answered");
  for (const auto& [empty, path] :
       {std::pair(captcha.url.empty(), "challenge.captcha.url"),
        std::pair(captcha.site_key.empty(), "challenge.captcha.site_key"),
        std::pair(captcha.service_secret.empty(), "challenge.captcha.secret_file")})
    if (empty)
      complain_of_missing(reader, path, "challenge.kind captcha wants one");
}

void check_filter(option_reader& reader) {
  if (reader.values().filter.headers.size() > most_filter_headers)
    reader.complain("filter.headers",
                    "there are too many; allowed: at most " + std::to_string(most_filter_headers));
}

/// The size of a pool is the least that it has.
void check_pools(option_reader& reader) {
  const auto& pools = reader.values().pools;
  const auto check = [&](const char* role, std::uint32_t least, std::uint32_t most) {
    if (most != 0 && most < least)
      reader.complain(std::string("pools.") + role + "_max",
                      std::to_string(most) + " is below pools." + role +
                          "; allowed: 0 for a pool that keeps its size, or at least " +
                          std::to_string(least));
  };
  check("rate_limiter", pools.rate_limiter, pools.rate_limiter_max);
  check("store_readers", pools.store_readers, pools.store_readers_max);
}

/// An attempt whose calls may last longer than its lease would be given up on while an answer can still come.
void check_lease(option_reader& reader) {
  const auto& values = reader.values();
  const auto calls_s = 2ULL * values.wechat.total_timeout_ms / 1'000; // a token fetch, then the send
  if (values.push.lease_s <= calls_s)
    reader.complain("push.lease_s", std::to_string(values.push.lease_s) +
                                        " is not above what a token fetch and a send may take, "
                                        "wechat.total_timeout_ms each; allowed: at least " +
                                        std::to_string(calls_s + 1));
}

/// Two listeners meet where their addresses are one, or one of them is all addresses of the machine.
void check_places(option_reader& reader) {
  struct listener {
    const char* option;
    const std::string& address;
    std::int32_t port;
  };
  const auto& values = reader.values();
  const listener all[] = {{"http.port", values.http.address, values.http.port},
                          {"http.tls.port", values.http.tls.address, values.http.tls.port},
                          {"metrics.port", values.metrics.address, values.metrics.port},
                          {"admin.port", values.admin.address, values.admin.port}};
  for (const auto* second = std::begin(all); second != std::end(all); ++second)
    for (const auto* first = std::begin(all); first != second; ++first)
      if (second->port > 0 && second->port == first->port && addresses_meet(first->address, second->address))
        reader.complain(second->option,
                        std::to_string(second->port) + " is " + first->option +
                            " too, at an address that they share; allowed: a port of its own");
}

void check_listeners(option_reader& reader) {
  const auto& http = reader.values().http;
  if (http.port < 0 && http.tls.port < 0)
    reader.complain("http.port", "-1 is off, and http.tls.port is off too; allowed: one of them, or both");
  for (const auto& [wanted, path] : {std::pair(http.proxy_protocol, "http.proxy_protocol"),
                                     std::pair(http.tls.proxy_protocol, "http.tls.proxy_protocol")})
    if (wanted && http.trusted_proxies.empty())
      reader.complain(path, "wants proxies that may connect, and http.trusted_proxies names none");
  if (http.tls.port < 0)
    return;
  if (http.tls.certificate_file.empty())
    complain_of_missing(reader, "http.tls.certificate_file", "http.tls.port wants one");
  if (http.tls.key_file.empty())
    complain_of_missing(reader, "http.tls.key_file", "http.tls.port wants one");
}

/// Short enough to be typed is short enough to be guessed.
void check_admin(option_reader& reader) {
  constexpr std::size_t least = 32;
  const std::string option = "admin.token_file";
  const auto& admin = reader.values().admin;
  if (admin.port < 0 || reader.has_problem(option))
    return;
  if (admin.token.empty())
    complain_of_missing(reader, option, "admin.port wants one");
  else if (admin.token.reveal().size() < least)
    reader.complain(option, "the token in it is too short; allowed: at least " + std::to_string(least) +
                                " characters");
}

/// The Fetch standard: with credentials, browsers do not take * for an answer.
void check_cors(option_reader& reader) {
  const auto& cors = reader.values().http.cors;
  if (cors.credentials && std::ranges::find(cors.origins, "*") != cors.origins.end())
    reader.complain("http.cors.credentials", "is not possible with the origin *; allowed: exact origins");
}

void check_counts(option_reader& reader) {
  for (const auto& map : schema_maps())
    for (const auto& above : places_of(map, reader.values()))
      if (map.names(reader.values(), above).size() > map.most)
        reader.complain(particular(map.path, above),
                        "there are too many; allowed: at most " + std::to_string(map.most));
}

} // namespace

void complain_of_missing(option_reader& reader, const std::string& path, const std::string& what) {
  if (!reader.has_problem(path))
    reader.complain(path, what.empty() ? "is missing" : "is missing; " + what);
}

void check_together(option_reader& reader) {
  const auto& values = reader.values();
  const auto before = reader.problems().size();
  check_listeners(reader);
  check_places(reader);
  check_cors(reader);
  check_admin(reader);
  check_members(reader);
  check_different(reader);
  choose_default_app(reader);
  check_limits(reader);
  check_bans(reader);
  check_challenge(reader);
  check_filter(reader);
  check_pools(reader);
  check_templates(reader);
  check_triggers(reader);
  check_waits(reader, "token", values.token.retry_min_ms, values.token.retry_max_ms);
  check_waits(reader, "push", values.push.retry_min_ms, values.push.retry_max_ms);
  check_lease(reader);
  check_counts(reader);
  reader.add_places(before);
}

} // namespace weappd
