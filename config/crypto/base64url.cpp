#include "config/crypto/base64url.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weappd::crypto {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t not_a_digit = 64; ///< the one bit that no value of the alphabet has

constexpr auto digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(not_a_digit);
  for (std::uint8_t i = 0; i < 64; ++i)
    values[static_cast<std::uint8_t>(alphabet[i])] = i;
  return values;
}();

std::uint32_t value_of(char c) {
  return digit_values[static_cast<std::uint8_t>(c)];
}
std::uint32_t byte_of(char c) {
  return static_cast<std::uint8_t>(c);
}
char digit(std::uint32_t bits) {
  return alphabet[bits & 63];
}
char byte(std::uint32_t bits) {
  return static_cast<char>(bits & 255);
}

} // namespace

void base64url_append(std::string& out, std::string_view bytes) {
  const std::size_t start = out.size();
  out.resize(start + (bytes.size() * 4 + 2) / 3);
  char* to = out.data() + start;
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = byte_of(bytes[i]) << 16 | byte_of(bytes[i + 1]) << 8 | byte_of(bytes[i + 2]);
    *to++ = digit(group >> 18);
    *to++ = digit(group >> 12);
    *to++ = digit(group >> 6);
    *to++ = digit(group);
  }
  if (const std::size_t rest = bytes.size() - i; rest > 0) {
    const std::uint32_t group = byte_of(bytes[i]) << 16 | (rest == 2 ? byte_of(bytes[i + 1]) << 8 : 0);
    *to++ = digit(group >> 18);
    *to++ = digit(group >> 12);
    if (rest == 2)
      *to++ = digit(group >> 6);
  }
}

std::string base64url_encode(std::string_view bytes) {
  std::string out;
  base64url_append(out, bytes);
  return out;
}

bool base64url_decode(std::string_view text, std::string& out) {
  const std::size_t rest = text.size() % 4;
  if (rest == 1) // six bits are not a byte
    return false;
  out.resize(text.size() * 3 / 4);
  char* to = out.data();
  std::uint32_t seen =
      0; // all values so far, so that there is one test at the end and none for each character
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t a = value_of(text[i]), b = value_of(text[i + 1]);
    const std::uint32_t c = value_of(text[i + 2]), d = value_of(text[i + 3]);
    seen |= a | b | c | d;
    const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
    *to++ = byte(group >> 16);
    *to++ = byte(group >> 8);
    *to++ = byte(group);
  }
  std::uint32_t unused_bits = 0;
  if (rest > 0) {
    const std::uint32_t a = value_of(text[i]), b = value_of(text[i + 1]);
    const std::uint32_t c = rest == 3 ? value_of(text[i + 2]) : 0;
    seen |= a | b | c;
    const std::uint32_t group = a << 18 | b << 12 | c << 6;
    *to++ = byte(group >> 16);
    if (rest == 3)
      *to++ = byte(group >> 8);
    unused_bits = rest == 3 ? group & 0xFF : group & 0xFFFF;
  }
  return (seen & not_a_digit) == 0 && unused_bits == 0;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string out;
  if (!base64url_decode(text, out))
    return std::nullopt;
  return out;
}

} // namespace weappd::crypto
