#include "persistence/message_content.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace weappd {
namespace {

constexpr std::size_t length_bytes = 4;

void append_text(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < length_bytes; ++i)
    out += static_cast<char>(text.size() >> 8 * i & 0xff);
  out += text;
}

/// Takes the first text off the front; false when there is no whole one.
bool take_text(std::string_view& packed, std::string& text) {
  if (packed.size() < length_bytes)
    return false;
  std::size_t size = 0;
  for (std::size_t i = 0; i < length_bytes; ++i)
    size |= std::size_t{static_cast<std::uint8_t>(packed[i])} << 8 * i;
  packed.remove_prefix(length_bytes);
  if (packed.size() < size)
    return false;
  text = packed.substr(0, size);
  packed.remove_prefix(size);
  return true;
}

} // namespace

std::string pack_content(std::string_view page, const field_values& data) {
  std::size_t size = length_bytes + page.size();
  for (const auto& [name, value] : data)
    size += 2 * length_bytes + name.size() + value.size();
  std::string out;
  out.reserve(size);
  append_text(out, page);
  for (const auto& [name, value] : data) {
    append_text(out, name);
    append_text(out, value);
  }
  return out;
}

std::optional<message_content> unpack_content(std::string_view packed) {
  message_content out;
  if (!take_text(packed, out.page))
    return std::nullopt;
  while (!packed.empty()) {
    auto& [name, value] = out.data.emplace_back();
    if (!take_text(packed, name) || !take_text(packed, value))
      return std::nullopt;
  }
  return out;
}

} // namespace weappd
