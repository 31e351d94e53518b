#pragma once

#include "messages/ban_metrics.hpp"

#include <cstddef>
#include <map>

namespace weappd {

/// What the ban keeper counted; for one thread.
class recorded_bans final : public ban_metrics {
public:
  void made(ban_reason why) override { ++made_[why]; }
  void forced_out() override { ++forced_out_; }
  void in_force(std::size_t count) override { in_force_ = count; }

  [[nodiscard]] std::size_t count(ban_reason why) { return made_[why]; }
  [[nodiscard]] std::size_t count_forced_out() const { return forced_out_; }
  [[nodiscard]] std::size_t count_in_force() const { return in_force_; }

private:
  std::map<ban_reason, std::size_t> made_;
  std::size_t forced_out_ = 0;
  std::size_t in_force_ = 0;
};

} // namespace weappd
