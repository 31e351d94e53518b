#include "actors/logic/proof_of_work.hpp"

#include "config/crypto/base64url.hpp"
#include "config/crypto/random_key.hpp"
#include "config/crypto/sha256.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace weappd {
namespace {

constexpr char version = 1;
constexpr std::size_t signed_bytes = 1 + 1 + 8 + 8 + 16 + 16;
constexpr std::size_t all_bytes = signed_bytes + sizeof(crypto::digest);
constexpr std::size_t text_size = (all_bytes * 8 + 5) / 6;

void append_number(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift & 0xff);
}

std::uint64_t number_at(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = at; i < at + 8; ++i)
    value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

void append_digest(std::string& out, const crypto::digest& value) {
  out.append(reinterpret_cast<const char*>(value.data()), value.size());
}

bool is_decimal(std::string_view text) {
  return !text.empty() && text.size() <= max_work_solution &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

bool has_zero_bits(std::string_view challenge, std::string_view solution, std::uint32_t bits) {
  std::string behind(":");
  behind += solution;
  std::uint32_t zeros = 0;
  for (const auto byte : crypto::sha256(challenge, behind)) {
    zeros += static_cast<std::uint32_t>(std::countl_zero(byte));
    if (byte != 0)
      break;
  }
  return zeros >= bits;
}

proof_of_work::proof_of_work(crypto::random_source& random)
    : random_(random), mac_(crypto::random_mac(random)) {
  std::array<std::uint8_t, 7> zero{};
  random_.fill(zero);
  for (const auto byte : zero)
    zero_ = time(zero_.count() << 8 | byte);
}

std::string proof_of_work::make(const rate_key& who, std::uint32_t bits, time now,
                                std::chrono::seconds validity) {
  std::string bytes;
  bytes.reserve(all_bytes);
  bytes += version;
  bytes += static_cast<char>(std::min(bits, max_work_bits));
  append_number(bytes, static_cast<std::uint64_t>((zero_ + now).count()));
  append_number(bytes, static_cast<std::uint64_t>((zero_ + now + validity).count()));
  append_number(bytes, who.high);
  append_number(bytes, who.low);
  std::array<std::uint8_t, 16> nonce{};
  random_.fill(nonce);
  bytes.append(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  append_digest(bytes, mac_(bytes));
  return crypto::base64url_encode(bytes);
}

proof_of_work::finding proof_of_work::check(std::string_view challenge, std::string_view solution,
                                            const rate_key& who, std::uint32_t least_bits, time now) {
  using enum challenge_outcome;
  if (challenge.size() != text_size || !is_decimal(solution))
    return {.what = malformed};
  const auto decoded = crypto::base64url_decode(challenge);
  if (!decoded || decoded->size() != all_bytes)
    return {.what = malformed};
  const std::string_view bytes(*decoded);
  finding found;
  std::memcpy(found.id.data(), bytes.data() + signed_bytes, found.id.size());
  // Before anything in it is believed, the version too.
  if (!crypto::equal(mac_(bytes.substr(0, signed_bytes)), found.id) || bytes[0] != version)
    return {.what = forged};
  const auto bits = static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[1]));
  found.begins = time(static_cast<time::rep>(number_at(bytes, 2))) - zero_;
  found.ends = time(static_cast<time::rep>(number_at(bytes, 10))) - zero_;
  if (rate_key{number_at(bytes, 18), number_at(bytes, 26)} != who)
    found.what = foreign;
  else if (now < found.begins || now >= found.ends)
    found.what = expired;
  else if (bits < least_bits)
    found.what = outgrown;
  else
    found.what = has_zero_bits(challenge, solution, bits) ? passed : unsolved;
  return found;
}

} // namespace weappd
