#include "actors/housekeeper.hpp"

#include "messages/error.hpp"

#include <string>
#include <utility>

namespace weappd {
namespace {

using housekeeper_ptr = housekeeper_self::stateful_pointer<housekeeper_state>;

forget_old what_is_over(const actor_services& services) {
  const auto now = services.wall.now();
  return {.at = now,
          .messages_before = now - std::chrono::days(services.config.push.keep_days),
          .max_rows = tidy_rows};
}

void on_forgotten(housekeeper_ptr self, const forgotten& step) {
  auto& state = self->state;
  state.failed = false;
  state.forgotten += step.rows;
  if (step.more) {
    self->delayed_send(self, tidy_pause, tick_tidy{});
    return;
  }
  if (const auto rows = std::exchange(state.forgotten, 0); rows != 0)
    state.services->events.write(event_level::info, "store.tidied", {{"rows", std::to_string(rows)}});
  self->delayed_send(self, tidy_interval, tick_tidy{});
}

void on_failed(housekeeper_ptr self, const caf::error& error) {
  auto& state = self->state;
  if (!std::exchange(state.failed, true))
    state.services->events.write(event_level::warn, "store.tidy_failed",
                                 {{"error", std::string(describe(code_of(error)).name)}});
  self->delayed_send(self, tidy_interval, tick_tidy{});
}

void tidy(housekeeper_ptr self) {
  const auto& services = *self->state.services;
  const auto writer = services.peers->store_writer.get();
  if (!writer)
    return on_failed(self, make_error(ec::storage_unavailable));
  self->request(writer, patience(services), what_is_over(services))
      .then([self](const forgotten& step) { on_forgotten(self, step); },
            [self](const caf::error& error) { on_failed(self, error); });
}

} // namespace

housekeeper_self::behavior_type housekeeper(housekeeper_ptr self, services_ptr services) {
  self->state.services = std::move(services);
  self->delayed_send(self, tidy_interval, tick_tidy{}); // a start has better things to do
  return {
      [self](get_status) {
        if (self->state.failed)
          return status_report{.state = health::degraded,
                               .detail = "the store could not forget what is over"};
        return status_report{.state = health::ok, .detail = "tidies every few minutes"};
      },
      [self](tick_tidy) { tidy(self); },
  };
}

} // namespace weappd
