#include "messages/challenges.hpp"

#include <array>

namespace weappd {

std::string_view to_string(challenge_outcome what) noexcept {
  constexpr std::array<std::string_view, challenge_outcomes> names{
      "asked",   "passed",   "repeated", "malformed", "forged",  "foreign",
      "expired", "outgrown", "unsolved", "replayed",  "refused", "unclear"};
  return names[static_cast<std::size_t>(what)];
}

} // namespace weappd
