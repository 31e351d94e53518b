#pragma once

#include "messages/error.hpp"
#include "messages/health.hpp"
#include "messages/meter/actor_meter.hpp"
#include "messages/once.hpp"
#include "messages/push.hpp"
#include "messages/rate.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/init_fun_factory.hpp>
#include <caf/execution_unit.hpp>
#include <caf/infer_handle.hpp>
#include <caf/invoke_message_result.hpp>
#include <caf/local_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace weappd {

/// An actor that has a meter.
class metered {
public:
  virtual ~metered() = default;
  [[nodiscard]] virtual const meter_ptr& meter() const noexcept = 0;
};

/// Requests that are not refused however many wait: who looks, what all actors of a pool must hear, and what
/// makes room.
template <class Content>
[[nodiscard]] bool has_room_always(const Content& content) {
  return content.template match_elements<get_status>() || content.template match_elements<use_limits>() ||
         content.template match_elements<resize_limiters>() ||
         content.template match_elements<rest_pusher>() || content.template match_elements<resume_pusher>() ||
         content.template match_elements<end_once>();
}

/// An actor of type `Impl` that measures what it is sent: each message passes here once on its way into the
/// mailbox and once on its way out. A request for which there is no room is answered with `overloaded` before
/// it is in the mailbox, on the asker's thread, or with what the state says (`when_full`), if it says so.
/// There always is room for what keeps the server whole (has_room_always).
///
/// A state that waits for more than answers of other actors says so by a member in_flight().
template <class Impl>
class metered_actor final : public Impl, public metered {
public:
  explicit metered_actor(caf::actor_config& config)
      : Impl(config), meter_(std::make_shared<actor_meter>(now())) {}

  [[nodiscard]] const meter_ptr& meter() const noexcept override { return meter_; }

  using Impl::consume;
  using Impl::enqueue;

  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override {
    if (!meter_->has_room() && element->mid.is_request() && !has_room_always(element->content()))
        [[unlikely]] {
      meter_->shed();
      if (element->sender)
        element->sender->enqueue(nullptr, element->mid.response_id(),
                                 caf::make_message(make_error(refusal(), "too many messages wait")), unit);
      return;
    }
    meter_->arrive([this] { return now(); });
    Impl::enqueue(std::move(element), unit);
  }

  caf::invoke_message_result consume(caf::mailbox_element& element) override {
    const auto clock = [this] { return now(); };
    meter_->begin(clock);
    const auto result = Impl::consume(element);
    if (result == caf::invoke_message_result::skipped)
      meter_->put_back();
    else
      meter_->end(waiting_for(), clock);
    return result;
  }

private:
  [[nodiscard]] static constexpr ec refusal() noexcept {
    if constexpr (requires(const Impl& one) { one.state.when_full; })
      return std::remove_cvref_t<decltype(std::declval<Impl&>().state)>::when_full;
    else
      return ec::overloaded;
  }
  [[nodiscard]] actor_meter::moment now() const { return this->clock().now().time_since_epoch(); }

  [[nodiscard]] std::size_t waiting_for() const {
    auto count = this->multiplexed_responses_.size();
    if constexpr (requires(const Impl& one) { one.state.in_flight(); })
      count += this->state.in_flight();
    return count;
  }

  meter_ptr meter_;
};

/// system.spawn() for services: the actor has a meter.
template <caf::spawn_options Options = caf::no_spawn_options, class Fun, class... Args>
caf::infer_handle_from_fun_t<Fun> spawn_metered(caf::actor_system& system, Fun fun, Args&&... args) {
  using impl = caf::infer_impl_from_fun_t<Fun>;
  caf::actor_config config;
  caf::detail::init_fun_factory<impl, Fun> factory;
  config.init_fun = factory(std::move(fun), std::forward<Args>(args)...);
  return system.spawn_class<metered_actor<impl>, Options>(config);
}

/// Null for nobody, and for an actor that was spawned in another way.
[[nodiscard]] inline meter_ptr meter_of(const caf::actor& who) {
  if (!who)
    return nullptr;
  const auto* found = dynamic_cast<const metered*>(caf::actor_cast<caf::abstract_actor*>(who));
  return found == nullptr ? nullptr : found->meter();
}

/// The actor has refused a request because it has too much to do.
inline void note_shed(const caf::local_actor& self) {
  if (const auto* found = dynamic_cast<const metered*>(&self))
    found->meter()->shed();
}
/// The error for it.
[[nodiscard]] inline caf::error refuse_as_full(const caf::local_actor& self, ec code, std::string detail) {
  note_shed(self);
  return make_error(code, std::move(detail));
}

} // namespace weappd
