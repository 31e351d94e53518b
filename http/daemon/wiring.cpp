#include "http/daemon/wiring.hpp"

#include "http/captcha/captcha_verifier.hpp"
#include "http/wechat/gateway_actor.hpp"
#include "persistence/store_actor.hpp"

namespace weappd {

factories wire(const store_backend_ptr& store, const std::shared_ptr<http_client>& wechat,
               const std::shared_ptr<http_client>& captcha) {
  auto make = standard_factories();
  make.store_writer = [store](caf::actor_system& system, const services_ptr& services) {
    return spawn_store_writer(system, store, services->config.store);
  };
  make.store_reader = [store](caf::actor_system& system, const services_ptr&, std::size_t) {
    return spawn_store_reader(system, store);
  };
  make.captcha_verifier = [captcha](caf::actor_system& system, const services_ptr& services) {
    return spawn_captcha_verifier(system, services->challenge.rules, captcha);
  };
  use_gateway(make, wechat);
  return make;
}

void use_gateway(factories& make, const std::shared_ptr<http_client>& client) {
  make.wechat_gateway = [client](caf::actor_system& system, const services_ptr& services) {
    std::uint64_t seed = 0;
    services->random.fill({reinterpret_cast<std::uint8_t*>(&seed), sizeof seed});
    return spawn_wechat_gateway(system, {.wechat = services->config.wechat,
                                         .apps = services->config.apps,
                                         .client = client,
                                         .jitter_seed = seed,
                                         .look = {.version = services->config.push.mini_program_state,
                                                  .lang = services->config.push.lang}});
  };
}

} // namespace weappd
