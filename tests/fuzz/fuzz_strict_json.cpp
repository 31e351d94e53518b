#include "http/json/strict_json.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

/// Any bytes: no crash, a word for each refusal, and what is accepted is JSON for nlohmann as well and says
/// the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace weappd::json;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto result = parse(text, {.object_only = false});
  if (const auto* fault = std::get_if<problem>(&result)) {
    if (fault->word.empty())
      std::abort();
    return 0;
  }
  const auto& accepted = std::get<document>(result);
  if (nlohmann::json::parse(text, nullptr, false) != accepted)
    std::abort();
  const auto again = parse(accepted.dump(), {.object_only = false});
  if (!std::holds_alternative<document>(again))
    std::abort();
  return 0;
}
