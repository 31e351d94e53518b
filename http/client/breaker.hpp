#pragma once

#include <chrono>
#include <cstdint>

namespace weappd {

struct breaker_options {
  std::uint32_t failures = 5;                ///< failures in a row that open the circuit; at least 1
  std::chrono::milliseconds open_for{2'000}; ///< how long nothing is tried after that
};

/// A circuit breaker. Closed: everything passes. After `failures` failures in a row it is open: nothing
/// passes. After `open_for` exactly one call, the probe, may try; its outcome closes the circuit or opens it
/// again. Pure: time is handed in. Every permitted call must be followed by exactly one of succeeded, failed
/// and abandoned, with its permit.
class breaker {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Leave to make one call. The generation tells outcomes of calls that began before the circuit last
  /// changed: they do not count any more.
  struct permit {
    bool granted = false;
    std::uint64_t generation = 0;
  };

  explicit breaker(breaker_options options) : options_(options) {}

  [[nodiscard]] permit ask(time_point now) {
    if (state_ == state::open && now >= retry_at_)
      change(state::half_open);
    if (state_ == state::open || (state_ == state::half_open && probing_))
      return {false, generation_};
    probing_ = state_ == state::half_open;
    return {true, generation_};
  }

  void succeeded(permit of) {
    if (of.generation != generation_)
      return;
    failures_ = 0;
    if (state_ == state::half_open)
      change(state::closed);
  }

  void failed(permit of, time_point now) {
    if (of.generation != generation_)
      return;
    if (state_ == state::closed && ++failures_ < options_.failures)
      return;
    retry_at_ = now + options_.open_for;
    change(state::open);
  }

  /// The call ended without having told anything about the other side. A probe may then be tried again.
  void abandoned(permit of) {
    if (of.generation == generation_)
      probing_ = false;
  }

  /// Calls pass without restriction.
  [[nodiscard]] bool closed() const noexcept { return state_ == state::closed; }

private:
  enum class state : std::uint8_t { closed, open, half_open };

  void change(state next) noexcept {
    state_ = next;
    probing_ = false;
    failures_ = 0;
    ++generation_;
  }

  breaker_options options_;
  state state_ = state::closed;
  bool probing_ = false;
  std::uint32_t failures_ = 0;
  std::uint64_t generation_ = 0;
  time_point retry_at_{};
};

} // namespace weappd
