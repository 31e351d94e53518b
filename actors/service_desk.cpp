#include "actors/service_desk.hpp"

#include "actors/logic/token_mint.hpp"
#include "actors/sure_promise.hpp"
#include "config/crypto/random_key.hpp"
#include "messages/error.hpp"
#include "messages/meter/metered_actor.hpp"

#include <chrono>
#include <utility>

namespace weappd {
namespace {

using service_desk_ptr = service_desk_actor::stateful_pointer<service_desk_state>;

crypto::digest digest_of(service_desk_state& state, const authenticate_client& wanted) {
  std::string id = wanted.id.value;
  id += '\0';
  return (*state.mac)(id, wanted.password.reveal());
}

bool is_proved(const service_desk_state& state, const client_id& id, const crypto::digest& digest) {
  const auto known = state.proved.find(id.value);
  return known != state.proved.end() && crypto::equal(known->second, digest);
}

caf::error refuse(const service_desk_state& state, const client_id& id) {
  const bool known = state.services->config.clients.contains(id.value);
  state.services->events.write(event_level::warn, "service.login_failed",
                               {{"client", known ? id.value : "not configured"}});
  return make_error(ec::invalid_client);
}

caf::expected<service_grant> let_in(const service_desk_state& state, const client_id& id) {
  const auto& services = *state.services;
  auto token = services.mint->service_token(id, services.wall.now(), services.random);
  if (token.empty())
    return make_error(ec::internal_error, "a client id that cannot be signed");
  services.events.write(event_level::info, "service.login", {{"client", id.value}});
  return service_grant{.access_token = std::move(token),
                       .ttl = std::chrono::seconds(services.config.auth.service_ttl_s),
                       .scopes = services.config.clients.at(id.value).scopes};
}

void on_checked(service_desk_state& state, const client_id& id, const crypto::digest& digest, bool fits,
                const sure_promise<service_grant>& promise) {
  --state.checking;
  if (!fits || !state.services->config.clients.contains(id.value))
    return promise.deliver(refuse(state, id));
  state.proved.insert_or_assign(id.value, digest);
  auto grant = let_in(state, id);
  if (grant)
    promise.deliver(std::move(*grant));
  else
    promise.deliver(std::move(grant.error()));
}

caf::result<service_grant> authenticate(service_desk_ptr self, authenticate_client& wanted) {
  auto& state = self->state;
  const auto& clients = state.services->config.clients;
  if (clients.empty())
    return refuse(state, wanted.id);
  const auto digest = digest_of(state, wanted);
  if (is_proved(state, wanted.id, digest)) {
    auto grant = let_in(state, wanted.id);
    if (!grant)
      return std::move(grant.error());
    return std::move(*grant);
  }
  if (state.checking >= max_secret_checks)
    return refuse_as_full(*self, ec::overloaded, "too many secrets are being checked");
  const auto checker = state.services->peers->secret_checker.get();
  if (!checker)
    return make_error(ec::overloaded, "the checker is being started");
  const auto client = clients.find(wanted.id.value);
  const auto& hash = client == clients.end() ? clients.begin()->second : client->second;
  const sure_promise promise(self->make_response_promise<service_grant>());
  ++state.checking;
  self->request(checker, patience(*state.services),
                check_secret{std::move(wanted.password), hash.secret_hash})
      .then([=, id = wanted.id](
                secret_checked checked) { on_checked(self->state, id, digest, checked.fits, promise); },
            [=](caf::error& error) {
              --self->state.checking;
              promise.deliver(std::move(error));
            });
  return promise.get();
}

status_report report(const service_desk_state& state) {
  return {.state = health::ok,
          .detail = std::to_string(state.services->config.clients.size()) + " clients, " +
                    std::to_string(state.checking) + " secrets being checked"};
}

} // namespace

service_desk_actor::behavior_type service_desk(service_desk_ptr self, services_ptr services) {
  auto& state = self->state;
  state.mac.emplace(crypto::random_mac(services->random));
  state.services = std::move(services);
  return {
      [self](get_status) { return report(self->state); },
      [self](authenticate_client& wanted) { return authenticate(self, wanted); },
  };
}

} // namespace weappd
