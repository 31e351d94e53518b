#include "actors/factories.hpp"

#include "actors/ban_keeper.hpp"
#include "actors/challenge_desk.hpp"
#include "actors/follower_sync.hpp"
#include "actors/housekeeper.hpp"
#include "actors/login_desk.hpp"
#include "actors/once_desk.hpp"
#include "actors/pool.hpp"
#include "actors/rate_limiter.hpp"
#include "actors/secret_checker.hpp"
#include "actors/service_desk.hpp"
#include "actors/session.hpp"
#include "actors/template_checker.hpp"
#include "actors/template_pusher.hpp"
#include "actors/token_refresher.hpp"
#include "messages/meter/metered_actor.hpp"

#include <caf/local_actor.hpp>

#include <cstdint>
#include <iterator>
#include <utility>

namespace weappd {

factories standard_factories() {
  factories make;
  make.token_refresher = [](caf::actor_system& system, const services_ptr& services, const app_key& app) {
    return spawn_metered(system, token_refresher, services, app);
  };
  make.rate_limiter = [](caf::actor_system& system, const services_ptr& services, std::size_t place) {
    return spawn_metered(system, rate_limiter, services, place);
  };
  make.session = [](caf::local_actor& parent, const services_ptr& services, user_id user) {
    return parent.spawn(session, services, user);
  };
  make.session_router = [](caf::actor_system& system, const services_ptr& services, session_factory wake,
                           std::size_t) {
    return spawn_metered(system, session_router, services, std::move(wake));
  };
  make.login_desk = [](caf::actor_system& system, const services_ptr& services, std::size_t shard) {
    return spawn_metered(system, login_desk, services, static_cast<std::uint32_t>(shard));
  };
  make.template_pusher = [](caf::actor_system& system, const services_ptr& services, std::size_t shard) {
    return spawn_metered(system, template_pusher, services, shard);
  };
  make.template_checker = [](caf::actor_system& system, const services_ptr& services, const app_key& app) {
    return spawn_metered(system, template_checker, services, app);
  };
  make.follower_sync = [](caf::actor_system& system, const services_ptr& services, const app_key& app) {
    return spawn_metered(system, follower_sync, services, app);
  };
  make.once_desk = [](caf::actor_system& system, const services_ptr& services, std::size_t) {
    return spawn_metered(system, once_desk, services);
  };
  make.secret_checker = [](caf::actor_system& system, const services_ptr&) {
    return spawn_metered<caf::detached>(system, secret_checker);
  };
  make.service_desk = [](caf::actor_system& system, const services_ptr& services) {
    return spawn_metered(system, service_desk, services);
  };
  make.housekeeper = [](caf::actor_system& system, const services_ptr& services) {
    return spawn_metered(system, housekeeper, services);
  };
  make.ban_keeper = [](caf::actor_system& system, const services_ptr& services) {
    return spawn_metered(system, ban_keeper, services);
  };
  make.challenge_desk = [](caf::actor_system& system, const services_ptr& services) {
    return spawn_metered(system, challenge_desk, services);
  };
  return make;
}

std::vector<child_spec> all_children(const factories& make, const services_ptr& services,
                                     const further_factories& further) {
  auto& peers = *services->peers;
  std::vector<child_spec> all;
  const auto add_pool = [&]<class Handle, template <class> class Group>(const std::string& role,
                                                                        Group<Handle>& where, auto make_one) {
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
  add_pool("template_pusher", peers.pushers, [make, services](caf::actor_system& system, std::size_t shard) {
    return make.template_pusher(system, services, shard);
  });
  for (auto& [app, where] : peers.template_checkers)
    all.push_back(one_child<template_checker_actor>("template_checker/" + app.value, where,
                                                    [make, services, app = app](caf::actor_system& system) {
                                                      return make.template_checker(system, services, app);
                                                    }));
  for (auto& [app, where] : peers.follower_syncs)
    all.push_back(one_child<follower_sync_actor>("follower_sync/" + app.value, where,
                                                 [make, services, app = app](caf::actor_system& system) {
                                                   return make.follower_sync(system, services, app);
                                                 }));
  add_pool("once_desk", peers.once_desks, [make, services](caf::actor_system& system, std::size_t shard) {
    return make.once_desk(system, services, shard);
  });
  all.push_back(one_child<secret_checker_actor>(
      "secret_checker", peers.secret_checker,
      [make, services](caf::actor_system& system) { return make.secret_checker(system, services); }));
  all.push_back(one_child<service_desk_actor>(
      "service_desk", peers.service_desk,
      [make, services](caf::actor_system& system) { return make.service_desk(system, services); }));
  all.push_back(one_child<housekeeper_actor>(
      "housekeeper", peers.housekeeper,
      [make, services](caf::actor_system& system) { return make.housekeeper(system, services); }));
  all.push_back(one_child<ban_keeper_actor>(
      "ban_keeper", peers.ban_keeper,
      [make, services](caf::actor_system& system) { return make.ban_keeper(system, services); }));
  all.push_back(one_child<captcha_verifier_actor>(
      "captcha_verifier", peers.captcha_verifier,
      [make, services](caf::actor_system& system) { return make.captcha_verifier(system, services); }));
  all.push_back(one_child<challenge_desk_actor>(
      "challenge_desk", peers.challenge_desk,
      [make, services](caf::actor_system& system) { return make.challenge_desk(system, services); }));
  add_pool("rate_limiter", peers.rate_limiters,
           [make, services](caf::actor_system& system, std::size_t shard) {
             return make.rate_limiter(system, services, shard);
           });
  if (make.pool_sizer)
    all.push_back(one_child<pool_sizer_actor>(
        "pool_sizer", peers.pool_sizer,
        [make, services](caf::actor_system& system) { return make.pool_sizer(system, services); }));
  if (make.operator_desk)
    all.push_back(one_child<operator_desk_actor>(
        "operator_desk", peers.operator_desk,
        [make, services](caf::actor_system& system) { return make.operator_desk(system, services); }));
  for (const auto& [name, make_one] : further)
    all.push_back(one_child<service_actor>(
        name, peers.further[name],
        [make_one = make_one, services](caf::actor_system& system) { return make_one(system, services); }));
  return all;
}

supervisor_actor start_all(caf::actor_system& system, const factories& make, const services_ptr& services,
                           const further_factories& further) {
  return system.spawn(supervisor, services, all_children(make, services, further));
}

} // namespace weappd
