#pragma once

#include "actors/services.hpp"
#include "actors/session_router.hpp"
#include "actors/supervisor.hpp"
#include "messages/actors.hpp"
#include "messages/ids.hpp"

#include <caf/actor_system.hpp>
#include <caf/fwd.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// How each actor is made: the seam where the daemon plugs in store and gateway, and where a test puts an
/// actor of its own. Used again for each restart.
namespace weappd {

struct factories {
  std::function<store_writer_actor(caf::actor_system&, const services_ptr&)> store_writer;
  std::function<store_reader_actor(caf::actor_system&, const services_ptr&, std::size_t index)> store_reader;
  std::function<wechat_gateway_actor(caf::actor_system&, const services_ptr&)> wechat_gateway;
  std::function<token_refresher_actor(caf::actor_system&, const services_ptr&, const app_key&)>
      token_refresher;
  std::function<rate_limiter_actor(caf::actor_system&, const services_ptr&, std::size_t shard)> rate_limiter;
  /// The router makes its sessions with this one, as its own children.
  std::function<session_actor(caf::local_actor& parent, const services_ptr&, user_id)> session;
  /// Gets the session factory above with its services filled in.
  std::function<session_router_actor(caf::actor_system&, const services_ptr&, session_factory,
                                     std::size_t shard)>
      session_router;
  std::function<login_actor(caf::actor_system&, const services_ptr&, std::size_t shard)> login_desk;
  std::function<template_pusher_actor(caf::actor_system&, const services_ptr&, std::size_t shard)>
      template_pusher;
  std::function<template_checker_actor(caf::actor_system&, const services_ptr&, const app_key&)>
      template_checker;
  std::function<follower_sync_actor(caf::actor_system&, const services_ptr&, const app_key&)> follower_sync;
  std::function<once_desk_actor(caf::actor_system&, const services_ptr&, std::size_t shard)> once_desk;
  /// The standard one has a thread of its own.
  std::function<secret_checker_actor(caf::actor_system&, const services_ptr&)> secret_checker;
  std::function<service_desk_actor(caf::actor_system&, const services_ptr&)> service_desk;
  std::function<housekeeper_actor(caf::actor_system&, const services_ptr&)> housekeeper;
  std::function<ban_keeper_actor(caf::actor_system&, const services_ptr&)> ban_keeper;
  std::function<captcha_verifier_actor(caf::actor_system&, const services_ptr&)> captcha_verifier;
  std::function<challenge_desk_actor(caf::actor_system&, const services_ptr&)> challenge_desk;
  /// Empty where nobody resizes pools; the daemon's to fill, because it can.
  std::function<pool_sizer_actor(caf::actor_system&, const services_ptr&)> pool_sizer;
  /// Empty when there is no listener for operators; the daemon's to fill.
  std::function<operator_desk_actor(caf::actor_system&, const services_ptr&)> operator_desk;
};

/// Those that live in this folder. store_writer, store_reader, wechat_gateway and captcha_verifier are empty:
/// the caller's to fill.
factories standard_factories();

/// Makes an actor that is in no role of ours; it answers get_status.
using further_factory = std::function<service_actor(caf::actor_system&, const services_ptr&)>;
using further_factories = std::map<std::string, further_factory, std::less<>>;

/// All actors of a server in the order in which they start: a part comes after those that it waits for, and
/// `further` ones after ours. All members of `make` must be filled but those that may be empty.
std::vector<child_spec> all_children(const factories& make, const services_ptr& services,
                                     const further_factories& further = {});

/// Starts everything under one supervisor; the directory of `services` is filled when it answers get_status.
/// Hold the handle: without one the supervisor ends, and with it everything.
supervisor_actor start_all(caf::actor_system& system, const factories& make, const services_ptr& services,
                           const further_factories& further = {});

} // namespace weappd
