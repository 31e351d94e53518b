#pragma once

#include "config/keyring.hpp"
#include "config/options.hpp"
#include "http/server/access_log.hpp"
#include "http/server/connection_counter.hpp"
#include "http/server/cors.hpp"
#include "http/server/forwarded.hpp"
#include "http/server/metrics.hpp"
#include "http/server/once_slots.hpp"
#include "http/server/router.hpp"
#include "http/server/sender.hpp"
#include "messages/directory.hpp"
#include "messages/event_log.hpp"
#include "messages/message_ids.hpp"
#include "messages/time.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace weappd::http {

/// A policy of the configuration as the HTTP side needs it: which one to ask for, and how to tell the client.
struct limit_policy {
  policy_index index = 0;
  std::string policy_line; ///< `RateLimit-Policy: "per_ip";q=100;w=60` and CRLF
  std::string name;        ///< as a structured-field string: `"per_ip"`
};

/// The policies of `limits`, in the order that the rate limiters use.
std::vector<limit_policy> make_limit_policies(const std::map<std::string, limit_options>& limits);

/// What is shared by all connections of a server; outlives them and the actors. Everything but the atomics is
/// set before the first request and not changed afterwards.
struct server_context {
  const options& settings;
  const key_set& keys;
  const wall_clock& clock;
  directory_ptr parts;
  event_log& events;
  access_log& requests;
  server_metrics& metrics;
  message_id_source& message_ids;
  std::string version;
  std::vector<limit_policy> policies = make_limit_policies(settings.limits); ///< in the order of policy_index
  service_clients clients{settings.clients};
  once_slots slots{keys.lookup, std::chrono::seconds(settings.auth.idempotency_s)};
  std::vector<cidr> trusted_proxies = parse_blocks(settings.http.trusted_proxies);
  cors_policy cors{settings.http.cors};
  std::string strict_transport = make_strict_transport(settings.http.hsts_s);
  connection_counter connections{settings.http.max_connections, settings.http.max_connections_per_address};

  std::atomic<std::uint32_t> in_flight{0}; ///< requests that are being worked on
  std::atomic<bool> draining{false};       ///< readyz fails, answers say Connection: close
  std::atomic<bool> stopping{false};       ///< new requests get 503, idle connections are closed
};

} // namespace weappd::http
