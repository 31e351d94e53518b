#pragma once

#include "actors/factories.hpp"
#include "actors/secret_checker.hpp"
#include "tests/kit/actors/fakes.hpp"
#include "tests/kit/actors/world.hpp"

#include <memory>
#include <utility>

namespace weappd {

/// A world with all actors of a server in it, made by the factories that the server uses; store and WeChat
/// are the fakes. A test may replace any member of `make`, and then calls start().
class whole_world : public world {
public:
  explicit whole_world(options config = world_options(), std::uint64_t seed = 1)
      : world(std::move(config), seed), make(standard_factories()) {
    make.store_writer = [rows = store](caf::actor_system& in, const services_ptr&) {
      return in.spawn(fake_store_writer, rows);
    };
    make.store_reader = [rows = store](caf::actor_system& in, const services_ptr&, std::size_t) {
      return in.spawn(fake_store_reader, rows);
    };
    make.wechat_gateway = [script = wechat](caf::actor_system& in, const services_ptr&) {
      return in.spawn(fake_wechat_gateway, script);
    };
    make.captcha_verifier = [script = captcha](caf::actor_system& in, const services_ptr&) {
      return in.spawn(fake_captcha_verifier, script);
    };
    // Not detached: in a world there is one thread.
    make.secret_checker = [](caf::actor_system& in, const services_ptr&) { return in.spawn(secret_checker); };
  }

  /// Starts everything; from now on the directory is filled.
  void start() {
    supervisor = keep(start_all(system(), make, services()));
    run();
  }

  memory_store_ptr store = std::make_shared<memory_store>();
  scripted_wechat_ptr wechat = std::make_shared<scripted_wechat>();
  scripted_captcha_ptr captcha = std::make_shared<scripted_captcha>();
  factories make;
  service_actor supervisor;
};

} // namespace weappd
