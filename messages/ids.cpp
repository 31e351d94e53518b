#include "messages/ids.hpp"

#include <charconv>
#include <cstring>

namespace weappd {

std::string to_string(user_id id) {
  return std::to_string(id.value);
}

std::optional<user_id> parse_user_id(std::string_view text) {
  if (text.empty() || text.size() > 20 || text.front() == '0')
    return std::nullopt;
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value >> 63 != 0)
    return std::nullopt;
  return user_id{value};
}

std::string to_string(message_id id) {
  return std::to_string(id.value);
}

std::optional<message_id> parse_message_id(std::string_view text) {
  const auto number = parse_user_id(text);
  return number ? std::optional(message_id{number->value}) : std::nullopt;
}

std::string to_string(const session_id& id) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(32, '0');
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    text[2 * i] = digits[id.bytes[i] >> 4];
    text[2 * i + 1] = digits[id.bytes[i] & 15];
  }
  return text;
}

namespace {

/// The value of a lower-case hexadecimal digit, or 16.
std::uint8_t hex_value(char c) {
  if (c >= '0' && c <= '9')
    return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f')
    return static_cast<std::uint8_t>(c - 'a' + 10);
  return 16;
}

/// The bytes are random already: any eight of them are a good hash.
template <std::size_t N>
std::size_t first_eight(const std::array<std::uint8_t, N>& bytes) noexcept {
  std::size_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

} // namespace

std::optional<session_id> parse_session_id(std::string_view text) {
  session_id id;
  if (text.size() != 2 * id.bytes.size())
    return std::nullopt;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const auto high = hex_value(text[2 * i]);
    const auto low = hex_value(text[2 * i + 1]);
    if (high > 15 || low > 15)
      return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return id;
}

} // namespace weappd

std::size_t std::hash<weappd::session_id>::operator()(const weappd::session_id& id) const noexcept {
  return weappd::first_eight(id.bytes);
}
std::size_t std::hash<weappd::keyed_hash>::operator()(const weappd::keyed_hash& value) const noexcept {
  return weappd::first_eight(value.bytes);
}
