#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd::simulation {

/// What the checks of one run have found.
class findings {
public:
  /// A promise was broken. The check's name first: "session_owners: ...".
  void violation(std::string_view check, const std::string& what) {
    violations_.push_back(std::string(check) + ": " + what);
    if (on_violation)
      on_violation(violations_.back());
  }
  /// It would have been, had it not been a finding that is known (DESIGN.md, section 43).
  void excuse(const std::string& known) { ++excused_[known]; }

  [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return violations_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& excused() const noexcept { return excused_; }
  std::function<void(const std::string&)> on_violation;

private:
  std::vector<std::string> violations_;
  std::map<std::string, std::uint64_t> excused_;
};

} // namespace weappd::simulation
