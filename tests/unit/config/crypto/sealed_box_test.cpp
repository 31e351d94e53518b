#include "config/crypto/sealed_box.hpp"

#include "fixed_random.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace weappd::crypto {
namespace {

secret counting_key(char first) {
  std::string bytes;
  for (char i = 0; i < 32; ++i)
    bytes += static_cast<char>(first + i);
  return secret(bytes);
}

const keyring one_key({{"k1", counting_key(0)}}, "k1");

std::string from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return out;
}

TEST(sealed_box, writes_the_layout_that_it_promises) {
  // Python, with the cryptography package:
  //   prk = hmac.new(bytes(32), bytes(range(32)), "sha256").digest()
  //   key = hmac.new(prk, b"session_key\x01", "sha256").digest(); head = b"\x01\x02k1"; nonce =
  //   bytes(range(12)) print((head + nonce + AESGCM(key).encrypt(nonce, b"hello", head +
  //   b"sessions/7")).hex())
  fixed_random random;
  const sealed_box box(one_key, "session_key", random);
  EXPECT_EQ(box.seal("hello", "sessions/7"),
            from_hex("01026b31000102030405060708090a0be2f73ab6b82e9384afb4cc7bb4440645fc55b7e35c"));
}

TEST(sealed_box, opens_what_it_sealed) {
  system_random random;
  const sealed_box box(one_key, "session_key", random);
  for (const std::string& plain :
       {std::string(), std::string("x"), std::string(1, '\0'), std::string(100'000, 'y')}) {
    EXPECT_EQ(box.open(box.seal(plain, "sessions/7"), "sessions/7"), plain);
    EXPECT_EQ(box.open(box.seal(plain, ""), ""), plain);
  }
}

TEST(sealed_box, the_same_text_never_looks_the_same_twice) {
  system_random random;
  const sealed_box box(one_key, "session_key", random);
  std::set<std::string> seen;
  for (int i = 0; i < 300; ++i) // more than any supply of nonces
    seen.insert(box.seal("hello", "sessions/7"));
  EXPECT_EQ(seen.size(), 300u);
}

TEST(sealed_box, no_byte_of_the_generator_is_in_two_nonces) {
  fixed_random random;
  sealed_box first(one_key, "session_key", random);
  std::string nonces;
  const auto seal = [&](const sealed_box& box) { nonces += box.seal("", "sessions/7").substr(4, 12); };
  for (int i = 0; i < 100; ++i)
    seal(first);
  const sealed_box moved(std::move(first));
  for (int i = 0; i < 100; ++i)
    seal(moved);
  for (std::size_t i = 0; i < nonces.size(); ++i)
    ASSERT_EQ(static_cast<std::uint8_t>(nonces[i]), static_cast<std::uint8_t>(i)) << "at " << i;
}

struct failing_random final : random_source {
  void fill(std::span<std::uint8_t>) override { throw std::runtime_error("no entropy"); }
};

TEST(sealed_box, seals_nothing_while_the_generator_fails) {
  failing_random random;
  const sealed_box box(one_key, "session_key", random);
  for (int i = 0; i < 3; ++i)
    EXPECT_THROW((void)box.seal("text", "sessions/7"), std::runtime_error) << i;
}

TEST(sealed_box, a_text_that_was_moved_to_another_place_does_not_open) {
  system_random random;
  const sealed_box box(one_key, "session_key", random);
  const auto sealed = box.seal("hello", "sessions/7");
  for (const auto* place : {"sessions/8", "sessions/", "sessions/70", "", "Sessions/7"})
    EXPECT_FALSE(box.open(sealed, place)) << place;
}

TEST(sealed_box, another_key_or_another_purpose_does_not_open_it) {
  system_random random;
  const keyring same_name({{"k1", counting_key(1)}}, "k1");
  const keyring other_name({{"k2", counting_key(0)}}, "k2");
  const auto sealed = sealed_box(one_key, "session_key", random).seal("hello", "sessions/7");
  EXPECT_FALSE(sealed_box(same_name, "session_key", random).open(sealed, "sessions/7"));
  EXPECT_FALSE(sealed_box(other_name, "session_key", random).open(sealed, "sessions/7"));
  EXPECT_FALSE(sealed_box(one_key, "openid", random).open(sealed, "sessions/7"));
  EXPECT_EQ(sealed_box(one_key, "session_key", random).open(sealed, "sessions/7"), "hello");
}

TEST(sealed_box, a_text_that_was_cut_anywhere_or_made_longer_does_not_open) {
  system_random random;
  const sealed_box box(one_key, "session_key", random);
  const auto sealed = box.seal("hello", "sessions/7");
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(box.open(sealed.substr(0, size), "sessions/7")) << "first " << size;
    EXPECT_FALSE(box.open(sealed.substr(sealed.size() - size), "sessions/7")) << "last " << size;
  }
  EXPECT_FALSE(box.open(sealed + '\0', "sessions/7"));
}

TEST(sealed_box, a_text_with_any_bit_flipped_does_not_open) {
  system_random random;
  const sealed_box box(one_key, "session_key", random);
  const auto sealed = box.seal("hello", "sessions/7");
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    auto changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(box.open(changed, "sessions/7")) << bit;
    EXPECT_EQ(box.open(sealed, "sessions/7"), "hello") << "after a text that did not open: " << bit;
  }
}

TEST(sealed_box, after_a_rotation_old_texts_open_and_new_ones_use_the_new_key) {
  system_random random;
  const keyring rotated({{"k1", counting_key(0)}, {"k2", counting_key(9)}}, "k2");
  const auto old = sealed_box(one_key, "session_key", random).seal("hello", "sessions/7");
  const sealed_box box(rotated, "session_key", random);
  const auto fresh = box.seal("hello", "sessions/7");
  EXPECT_EQ(box.open(old, "sessions/7"), "hello");
  EXPECT_EQ(box.open(fresh, "sessions/7"), "hello");
  EXPECT_EQ(sealed_box::key_id_of(old), "k1");
  EXPECT_EQ(sealed_box::key_id_of(fresh), "k2");
}

TEST(sealed_box, names_no_key_for_what_is_not_a_sealed_text) {
  EXPECT_FALSE(sealed_box::key_id_of(""));
  EXPECT_FALSE(sealed_box::key_id_of("hello"));
  EXPECT_FALSE(sealed_box::key_id_of("\x02\x02k1" + std::string(40, 'x')));
}

} // namespace
} // namespace weappd::crypto
