#include "actors/logic/limit_state.hpp"

#include <cassert>
#include <type_traits>

namespace weappd {
namespace {

/// Calls `act` with the state and the policy, both by their own types.
template <class States, class F>
auto with_state(States& states, const limit_policy& policy, F&& act) {
  return std::visit(
      [&](const auto& rule) {
        auto* state = std::get_if<typename std::decay_t<decltype(rule)>::state>(&states);
        assert(state != nullptr && "used with the policy that it was made with");
        return act(*state, rule);
      },
      policy);
}

} // namespace

limit_policy make_limit_policy(const limit_options& from) {
  switch (from.algorithm) {
  case limit_algorithm::gcra:
    break;
  case limit_algorithm::sliding_window:
    return sliding_window_policy(from);
  case limit_algorithm::fixed_window:
    return fixed_window_policy(from);
  case limit_algorithm::leaky_bucket:
    return leaky_bucket_policy(from);
  }
  return gcra_policy(from);
}

limit_state::limit_state(const limit_policy& policy) {
  std::visit([this](const auto& rule) { state_.emplace<typename std::decay_t<decltype(rule)>::state>(); },
             policy);
}

limit_verdict limit_state::judge(time now, const limit_policy& policy) const {
  return with_state(state_, policy,
                    [now](const auto& state, const auto& rule) { return state.judge(now, rule); });
}

void limit_state::count(time now, const limit_policy& policy) {
  with_state(state_, policy, [now](auto& state, const auto& rule) { state.count(now, rule); });
}

void limit_state::count_without_growth(time now, const limit_policy& policy) {
  if (auto* log = std::get_if<sliding_window_state>(&state_))
    log->drop_oldest();
  count(now, policy);
}

limit_state::time limit_state::until_full(time now, const limit_policy& policy) const {
  return with_state(state_, policy,
                    [now](const auto& state, const auto& rule) { return state.until_full(now, rule); });
}

std::size_t limit_state::stamps() const noexcept {
  const auto* log = std::get_if<sliding_window_state>(&state_);
  return log == nullptr ? 0 : log->capacity();
}

std::size_t limit_state::growth(time now, const limit_policy& policy) const {
  const auto* log = std::get_if<sliding_window_state>(&state_);
  const auto* rule = std::get_if<sliding_window_policy>(&policy);
  return log == nullptr || rule == nullptr ? 0 : log->growth(now, *rule);
}

} // namespace weappd
