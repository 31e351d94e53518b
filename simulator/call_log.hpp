#pragma once

#include "simulator/exchange.hpp"
#include "simulator/time.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weappd::simulator {

/// What was asked of the pretended WeChat, with its secrets masked before they are kept.
class call_log {
public:
  static constexpr std::size_t max_calls = 10'000;    ///< kept with their contents; the oldest goes first
  static constexpr std::size_t max_bytes = 64U << 20; ///< of their texts; the oldest goes first
  static constexpr std::size_t max_body = 64U << 10;  ///< a longer body is kept as a remark about its size
  static constexpr std::size_t max_paths = 1'000; ///< counted one by one; any other counts only in the sum

  void add(moment at, const request& call);

  /// `{"count":n,"calls":[{"at","path","query","body"}]}`, oldest first. The count is exact, also of calls
  /// that are not kept any more. Without a path: of all calls.
  [[nodiscard]] nlohmann::json report(std::optional<std::string_view> path) const;

private:
  struct entry {
    moment at;
    std::string path;
    std::string query; ///< JSON object
    std::string body;  ///< JSON
    [[nodiscard]] std::size_t size() const noexcept { return path.size() + query.size() + body.size(); }
  };
  std::deque<entry> calls_;
  std::size_t bytes_ = 0;
  std::uint64_t total_ = 0;
  std::unordered_map<std::string, std::uint64_t> counts_;
};

} // namespace weappd::simulator
