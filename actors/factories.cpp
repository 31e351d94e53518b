#include "actors/factories.hpp"

#include "actors/login_desk.hpp"
#include "actors/pool.hpp"
#include "actors/rate_limiter.hpp"
#include "actors/session.hpp"
#include "actors/token_refresher.hpp"

#include <caf/local_actor.hpp>

#include <cstdint>
#include <iterator>
#include <utility>

namespace weappd {

factories standard_factories() {
  factories make;
  make.token_refresher = [](caf::actor_system& system, const services_ptr& services, const app_key& app) {
    return system.spawn(token_refresher, services, app);
  };
  make.rate_limiter = [](caf::actor_system& system, const services_ptr& services, std::size_t) {
    return system.spawn(rate_limiter, services);
  };
  make.session = [](caf::local_actor& parent, const services_ptr& services, user_id user) {
    return parent.spawn(session, services, user);
  };
  make.session_router = [](caf::actor_system& system, const services_ptr& services, session_factory wake,
                           std::size_t) { return system.spawn(session_router, services, std::move(wake)); };
  make.login_desk = [](caf::actor_system& system, const services_ptr& services, std::size_t shard) {
    return system.spawn(login_desk, services, static_cast<std::uint32_t>(shard));
  };
  return make;
}

std::vector<child_spec> all_children(const factories& make, const services_ptr& services) {
  auto& peers = *services->peers;
  std::vector<child_spec> all;
  const auto add_pool = [&]<class Handle>(const std::string& role, address_group<Handle>& where,
                                          auto make_one) {
    auto workers = pool_of<Handle>(role, where, std::move(make_one));
    all.insert(all.end(), std::make_move_iterator(workers.begin()), std::make_move_iterator(workers.end()));
  };
  const session_factory wake = [make_session = make.session, services](caf::local_actor& parent,
                                                                       user_id user) {
    return make_session(parent, services, user);
  };

  all.push_back(one_child<store_writer_actor>(
      "store_writer", peers.store_writer,
      [make, services](caf::actor_system& system) { return make.store_writer(system, services); }));
  add_pool("store_reader", peers.store_readers,
           [make, services](caf::actor_system& system, std::size_t index) {
             return make.store_reader(system, services, index);
           });
  all.push_back(one_child<wechat_gateway_actor>(
      "wechat_gateway", peers.wechat,
      [make, services](caf::actor_system& system) { return make.wechat_gateway(system, services); }));
  for (auto& [app, where] : peers.tokens)
    all.push_back(one_child<token_refresher_actor>("token_refresher/" + app.value, where,
                                                   [make, services, app = app](caf::actor_system& system) {
                                                     return make.token_refresher(system, services, app);
                                                   }));
  add_pool("session_router", peers.users,
           [make, services, wake](caf::actor_system& system, std::size_t shard) {
             return make.session_router(system, services, wake, shard);
           });
  add_pool("login_desk", peers.logins, [make, services](caf::actor_system& system, std::size_t shard) {
    return make.login_desk(system, services, shard);
  });
  add_pool("rate_limiter", peers.rate_limiters,
           [make, services](caf::actor_system& system, std::size_t shard) {
             return make.rate_limiter(system, services, shard);
           });
  return all;
}

service_actor start_all(caf::actor_system& system, const factories& make, const services_ptr& services) {
  return system.spawn(supervisor, services, all_children(make, services));
}

} // namespace weappd
