#pragma once

#include "config/options.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace weappd {

struct numbered_limit {
  /// Names the policy as long as it counts in the same way. Never 0, and never used again in the life of a
  /// process, so a question under way while the configuration changes cannot be taken for one about another
  /// policy.
  std::uint32_t id = 0;
  std::string name;
  limit_options options;
};

/// The policies of `limits` in the order of their names, with their ids. Not changed once made.
class limit_set {
public:
  explicit limit_set(const std::map<std::string, limit_options>& configured);
  /// What follows on `before`: a policy keeps its id, and so its counts, unless something changed by which it
  /// counts (key, algorithm, limit, window, burst, longest delay). What it matches and whether it is a shadow
  /// may change.
  limit_set(const std::map<std::string, limit_options>& configured, const limit_set& before);

  [[nodiscard]] std::span<const numbered_limit> all() const noexcept { return policies_; }

private:
  std::vector<numbered_limit> policies_;
  std::uint32_t last_ = 0; ///< that was ever given
};

} // namespace weappd
