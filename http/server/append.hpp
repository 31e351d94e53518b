#pragma once

#include <charconv>
#include <concepts>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>

namespace weappd::http {

/// A number as a text that needs no allocation.
class decimal {
public:
  template <std::integral T>
  explicit decimal(T number) noexcept : end_(std::to_chars(digits_, digits_ + sizeof digits_, number).ptr) {
    static_assert(std::numeric_limits<T>::digits10 + 1 + std::signed_integral<T> <= sizeof digits_);
  }
  decimal(const decimal&) = delete;
  decimal& operator=(const decimal&) = delete;
  operator std::string_view() const noexcept { return {digits_, end_}; }

private:
  char digits_[20];
  const char* end_;
};

/// Appends all parts, none of them of `out` itself. The room is asked for once: with a dozen short parts that
/// is most of the work.
inline void append_all(std::string& out, std::initializer_list<std::string_view> parts) {
  const auto before = out.size();
  auto size = before;
  for (const auto part : parts)
    size += part.size();
  out.resize(size);
  char* to = out.data() + before;
  for (const auto part : parts)
    to += part.copy(to, part.size());
}

} // namespace weappd::http
