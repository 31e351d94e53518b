#pragma once

#include "actors/sure_promise.hpp"
#include "messages/error.hpp"
#include "messages/fwd.hpp"
#include "tests/kit/actors/fault_plan.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/detail/type_list.hpp>
#include <caf/exit_reason.hpp>
#include <caf/replies_to.hpp>
#include <caf/result.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/system_messages.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

/// Faults at the boundary of an actor: a stand-in with its interface, put where its handle is handed in.
namespace weappd {

/// To itself: time for something that was held back.
struct tick_fault {
  std::uint64_t number = 0;
};

/// What an injector really takes; everybody else sees a Handle.
template <class Handle>
using fault_injector_actor = typename Handle::template extend<caf::reacts_to<tick_fault>>;

/// Messages and answers held back by one injector; one more passes at once.
inline constexpr std::size_t max_held_faults = 65'536;

template <class Handle>
struct fault_injector_state {
  static inline const char* name = "fault_injector";

  Handle behind;
  fault_plan_ptr<Handle> plan;
  std::map<std::uint64_t, std::function<void()>> held; ///< what is done when its time comes
  std::vector<std::uint64_t> overtaken;                ///< of those: done when the next message has passed
  std::uint64_t numbers = 0;
  std::set<std::uint64_t> late_questions;      ///< of those held, for a plan that keeps order
  std::set<std::uint64_t> late_answers;        ///< the same
  caf::actor_clock::time_point last_of_late{}; ///< when the last of either comes

  fault_injector_state() = default;
  fault_injector_state(const fault_injector_state&) = delete;
  fault_injector_state& operator=(const fault_injector_state&) = delete;
  ~fault_injector_state() {
    if (behind)
      caf::anon_send_exit(behind, caf::exit_reason::kill);
  }
};

/// How an injector treats the messages of one signature.
template <class Handle>
class fault_handlers {
public:
  using self_ptr =
      typename fault_injector_actor<Handle>::template stateful_pointer<fault_injector_state<Handle>>;

  /// A request.
  template <class In, class Out>
  static auto make(self_ptr self, caf::typed_mpi<caf::detail::type_list<In>, caf::output_tuple<Out>>) {
    return [self](In& message) -> caf::result<Out> { return ask<In, Out>(self, message); };
  }
  /// A message that has no answer.
  template <class In>
  static auto make(self_ptr self, caf::reacts_to<In>) {
    return [self](In& message) { tell(self, message); };
  }

  static void release(self_ptr self, std::uint64_t number) {
    auto& state = self->state;
    state.late_questions.erase(number);
    state.late_answers.erase(number);
    auto found = state.held.extract(number);
    if (!found.empty())
      found.mapped()();
  }

private:
  static bool has_room(self_ptr self) { return self->state.held.size() < max_held_faults; }

  /// What the plan says, or what must be because of what is late before it.
  template <class In>
  static fault_source::decision decide(self_ptr self) {
    auto& state = self->state;
    auto how = state.plan->template decide<In>();
    const bool passes = how.what == fault::none || how.what == fault::delay_answer ||
                        how.what == fault::lose_answer || how.what == fault::kill_after;
    if (!state.plan->keeps_order() || !passes)
      return how;
    if (!state.late_questions.empty())
      how.what = fault::delay_question;
    else if (!state.late_answers.empty() && how.what == fault::none)
      how.what = fault::delay_answer;
    return how;
  }

  /// Not before those that are late already.
  static void queue_up(self_ptr self, std::uint64_t number, fault_source::decision& how) {
    auto& state = self->state;
    const auto now = self->clock().now();
    if (now < state.last_of_late)
      how.wait = std::max(how.wait, std::chrono::ceil<std::chrono::milliseconds>(state.last_of_late - now));
    state.last_of_late = now + how.wait;
    (how.what == fault::delay_question ? state.late_questions : state.late_answers).insert(number);
  }

  static void hold(self_ptr self, std::uint64_t number, fault_source::decision how,
                   std::function<void()> what) {
    auto& state = self->state;
    if (state.plan->keeps_order() && how.what != fault::reorder)
      queue_up(self, number, how);
    state.held.emplace(number, std::move(what));
    if (how.what == fault::reorder)
      state.overtaken.push_back(number);
    self->delayed_send(self, how.wait, tick_fault{number});
  }

  /// A message has been passed on: those that it should overtake are next.
  static void passed(self_ptr self) {
    for (const auto number : std::exchange(self->state.overtaken, {}))
      release(self, number);
  }

  /// Ahead of what waits in its mailbox.
  static void kill_now(self_ptr self) {
    const auto victim = caf::actor_cast<caf::actor>(self->state.behind);
    caf::anon_send<caf::message_priority::high>(victim,
                                                caf::exit_msg{victim.address(), caf::exit_reason::kill});
  }

