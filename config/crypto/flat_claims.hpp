#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weappd::crypto {

/// One member of a flat JSON object: a string or an integer.
struct flat_claim {
  std::string_view name;
  std::string_view text;
  std::int64_t number = 0;
  bool is_number = false;
};

/// Reads the JSON that we sign, and only that: one object, its members strings (printable ASCII, no escapes)
/// or integers (up to 18 digits), no name twice, at most 16 members, nothing before or after. It is read this
/// narrowly because it is on the path of every request and because nobody but us writes it.
class flat_claims {
public:
  static constexpr std::size_t max_members = 16;

  /// False if `json` is anything else. The members are views into it.
  bool read(std::string_view json) noexcept;

  [[nodiscard]] std::span<const flat_claim> all() const noexcept { return std::span(claims_).first(size_); }
  /// Nothing when it is missing or of the other type.
  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const noexcept;
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const noexcept;

private:
  [[nodiscard]] const flat_claim* find(std::string_view name) const noexcept;

  std::array<flat_claim, max_members> claims_;
  std::size_t size_ = 0;
};

} // namespace weappd::crypto
