// weappd with an endpoint, an actor and a message of our own, and with another rate limiter.
#include "http/daemon/commands.hpp"
#include "http/server/request_actor.hpp"

struct note_visit {};
WEAPPD_MESSAGE(note_visit)
using visits_actor = weappd::service_actor::extend<caf::replies_to<note_visit>::with<std::uint64_t>>;

visits_actor::behavior_type visits(visits_actor::stateful_pointer<std::uint64_t> self) {
  self->state = 0;
  return {[](weappd::get_status) { return weappd::status_report{}; },
          [self](note_visit) { return ++self->state; }};
}

void get_visits(weappd::http::request_actor& self) {
  self.ask(self.parts().further_as<visits_actor>("visits"), note_visit{}, [&self](std::uint64_t count) {
    self.succeed(200, [count](weappd::json::writer& data) {
      data.begin_object();
      data.member("visits", count);
      data.end_object();
    });
  });
}

/// Three requests for everybody together, and no more.
weappd::rate_limiter_actor::behavior_type three(weappd::rate_limiter_actor::stateful_pointer<int> self) {
  return {[](weappd::get_status) { return weappd::status_report{}; },
          [self](const weappd::acquire&) {
            return weappd::verdict{.allowed = self->state++ < 3, .reset_s = 42, .retry_after_s = 42};
          },
          [](const weappd::use_limits&) { return weappd::done{}; }};
}

int main(int argc, char** argv) {
  weappd::extension mine;
  mine.further_actors["visits"] = [](caf::actor_system& system, const weappd::services_ptr&) {
    return caf::actor_cast<weappd::service_actor>(system.spawn(visits));
  };
  mine.routes = [](std::vector<weappd::http::route>& routes) {
    routes.push_back({.name = "visits", .pattern = "/api/v1/visits", .handle = get_visits});
  };
  mine.implementations.push_back({"rate_limiter", "three", [](weappd::factories& make) {
                                    make.rate_limiter = [](caf::actor_system& system,
                                                           const weappd::services_ptr&,
                                                           std::size_t) { return system.spawn(three); };
                                  }});
  return weappd::run_command_line(argc, argv, mine);
}
