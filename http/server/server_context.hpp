#pragma once

#include "config/keyring.hpp"
#include "config/limit_book.hpp"
#include "config/option_book.hpp"
#include "config/options.hpp"
#include "http/server/access_log.hpp"
#include "http/server/connection_counter.hpp"
#include "http/server/cors.hpp"
#include "http/server/filter_desk.hpp"
#include "http/server/forwarded.hpp"
#include "http/server/header_keys.hpp"
#include "http/server/metrics.hpp"
#include "http/server/once_slots.hpp"
#include "http/server/operator_token.hpp"
#include "http/server/router.hpp"
#include "http/server/sender.hpp"
#include "messages/bans.hpp"
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

/// What is shared by all connections of a server; outlives them and the actors. Everything but the atomics,
/// the limits, the bans, the challenges, the filter and the token of operators is set before the first
/// request and not changed afterwards.
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
  std::string public_description{};                  ///< OpenAPI, of what the public listener serves
  std::string operator_description{};                ///< the same of the listener for operators
  limit_book limits{settings.limits};                ///< may change while the server runs
  option_book<ban_options> ban_rules{settings.bans}; ///< as the limits
  ban_book bans{};                                   ///< as the limits
  option_book<challenge_options> challenge_rules{settings.challenge}; ///< as the limits
  filter_desk filter{settings.filter, metrics.filter(), events};      ///< as the limits
  service_clients clients{settings.clients};
  app_numbers apps{settings.apps};
  operator_token operators{settings.admin.token}; ///< may change, as the limits
  header_keys keys_of_headers{keys.lookup};
  once_slots slots{keys.lookup, std::chrono::seconds(settings.auth.idempotency_s)};
  std::vector<cidr> trusted_proxies = parse_blocks(settings.http.trusted_proxies);
  cors_policy cors{settings.http.cors};
  std::string strict_transport = make_strict_transport(settings.http.hsts_s);
  connection_counter connections{settings.http.max_connections, settings.http.max_connections_per_address};

  std::atomic<std::uint32_t> in_flight{0}; ///< requests that are being worked on
  std::atomic<bool> draining{false};       ///< readyz fails
  std::atomic<bool> closing{false};        ///< answers say Connection: close
  std::atomic<bool> handing_on{false};     ///< over plain HTTP they do not: a successor takes the connections
  std::atomic<bool> stopping{false};       ///< new requests get 503, idle connections are closed
  std::atomic<std::uint32_t> too_late{0};  ///< connections on which something came after we had ended them
};

} // namespace weappd::http
