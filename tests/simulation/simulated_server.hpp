#pragma once

#include "tests/kit/actors/fault_injector.hpp"
#include "tests/kit/actors/whole_world.hpp"
#include "tests/simulation/checks/session_owners.hpp"
#include "tests/simulation/checks/token_fetches.hpp"
#include "tests/simulation/pretended_wechat.hpp"

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd::simulation {

/// Pools of two, short memories and small limits, so that all of it happens within minutes.
options simulated_options();

/// What outlives a server.
struct outside {
  memory_store_ptr store;
  pretended_wechat& wechat;
  session_owners& owners;
  token_fetches& fetches;
  std::function<void(std::string_view message, fault what)> on_fault;
  std::uint64_t life = 0; ///< the how manieth server this is
};

/// For a client actor: do this.
struct do_as_client {
  std::function<void(caf::event_based_actor&)> what;
};

/// All actors of a server, faults between them, and clients; one life, from a start to a kill or a stop.
class simulated_server : public whole_world {
public:
  /// Starts at `begin` of the simulation's time.
  simulated_server(std::uint64_t seed, outside with, timestamp begin);
  ~simulated_server();
  simulated_server(const simulated_server&) = delete;
  simulated_server& operator=(const simulated_server&) = delete;

  /// Asks as one of the clients; `then` is told what came, if the server lives so long.
  template <class Answer, class Handle, class Message>
  void ask(std::size_t client, const Handle& whom, Message message,
           std::function<void(caf::expected<Answer>)> then) {
    tell(clients_[client % clients_.size()],
         do_as_client{
             [whom, message = std::move(message), then = std::move(then)](caf::event_based_actor& self) {
               if (!whom)
                 return then(make_error(ec::overloaded, "nobody there"));
               self.request(whom, caf::infinite, message)
                   .then([then](Answer& answer) { then(std::move(answer)); },
                         [then](caf::error& error) { then(std::move(error)); });
             }});
  }

  /// Names an actor of this life among those of all lives; CAF counts anew in each.
  [[nodiscard]] std::uint64_t number_of(caf::actor_id actor) const noexcept {
    return with_.life << 32 | actor;
  }

  /// Kills one of the actors as a defect would; which, is said by `choice`. Its name; empty: it is dead.
  std::string kill_one(std::uint64_t choice);
  /// Nothing goes wrong any more.
  void end_faults();
  /// SIGKILL: no actor does anything any more, and nothing that one still does has an effect.
  void crash();
  /// SIGTERM: everything ends in order. False if it did not.
  bool stop();

private:
  void put_faults(std::uint64_t seed, const outside& with);
  void watch(const outside& with);
  std::vector<std::pair<std::string, caf::actor>> victims();

  outside with_;
  std::vector<fault_source*> plans_;
  std::vector<std::shared_ptr<void>> plan_owners_;
  std::vector<caf::actor> clients_;
  std::map<std::uint64_t, session_actor> awake_;
  bool over_ = false;
};

} // namespace weappd::simulation

WEAPPD_MESSAGE(weappd::simulation::do_as_client)
