#include "simulator/random_text.hpp"

#include <openssl/evp.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace weappd::simulator {
namespace {

std::vector<std::uint8_t> random_bytes(crypto::random_source& random, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  random.fill(bytes);
  return bytes;
}

} // namespace

std::string random_name(crypto::random_source& random, std::size_t length) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  out.reserve(length);
  for (const auto byte : random_bytes(random, length))
    out += alphabet[byte % alphabet.size()];
  return out;
}

std::string random_base64(crypto::random_source& random, std::size_t size) {
  const auto bytes = random_bytes(random, size);
  std::vector<unsigned char> text(4 * ((size + 2) / 3) + 1); // EVP_EncodeBlock ends with a zero byte
  const int length = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(size));
  return {text.begin(), text.begin() + length};
}

std::string random_hex(crypto::random_source& random, std::size_t digits) {
  constexpr std::string_view alphabet = "0123456789abcdef";
  std::string out;
  out.reserve(digits);
  for (const auto byte : random_bytes(random, digits / 2)) {
    out += alphabet[byte >> 4];
    out += alphabet[byte & 15];
  }
  return out;
}

} // namespace weappd::simulator
