#pragma once

#include "messages/error.hpp"

#include <caf/detail/type_list.hpp>
#include <caf/replies_to.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string_view>
#include <type_traits>
#include <typeindex>
#include <typeinfo>

/// What goes wrong in front of an actor, and how often. See tests/kit/actors/fault_injector.hpp.
namespace weappd {

/// What may happen to one message. Those that concern an answer do nothing to a message that has none.
enum class fault : std::uint8_t {
  none,
  lose_question,  ///< it is not passed on
  lose_answer,    ///< it is passed on, but its answer is not
  fail,           ///< it is not passed on, and answered with fault_rates::failure
  delay_question, ///< it is passed on later; others may overtake it
  delay_answer,   ///< it is passed on at once, its answer later
  reorder,        ///< it is passed on behind the next one, or when fault_rates::longest is over
  kill_before,    ///< the actor behind dies and has not seen it
  kill_after,     ///< the actor behind dies as soon as it has taken it
};
inline constexpr std::size_t fault_kinds = 9;
[[nodiscard]] std::string_view to_string(fault what) noexcept;

/// How often each fault meets a message of one type: so many of a thousand. Together at most 1,000.
struct fault_rates {
  std::uint32_t lose_question = 0;
  std::uint32_t lose_answer = 0;
  std::uint32_t fail = 0;
  std::uint32_t delay_question = 0;
  std::uint32_t delay_answer = 0;
  std::uint32_t reorder = 0;
  std::uint32_t kill_before = 0;
  std::uint32_t kill_after = 0;

  std::chrono::milliseconds shortest{1};   ///< delays are evenly distributed between these two
  std::chrono::milliseconds longest{1000}; ///< not less than `shortest`
  ec failure = ec::storage_unavailable;    ///< what `fail` answers
  /// What the asker of a lost question or answer hears; nothing: silence, and only its own patience helps.
  std::optional<ec> lost = ec::overloaded;
};

/// The part of a plan that knows no interface.
class fault_source {
public:
  struct decision {
    fault what = fault::none;
    std::chrono::milliseconds wait{0}; ///< of the delays and of reorder
    ec failure = ec::none;
    std::optional<ec> lost;
  };

  explicit fault_source(std::uint64_t seed) : engine_(seed) {}
  /// From now on nothing goes wrong; what is held back comes in its time.
  void end() noexcept { ended_ = true; }
  /// What is late holds up what comes behind it, as an actor does that is slow: questions stay in their
  /// order, and so do answers. `reorder` keeps its meaning.
  void keep_order() noexcept { in_order_ = true; }
  [[nodiscard]] bool keeps_order() const noexcept { return in_order_; }
  [[nodiscard]] std::uint64_t count(fault what) const { return counts_.at(static_cast<std::size_t>(what)); }
  /// Told of each fault when it happens, with the name of the message ("send_to_user").
  std::function<void(std::string_view message, fault what)> on_fault;

protected:
  /// Throws std::invalid_argument if the rates break their bounds.
  void set_rates(std::type_index message, const fault_rates& rates);
  void add_next(std::type_index message, fault what) { planned_[message].push_back(what); }
  [[nodiscard]] decision decide(const std::type_info& message);

private:
  [[nodiscard]] fault draw(const fault_rates& rates);

  std::mt19937_64 engine_;
  std::map<std::type_index, fault_rates> rates_;
  std::map<std::type_index, std::deque<fault>> planned_;
  std::array<std::uint64_t, fault_kinds> counts_{};
  bool ended_ = false;
  bool in_order_ = false;
};

/// The faults at one boundary, by type of message; the same seed and the same messages give the same faults.
/// Messages that are not named pass. One thread. May be shared by the injectors of a role's actors, also of
/// those that are started again.
template <class Handle>
class fault_plan : public fault_source {
public:
  using fault_source::fault_source;

  /// Throws std::invalid_argument if the rates break their bounds.
  template <class Message>
  void on(const fault_rates& rates) {
    static_assert(takes<Message>, "this actor is never sent such a message");
    set_rates(typeid(Message), rates);
  }
  /// What happens to the next message of that type; said twice, to the one behind it, too. With the waits and
  /// errors of its rates, or with their defaults.
  template <class Message>
  void next(fault what) {
    static_assert(takes<Message>, "this actor is never sent such a message");
    add_next(typeid(Message), what);
  }
  /// For the injector.
  template <class Message>
  [[nodiscard]] decision decide() {
    return fault_source::decide(typeid(Message));
  }

private:
  template <class Message, class... Inputs, class... Outputs>
  static constexpr bool is_in(caf::detail::type_list<caf::typed_mpi<Inputs, Outputs>...>) {
    return (std::is_same_v<Inputs, caf::detail::type_list<Message>> || ...);
  }
  template <class Message>
  static constexpr bool takes = is_in<Message>(typename Handle::signatures{});
};
template <class Handle>
using fault_plan_ptr = std::shared_ptr<fault_plan<Handle>>;

} // namespace weappd
