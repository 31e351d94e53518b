#include "http/server/dispatcher.hpp"

#include "http/server/characters.hpp"
#include "http/server/envelope.hpp"
#include "http/server/media_type.hpp"
#include "http/server/places.hpp"
#include "http/server/request_actor.hpp"
#include "http/server/target.hpp"
#include "http/server/trace_context.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <random>

namespace weappd::http {
namespace {

bool is_acceptable_request_id(std::string_view text) {
  return text.size() >= 8 && text.size() <= short_text::capacity && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                  c == '_' || c == '-';
         });
}

bool may_use(const route& target, const sender& from) {
  if (from.service == nullptr)
    return target.allowed != access::service;
  return target.allowed != access::client && from.service->scopes.has(target.needs);
}

std::uint64_t next_random(std::uint64_t (&s)[4]) {
  // xoshiro256** 1.0, Blackman and Vigna, public domain.
  const auto result = std::rotl(s[1] * 5, 7) * 9;
  const auto t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = std::rotl(s[3], 45);
  return result;
}

/// Sixteen digits, two at a time.
void put_hex(std::uint64_t word, char* to) {
  static constexpr auto pairs = [] {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i)
      table[i] = {digits[i & 15], digits[i >> 4]};
    return table;
  }();
  for (int i = 0; i < 8; ++i, word >>= 8, to += 2)
    std::memcpy(to, pairs[word & 255].data(), 2);
}

} // namespace

dispatcher::dispatcher(server_context& server, const router& routes, caf::actor_system& system, io_unit& unit,
                       handed_on_sockets& handed_on)
    : server_(server), routes_(routes), system_(system), unit_(unit), handed_on_(handed_on),
      authenticator_(server.keys.signing, server.settings.auth.issuer, server.settings.auth.audience,
                     server.clients, server.apps),
      bans_(server.ban_rules, server.bans, server.trusted_proxies),
      challenges_(server.challenge_rules, server.trusted_proxies), filter_(server.filter) {
  look_for_news();
  for (const auto& each : routes.all()) {
    const bool is_told =
        each.rank != urgency::vital && !each.waits_for_wechat && each.allowed != access::operators;
    const std::chrono::milliseconds target(is_told ? settings().target_latency_ms : 0);
    gates_.push_back({concurrency_limit(target, settings().max_in_flight)});
  }
  std::random_device seed;
  for (auto& word : random_state_)
    word = std::uint64_t{seed()} << 32 | seed();
}

guard_limits dispatcher::limits() {
  look_for_news();
  guard_limits limits;
  limits.max_body = server_.settings.http.max_body_bytes;
  limits.kept_fields = kept_fields_;
  return limits;
}

std::span<char> dispatcher::wire_buffer() {
  if (!wire_buffer_)
    wire_buffer_ = std::make_unique_for_overwrite<char[]>(wire_buffer_size);
  return {wire_buffer_.get(), wire_buffer_size};
}

std::string_view dispatcher::date() {
  return dates_.at(std::chrono::floor<std::chrono::seconds>(server_.clock.now()).time_since_epoch().count());
}

short_text dispatcher::new_request_id() {
  char text[32];
  for (char* to = text; to != text + sizeof text; to += 16)
    put_hex(next_random(random_state_), to);
  return short_text({text, sizeof text});
}

short_text dispatcher::request_id_for(const request& wanted) {
  return is_acceptable_request_id(wanted.request_id) ? short_text(wanted.request_id) : new_request_id();
}

