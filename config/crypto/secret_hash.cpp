#include "config/crypto/secret_hash.hpp"

#include "config/crypto/base64url.hpp"
#include "config/crypto/must.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

namespace weappd::crypto {
namespace {

constexpr std::string_view scheme = "$scrypt$ln=";
constexpr std::uint64_t max_memory = std::uint64_t{64} << 20;
constexpr std::size_t max_text = 256;
constexpr std::size_t salt_size = 16;
constexpr std::size_t hash_size = 32;

struct scrypt_cost {
  unsigned ln = 14; ///< N is 2 to the power of it
  unsigned r = 8;
  unsigned p = 1;
};

/// What scrypt keeps at a time: N blocks, p blocks, and a little.
std::uint64_t memory_of(const scrypt_cost& cost) {
  return std::uint64_t{128} * cost.r * ((std::uint64_t{1} << cost.ln) + cost.p + 2);
}
std::uint64_t work_of(const scrypt_cost& cost) {
  return (std::uint64_t{1} << cost.ln) * cost.r * cost.p;
}

/// RFC 7914 section 2 wants N below 2^(16 r).
bool is_bounded(const scrypt_cost& cost) {
  return cost.ln >= 10 && cost.ln <= 20 && cost.r >= 1 && cost.r <= 32 && cost.p >= 1 && cost.p <= 16 &&
         cost.ln < 16 * cost.r && memory_of(cost) <= max_memory && work_of(cost) <= 16 * work_of({});
}

/// base64 with the alphabet of RFC 4648 section 4, without padding.
std::string to_base64(std::string_view bytes) {
  auto text = base64url_encode(bytes);
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return text;
}
std::optional<std::string> from_base64(std::string_view text) {
  if (text.find_first_of("-_") != text.npos)
    return std::nullopt;
  std::string other(text);
  std::ranges::replace(other, '+', '-');
  std::ranges::replace(other, '/', '_');
  return base64url_decode(other);
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word))
    return false;
  text.remove_prefix(word.size());
  return true;
}

/// One or two digits, the first of which is not 0.
std::optional<unsigned> take_number(std::string_view& text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > 2 || text.front() == '0')
    return std::nullopt;
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + digits, value);
  text.remove_prefix(digits);
  return value;
}

struct parsed_hash {
  scrypt_cost cost;
  std::string salt;
  std::string hash;
};

std::optional<parsed_hash> parse(std::string_view text) {
  if (text.size() > max_text || !take(text, scheme))
    return std::nullopt;
  const auto ln = take_number(text);
  const auto r = ln && take(text, ",r=") ? take_number(text) : std::nullopt;
  const auto p = r && take(text, ",p=") ? take_number(text) : std::nullopt;
  if (!p || !take(text, "$"))
    return std::nullopt;
  const auto border = std::min(text.find('$'), text.size());
  auto salt = from_base64(text.substr(0, border));
  auto hash = from_base64(text.substr(std::min(border + 1, text.size())));
  const scrypt_cost cost{.ln = *ln, .r = *r, .p = *p};
  if (!is_bounded(cost) || !salt || !hash || salt->size() < 8 || salt->size() > 64 || hash->size() < 16 ||
      hash->size() > 64)
    return std::nullopt;
  return parsed_hash{.cost = cost, .salt = std::move(*salt), .hash = std::move(*hash)};
}

/// Nothing if the memory cannot be had.
std::optional<secret> scrypt(const secret& password, std::string_view salt, const scrypt_cost& cost,
                             std::size_t size) {
  std::array<unsigned char, 64> out{};
  const auto& text = password.reveal();
  const bool worked =
      EVP_PBE_scrypt(text.data(), text.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                     salt.size(), std::uint64_t{1} << cost.ln, cost.r, cost.p, max_memory, out.data(),
                     size) == 1;
  ERR_clear_error();
  std::optional<secret> hash;
  if (worked)
    hash.emplace(std::string(reinterpret_cast<const char*>(out.data()), size));
  OPENSSL_cleanse(out.data(), out.size());
  return hash;
}

} // namespace

std::string hash_secret(const secret& password, random_source& random) {
  std::array<std::uint8_t, salt_size> bytes;
  random.fill(bytes);
  const std::string_view salt(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr scrypt_cost cost;
  const auto hash = scrypt(password, salt, cost, hash_size);
  must(hash.has_value());
  return std::string(scheme) + std::to_string(cost.ln) + ",r=" + std::to_string(cost.r) +
         ",p=" + std::to_string(cost.p) + "$" + to_base64(salt) + "$" + to_base64(hash->reveal());
}

bool is_secret_hash(std::string_view text) {
  return parse(text).has_value();
}

bool check_secret(const secret& password, std::string_view text) {
  auto wanted = parse(text);
  if (!wanted)
    return false;
  const auto made = scrypt(password, wanted->salt, wanted->cost, wanted->hash.size());
  return made && *made == secret(std::move(wanted->hash));
}

} // namespace weappd::crypto
