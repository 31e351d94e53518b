#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace weappd::http {

/// Up to 64 bytes kept in place: request ids travel with every request and are never worth an allocation.
class short_text {
public:
  static constexpr std::size_t capacity = 64;

  short_text() = default;
  /// Longer texts are cut.
  explicit short_text(std::string_view text) noexcept { assign(text); }
  void assign(std::string_view text) noexcept {
    size_ = static_cast<std::uint8_t>(text.size() < capacity ? text.size() : capacity);
    std::memcpy(bytes_.data(), text.data(), size_);
  }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

private:
  std::uint8_t size_ = 0;
  std::array<char, capacity> bytes_{};
};

} // namespace weappd::http