void dispatcher::take(connection& client, request& wanted) {
  auto& facts = client.facts();
  facts.id = request_id_for(wanted);
  facts.trace_id = {};
  if (!wanted.traceparent.empty())
    if (const auto trace = parse_traceparent(wanted.traceparent))
      facts.trace_id.assign(trace->trace_id);
  facts.cors_fields = cors_fields_for(wanted);

  const bool problem = accepts_problem_json(wanted.accept);
  const auto refuse = [&](ec code) { client.answer_now(failure(code, facts.id.view(), problem)); };

  const auto match = routes_.find(wanted.verb, wanted.path);
  if (wanted.verb == method::options && (!match.allow.empty() || wanted.target == "*"))
    return client.answer_now(server_.cors.answer_options(wanted, match.allow));
  if (match.found == nullptr) {
    auto answer =
        failure(match.allow.empty() ? ec::route_not_found : ec::method_not_allowed, facts.id.view(), problem);
    if (!match.allow.empty())
      answer.fields += "Allow: " + std::string(match.allow) + "\r\n";
    return client.answer_now(answer);
  }
  facts.target = match.found;
  const auto who = client_of(client, wanted);
  bans_.look_for_news();
  if (match.found->limited)
    if (const auto rest = bans_.banned_for(who, server_.clock))
      return refuse_banned(client, *rest, problem);

  const bool has_body = !wanted.body.empty();
  if (match.found->body == body_kind::json || (match.found->body == body_kind::optional_json && has_body))
    if (!is_json(wanted.content_type) || !is_identity(wanted.content_encoding))
      return refuse(ec::unsupported_media_type);

  request_context context;
  context.target = match.found;
  context.id = facts.id;
  context.trace_id = facts.trace_id;
  if (!match.parameter.empty()) {
    auto parameter = percent_decode(match.parameter);
    if (!parameter)
      return refuse(ec::bad_target);
    context.parameter = std::move(*parameter);
  }
  if (stopping() && !match.found->while_stopping)
    return refuse(ec::draining);
  if (!let_in(*match.found))
    return refuse(ec::overloaded);
  facts.measured = true;
  context.query = std::move(wanted.query);
  context.body = std::move(wanted.body);
  context.problem_json = problem;
  context.has_idempotency_key = wanted.has_idempotency_key;
  context.idempotency_key = std::move(wanted.idempotency_key);
  if (match.found->allowed != access::open)
    authenticate(wanted, context);
  context.client = address_key(who);
  context.watched = bans_.watched_of(who);
  context.challenge = challenges_.task_for(*match.found, who);
  find_limits(client, wanted, context);
  context.filter = filter_.task_for(wanted, context);
  facts.user = context.who.user;
  facts.service = context.service;
  facts.by_operator = context.by_operator;

  caf::actor_config config{&unit_}; // the actor's first turn is queued on this thread
  // As actor_system::spawn does it, but for the logger (see io_unit.cpp).
  auto actor = caf::make_actor<request_actor, request_port>(system_.next_actor_id(), system_.node(), &system_,
                                                            config, server_, connection_ptr(&client),
                                                            client.sequence(), std::move(context));
  caf::actor_cast<request_actor*>(actor)->launch(&unit_, false, false);
  client.wait_for(caf::actor_cast<caf::strong_actor_ptr>(std::move(actor)));
}

/// By what is being worked on in all, and by what this route can do in time.
bool dispatcher::let_in(const route& target) {
  auto& its = gate_of(target);
  const auto before = server_.in_flight.fetch_add(1, std::memory_order_relaxed);
  const bool has_place = target.allowed == access::operators || // who can help is let in
                         before < places_for(target.rank, settings().max_in_flight);
  if (!has_place || !its.limit.admits(its.in_flight)) {
    server_.in_flight.fetch_sub(1, std::memory_order_relaxed);
    server_.metrics.shed(has_place ? shed_because::slow : shed_because::full);
    return false;
  }
  its.limit.admitted(++its.in_flight);
  return true;
}

void dispatcher::request_ended(const route& target) noexcept {
  server_.in_flight.fetch_sub(1, std::memory_order_relaxed);
  --gate_of(target).in_flight;
}

void dispatcher::refuse_banned(connection& client, std::chrono::seconds rest, bool problem) {
  server_.metrics.banned();
  auto answer = failure(ec::rate_limited, client.facts().id.view(), problem);
  answer.fields += "Retry-After: " + std::to_string(rest.count()) + "\r\n";
  client.answer_now(answer);
}

