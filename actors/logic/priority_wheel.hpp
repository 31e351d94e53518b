#pragma once

#include "messages/push.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weappd {

/// Whose turn it is among three priorities: of 21 turns, high has 16, normal 4 and bulk 1, spread evenly, as
/// long as each has something waiting; a turn that one does not need goes to the others. So nothing starves:
/// the head of bulk waits for at most 20 others. (Smooth weighted round robin.)
class priority_wheel {
public:
  static constexpr std::array<std::int32_t, 3> weights{16, 4, 1};

  /// `waiting` says which priorities have something; at least one does.
  [[nodiscard]] message_priority next(const std::array<bool, 3>& waiting) noexcept {
    std::int32_t sum = 0;
    std::size_t best = waiting.size();
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      if (!waiting[i]) {
        credit_[i] = 0; // who had nothing to do gets no turns saved up
        continue;
      }
      credit_[i] += weights[i];
      sum += weights[i];
      if (best == waiting.size() || credit_[i] > credit_[best])
        best = i;
    }
    if (best == waiting.size())
      return message_priority::normal;
    credit_[best] -= sum;
    return static_cast<message_priority>(best);
  }

private:
  std::array<std::int32_t, 3> credit_{};
};

} // namespace weappd