  template <class In, class Out>
  static caf::result<Out> ask(self_ptr self, In& message) {
    auto& state = self->state;
    const auto how = decide<In>(self);
    switch (how.what) {
    case fault::lose_question:
      if (how.lost)
        return make_error(*how.lost, "the question was lost");
      return self->template make_response_promise<Out>(); // nobody ever keeps it
    case fault::fail:
      return make_error(how.failure, "injected");
    case fault::delay_question:
    case fault::reorder:
      if (has_room(self))
        return pass_later<In, Out>(self, how, message);
      break;
    case fault::lose_answer:
    case fault::delay_answer:
      if (has_room(self))
        return pass_and_catch<In, Out>(self, how, message);
      break;
    case fault::kill_before:
      kill_now(self);
      return make_error(ec::overloaded, "killed before it took the question");
    case fault::kill_after:
    case fault::none:
      break;
    }
    const auto answer = self->delegate(state.behind, std::move(message));
    if (how.what == fault::kill_after)
      caf::anon_send_exit(state.behind, caf::exit_reason::kill);
    passed(self);
    return answer;
  }

  template <class In, class Out>
  static caf::result<Out> pass_later(self_ptr self, const fault_source::decision& how, In& message) {
    const sure_promise promise(self->template make_response_promise<Out>());
    hold(self, ++self->state.numbers, how, [self, promise, question = std::move(message)]() mutable {
      promise.delegate(self->state.behind, std::move(question));
    });
    return promise.get();
  }

  template <class In, class Out>
  static caf::result<Out> pass_and_catch(self_ptr self, const fault_source::decision& how, In& message) {
    auto kept = self->template make_response_promise<Out>();
    if (how.what == fault::lose_answer && !how.lost) {
      caf::anon_send(self->state.behind, std::move(message));
      passed(self);
      return kept;
    }
    const sure_promise promise(std::move(kept));
    const auto number = ++self->state.numbers;
    if (self->state.plan->keeps_order() && how.what == fault::delay_answer)
      self->state.late_answers.insert(number); // it is late from now on, whenever it comes
    const auto deliver = [self, promise, how, number](auto& answer) {
      if (how.what == fault::lose_answer)
        promise.deliver(make_error(*how.lost, "the answer was lost"));
      else
        hold(self, number, how, [promise, answer = std::move(answer)] { promise.deliver(answer); });
    };
    self->request(self->state.behind, caf::infinite, std::move(message))
        .then([deliver](Out& answer) { deliver(answer); }, [deliver](caf::error& error) { deliver(error); });
    passed(self);
    return promise.get();
  }

  template <class In>
  static void tell(self_ptr self, In& message) {
    auto& state = self->state;
    const auto how = decide<In>(self);
    switch (how.what) {
    case fault::lose_question:
    case fault::fail:
      return;
    case fault::delay_question:
    case fault::reorder:
      if (!has_room(self))
        break;
      return hold(self, ++state.numbers, how, [self, held = std::move(message)]() mutable {
        self->send(self->state.behind, std::move(held));
      });
    case fault::kill_before:
      return kill_now(self);
    case fault::lose_answer:
    case fault::delay_answer:
    case fault::kill_after:
    case fault::none:
      break;
    }
    self->send(state.behind, std::move(message));
    if (how.what == fault::kill_after)
      caf::anon_send_exit(state.behind, caf::exit_reason::kill);
    passed(self);
  }
};

template <class Handle, class... Signatures>
typename fault_injector_actor<Handle>::behavior_type
make_fault_behavior(typename fault_handlers<Handle>::self_ptr self, caf::detail::type_list<Signatures...>) {
  return {fault_handlers<Handle>::make(self, Signatures{})...,
          [self](tick_fault tick) { fault_handlers<Handle>::release(self, tick.number); }};
}

/// Stands in front of `behind`, passes on what it is sent, and lets go wrong what the plan says.
///
/// The two are one to everybody else. When the actor behind ends, by a fault or by itself, the injector ends
/// for the same reason, so that a supervisor starts both again; what it holds back then is answered
/// `overloaded`. An exit message is passed on, and the injector works until the actor behind has ended.
/// When the injector is killed the actor behind is, too.
///
/// Between two actors messages keep their order, and some actors rely on it (who starts asks the store's
/// writer for nothing, to learn that everything before was written). For such a pair let the plan
/// keep_order(), and do not plan reorder.
///
/// Messages that are not in Handle are not understood: for a role whose actors know more of one another than
/// their role says, take the wider interface as Handle.
template <class Handle>
typename fault_injector_actor<Handle>::behavior_type
fault_injector(typename fault_handlers<Handle>::self_ptr self, Handle behind, fault_plan_ptr<Handle> plan) {
  self->state.behind = std::move(behind);
  self->state.plan = std::move(plan);
  self->monitor(self->state.behind);
  self->set_down_handler([self](const caf::down_msg& down) {
    if (down.source == self->state.behind.address())
      self->quit(down.reason);
  });
  self->set_exit_handler(
      [self](const caf::exit_msg& exit) { self->send_exit(self->state.behind, exit.reason); });
  return make_fault_behavior<Handle>(self, typename Handle::signatures{});
}

/// A factory whose actors stand behind an injector, to be put in the place of the factory:
///   w.make.wechat_gateway = with_faults(w.make.wechat_gateway, plan);
template <class Handle, class Where, class... Args>
std::function<Handle(Where&, Args...)> with_faults(std::function<Handle(Where&, Args...)> make,
                                                   fault_plan_ptr<Handle> plan) {
  return [make = std::move(make), plan = std::move(plan)](Where& where, Args... args) -> Handle {
    auto behind = make(where, std::forward<Args>(args)...);
    return behind ? Handle(where.spawn(fault_injector<Handle>, std::move(behind), plan)) : Handle{};
  };
}

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_fault)
