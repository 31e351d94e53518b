#pragma once

#include "messages/ids.hpp"
#include "tests/simulation/checks/findings.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace weappd::simulation {

/// One refresh at a time: WeChat is never asked for an app's access token while it still works on the last
/// question for it. What a refresher had asked before it was killed does not count: nobody wants it any more.
class token_fetches {
public:
  static constexpr auto name = "token_fetches";

  explicit token_fetches(findings& found) : found_(found) {}

  /// Refreshers are named by numbers that are used once.
  void refresher_started(std::uint64_t refresher, const app_key& app) { alive_.emplace(refresher, app); }
  void refresher_died(std::uint64_t refresher) {
    alive_.erase(refresher);
    std::erase_if(under_way_, [&](const auto& one) { return one.second == refresher; });
  }
  /// Gives the number of the fetch.
  std::uint64_t begins(std::uint64_t refresher) {
    ++fetches_;
    const auto asker = alive_.find(refresher);
    if (asker == alive_.end())
      return fetches_;
    for (const auto& [fetch, other] : under_way_)
      if (alive_.at(other) == asker->second)
        found_.violation(name, "two fetches of " + asker->second.value + " at a time");
    under_way_.emplace(fetches_, refresher);
    return fetches_;
  }
  void ends(std::uint64_t fetch) { under_way_.erase(fetch); }

private:
  findings& found_;
  std::map<std::uint64_t, app_key> alive_;
  std::map<std::uint64_t, std::uint64_t> under_way_; ///< fetch to refresher
  std::uint64_t fetches_ = 0;
};

} // namespace weappd::simulation
