#pragma once

#include "config/options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// What the limits mean, by brute force: every oracle keeps all that ever passed and goes through it for each
/// request. None of them shares a line or an idea with the code that they judge.
namespace weappd::oracles {

using std::chrono::nanoseconds;
__extension__ typedef __int128 wide;

/// Nothing: refused. Else how long the request waits.
using outcome = std::optional<nanoseconds>;

class oracle {
public:
  virtual ~oracle() = default;
  virtual outcome ask(nanoseconds now) = 0;
};

/// A request passes if, with it, no stretch of time that ends now holds more than
/// burst + limit / window * length.
class counting_gcra final : public oracle {
public:
  explicit counting_gcra(const limit_options& rule) : rule_(rule) {}
  outcome ask(nanoseconds now) override {
    const wide window = std::int64_t{rule_.window_s} * 1'000'000'000;
    for (std::size_t first = 0; first < passed_.size(); ++first) {
      const auto count = static_cast<wide>(passed_.size() - first) + 1;
      const wide length = (now - passed_[first]).count();
      if ((count - rule_.burst) * window > length * rule_.limit)
        return std::nullopt;
    }
    passed_.push_back(now);
    return nanoseconds{0};
  }

private:
  limit_options rule_;
  std::vector<nanoseconds> passed_;
};

/// A request passes if fewer than limit of those that passed are less than a window old.
class counting_sliding_window final : public oracle {
public:
  explicit counting_sliding_window(const limit_options& rule) : rule_(rule) {}
  outcome ask(nanoseconds now) override {
    std::uint32_t young = 0;
    for (const auto moment : passed_)
      young += now - moment < std::chrono::seconds{rule_.window_s} ? 1 : 0;
    if (young >= rule_.limit)
      return std::nullopt;
    passed_.push_back(now);
    return nanoseconds{0};
  }

private:
  limit_options rule_;
  std::vector<nanoseconds> passed_;
};

/// Goes through all that passed to find where the present window began, and counts what passed in it.
class counting_fixed_window final : public oracle {
public:
  explicit counting_fixed_window(const limit_options& rule) : rule_(rule) {}
  outcome ask(nanoseconds now) override {
    const std::chrono::seconds window{rule_.window_s};
    std::optional<nanoseconds> begin;
    for (const auto moment : passed_)
      if (!begin || moment >= *begin + window)
        begin = moment;
    std::uint32_t inside = 0;
    if (begin && now < *begin + window)
      for (const auto moment : passed_)
        inside += moment >= *begin ? 1 : 0;
    if (inside >= rule_.limit)
      return std::nullopt;
    passed_.push_back(now);
    return nanoseconds{0};
  }

private:
  limit_options rule_;
  std::vector<nanoseconds> passed_;
};

/// Keeps when each request leaves, as the n-th part of a nanosecond where n is the limit: not before it came,
/// and not before an interval after the one in front of it. Refuses when as many wait as may, or when it
/// would take too long.
class counting_leaky_bucket final : public oracle {
public:
  explicit counting_leaky_bucket(const limit_options& rule) : rule_(rule) {}
  outcome ask(nanoseconds now) override {
    const wide scale = rule_.limit;
    const wide interval = std::int64_t{rule_.window_s} * 1'000'000'000;
    const auto came = now.count() * scale;
    std::uint32_t waiting = 0;
    for (const auto leaves : departures_)
      waiting += leaves > came ? 1 : 0;
    auto leaves = came;
    if (!departures_.empty() && departures_.back() + interval > came)
      leaves = departures_.back() + interval;
    const bool waits = leaves > came;
    const auto patience = wide{rule_.max_delay_ms} * 1'000'000 * scale;
    if ((waits && waiting >= rule_.burst) || leaves - came > patience)
      return std::nullopt;
    departures_.push_back(leaves);
    return nanoseconds{static_cast<std::int64_t>((leaves - came + scale - 1) / scale)};
  }

private:
  limit_options rule_;
  std::vector<wide> departures_;
};

} // namespace weappd::oracles
