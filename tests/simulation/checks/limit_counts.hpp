#pragma once

#include "config/options.hpp"
#include "messages/rate.hpp"
#include "tests/simulation/checks/findings.hpp"
#include "tests/unit/actors/logic/limit_oracles.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>

namespace weappd::simulation {

/// Limits are never exceeded: what passed is counted again by the oracles, which keep every moment. A limiter
/// that was started again has forgotten its counts, so each actor is counted for itself.
class limit_counts {
public:
  static constexpr auto name = "limit_counts";

  explicit limit_counts(findings& found) : found_(found) {}

  /// `limiter` let a request pass under that policy.
  void passed(std::uint64_t limiter, const std::string& policy, const limit_options& rule,
              const rate_key& key, std::chrono::nanoseconds now) {
    auto& judge = judges_[{limiter, policy, key}];
    if (!judge)
      judge = make(rule);
    if (!judge->ask(now))
      found_.violation(name, "one too many passed under " + policy);
  }

private:
  static std::unique_ptr<oracles::oracle> make(const limit_options& rule) {
    switch (rule.algorithm) {
    case limit_algorithm::gcra:
      return std::make_unique<oracles::counting_gcra>(rule);
    case limit_algorithm::sliding_window:
      return std::make_unique<oracles::counting_sliding_window>(rule);
    case limit_algorithm::fixed_window:
      return std::make_unique<oracles::counting_fixed_window>(rule);
    case limit_algorithm::leaky_bucket:
      return std::make_unique<oracles::counting_leaky_bucket>(rule);
    }
    throw std::logic_error("a limit without an oracle");
  }

  findings& found_;
  std::map<std::tuple<std::uint64_t, std::string, rate_key>, std::unique_ptr<oracles::oracle>> judges_;
};

} // namespace weappd::simulation
