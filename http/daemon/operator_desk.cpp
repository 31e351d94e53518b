#include "http/daemon/operator_desk.hpp"

#include "messages/meter/metered_actor.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace weappd {
namespace {

struct operator_desk_state {
  static inline const char* name = "operator_desk";
  operator_actions actions;
};

operator_desk_actor::behavior_type
operator_desk(operator_desk_actor::stateful_pointer<operator_desk_state> self, operator_actions actions) {
  self->state.actions = std::move(actions);
  return {
      [](get_status) { return status_report{}; },
      [self](reload_configuration) { return self->state.actions.reload(); },
      [self](const set_log_level& wanted) {
        self->state.actions.set_log_level(wanted.level);
        return done{};
      },
      [self](begin_drain) {
        self->state.actions.drain();
        return done{};
      },
  };
}

} // namespace

operator_desk_actor spawn_operator_desk(caf::actor_system& system, operator_actions actions) {
  return spawn_metered<caf::detached>(system, operator_desk, std::move(actions));
}

} // namespace weappd