void dispatcher::answered(const connection::request_facts& facts, const response& answer,
                          std::chrono::steady_clock::time_point taken,
                          std::chrono::steady_clock::time_point now) {
  const std::chrono::nanoseconds duration = now - taken;
  server_.metrics.answered(facts.target, answer.status, duration);
  if (facts.measured) {
    auto& its = gate_of(*facts.target);
    its.limit.answered(now, duration - answer.held_back, its.in_flight);
  }
  access_entry entry;
  entry.request_id = facts.id.view();
  entry.trace_id = facts.trace_id.view();
  entry.method = facts.method;
  entry.route = facts.target != nullptr ? facts.target->name : std::string_view{};
  entry.status = answer.status;
  entry.error = answer.error_name;
  entry.duration = duration;
  entry.user = facts.user;
  if (facts.service != nullptr)
    entry.client = facts.service->id.value;
  entry.by_operator = facts.by_operator;
  entry.bytes = facts.head_only ? 0 : answer.body.size();
  server_.requests.write(entry);
}

void dispatcher::authenticate(const request& wanted, request_context& context) {
  context.token_given = !wanted.authorization.empty();
  context.refused = ec::invalid_access_token;
  if (context.target->allowed == access::operators) {
    context.by_operator = server_.operators.is(bearer_token(wanted.authorization));
    if (context.by_operator)
      context.refused = ec::none;
    return;
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(server_.clock.now()).time_since_epoch().count();
  if (const auto from = authenticator_.who_sent(wanted.authorization, now)) {
    context.who = from->who;
    context.service = from->service;
    context.app = from->app;
    context.refused = may_use(*context.target, *from) ? ec::none : ec::scope_missing;
  }
}

/// Another thread may have changed the policies, or the rules of the filter. A request under way keeps those
/// that it came under; a connection keeps the fields that were wanted when it was opened, so until it is
/// opened anew a client of a new header policy counts by address, and the filter does not see a new field.
void dispatcher::look_for_news() {
  const bool new_filter = filter_.look_for_news();
  const auto version = server_.limits.version();
  if (version == limits_version_ && !new_filter)
    return;
  if (version != limits_version_)
    limits_ = std::make_shared<const limit_rules>(*server_.limits.get(), routes_, server_.apps);
  limits_version_ = version;
  gather_kept_fields();
}

/// Those that limits count by and those that the filter looks at, each once.
void dispatcher::gather_kept_fields() {
  auto fields = limits_->headers();
  for (const auto& name : filter_.headers())
    if (std::ranges::none_of(fields, [&](const auto& known) { return iequals(known, name); }))
      fields.push_back(name);
  kept_fields_ =
      fields.empty() ? nullptr : std::make_shared<const std::vector<std::string>>(std::move(fields));
}

void dispatcher::find_limits(const connection& client, const request& wanted, request_context& context) {
  look_for_news();
  context.limits = limits_;
  if (limits_->by_app() && context.app == no_app &&
      context.target->pattern.find("{app}") != std::string_view::npos)
    context.app = server_.apps.find(context.parameter);
  for (const auto& name : limits_->headers()) {
    const auto sent = std::ranges::find(wanted.kept, name, [](const auto& one) { return one.first; });
    const bool believed = sent != wanted.kept.end() && is_trusted(client.peer(), server_.trusted_proxies);
    context.header_keys.push_back(believed ? server_.keys_of_headers(sent->second) : context.client);
  }
}

/// Not what the client could have made: behind a proxy whose word is broken it is the proxy.
ip_address dispatcher::client_of(const connection& client, const request& wanted) const {
  const auto kind = settings().forwarded_header;
  const auto& field = kind == forwarded_field::forwarded ? wanted.forwarded : wanted.forwarded_for;
  if (server_.trusted_proxies.empty() || field.empty())
    return client.peer();
  return client_address(client.peer(), kind, field, server_.trusted_proxies);
}

} // namespace weappd::http
