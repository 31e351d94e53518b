#pragma once

#include <chrono>

/// Is somebody else fetching access tokens of this app? Pure.
namespace weappd {

/// The access token that we held, at the moment when a fetch has given one.
struct replaced_token {
  bool refused = false;              ///< WeChat refused it, and nobody here had replaced it
  bool unchanged = false;            ///< the fetch gave the very same one
  std::chrono::milliseconds left{0}; ///< its life when it was refused
};

/// A token lives until the platform replaces it, which it does by itself only in the last 5 minutes of its
/// life. So one that is refused with more life than that, and is then replaced, was replaced
/// by another program, or by somebody in the console. A minute is added for clocks and calls that were under
/// way.
[[nodiscard]] constexpr bool is_foreign_refresh(const replaced_token& token) {
  constexpr std::chrono::minutes near_its_end{6};
  return token.refused && !token.unchanged && token.left > near_its_end;
}

} // namespace weappd
