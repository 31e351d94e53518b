#pragma once

#include "simulator/exchange.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

namespace weappd::simulator {

/// What the next calls of a path get instead of the true answer.
struct fault {
  static constexpr int forever = -1;

  int times = 0; ///< calls that it is for; `forever`: until it is replaced or removed
  std::optional<int> status;
  std::optional<std::string> body;
  bool body_is_text = false; ///< text/html and not JSON
  std::chrono::milliseconds delay{0};
  bool reset = false;

  /// Only slow: the true answer is given, later.
  [[nodiscard]] bool only_delays() const noexcept { return !status && !body && !reset; }
};

/// The faults in force, one for a path.
class fault_table {
public:
  static constexpr std::size_t max_paths = 1'000;
  static constexpr std::size_t max_bytes = 256U << 20; ///< of all bodies together

  /// Takes the place of the fault of that path; with `times` 0 there is none any more. False: a bound is met,
  /// nothing is changed.
  bool set(const std::string& path, fault next);

  /// The fault for one call of this path, which is counted.
  std::optional<fault> take(const std::string& path);

private:
  void remove(const std::string& path);

  std::unordered_map<std::string, fault> faults_;
  std::size_t bytes_ = 0;
};

/// The answer that such a fault gives. Without a body: a short HTML page, as a gateway sends it. A redirect
/// points back to `path`, so that a client which follows it is seen in the calls.
reply answer_of(fault&& from, const std::string& path);

} // namespace weappd::simulator
