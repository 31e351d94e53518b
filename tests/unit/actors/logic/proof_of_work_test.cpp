#include "actors/logic/proof_of_work.hpp"

#include "tests/kit/actors/seeded_random.hpp"
#include "tests/kit/net/solve_work.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using kit::solve_work;

constexpr rate_key home{0, 0xffff'c000'0201};
constexpr rate_key elsewhere{0, 0xffff'c000'0202};
constexpr std::uint32_t few_bits = 4;

struct proof_of_work_test : testing::Test {
  seeded_random random{1};
  proof_of_work work{random};
  proof_of_work::time now = 1h;

  std::string challenge(std::uint32_t bits = few_bits) { return work.make(home, bits, now, 60s); }
  challenge_outcome check(const std::string& text, const std::string& solution, const rate_key& who = home) {
    return work.check(text, solution, who, few_bits, now).what;
  }
};

TEST_F(proof_of_work_test, takes_a_solution_of_what_it_made) {
  const auto text = challenge();
  const auto found = work.check(text, solve_work(text, few_bits), home, few_bits, now);
  EXPECT_EQ(found.what, challenge_outcome::passed);
  EXPECT_EQ(found.ends, now + 60s);
}

TEST_F(proof_of_work_test, wants_every_bit) {
  for (std::uint32_t bits = 1; bits <= 13; ++bits) { // over the ends of the first byte
    const auto text = challenge(bits);
    const auto exactly = solve_work(text, bits, bits);
    const auto one_less = solve_work(text, bits - 1, bits - 1);
    EXPECT_EQ(work.check(text, exactly, home, bits, now).what, challenge_outcome::passed) << bits;
    EXPECT_EQ(work.check(text, one_less, home, bits, now).what, challenge_outcome::unsolved) << bits;
  }
}

TEST_F(proof_of_work_test, counts_zero_bits_as_one_counts_by_hand) {
  const std::string text = "a text";
  for (unsigned zeros = 0; zeros <= 17; ++zeros) {
    const auto number = solve_work(text, zeros, zeros);
    EXPECT_TRUE(has_zero_bits(text, number, zeros)) << zeros;
    EXPECT_FALSE(has_zero_bits(text, number, zeros + 1)) << zeros;
  }
  EXPECT_FALSE(has_zero_bits(text, "0", 256));
}

TEST_F(proof_of_work_test, makes_each_challenge_different) {
  std::set<std::string> all;
  for (int i = 0; i < 100; ++i)
    all.insert(challenge());
  EXPECT_EQ(all.size(), 100u);
}

TEST_F(proof_of_work_test, tells_challenges_by_their_ids) {
  const auto one = challenge();
  const auto other = challenge();
  const auto id = work.check(one, "1", home, few_bits, now).id;
  EXPECT_EQ(work.check(one, "2", home, few_bits, now).id, id);
  EXPECT_NE(work.check(other, "1", home, few_bits, now).id, id);
}

TEST_F(proof_of_work_test, does_not_believe_a_text_of_which_a_character_was_changed) {
  const auto text = challenge(0);
  ASSERT_EQ(work.check(text, "1", home, 0, now).what, challenge_outcome::passed);
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto said = work.check(changed, "1", home, 0, now).what;
    EXPECT_TRUE(said == challenge_outcome::forged || said == challenge_outcome::malformed) << i;
  }
}

TEST_F(proof_of_work_test, does_not_believe_what_another_process_made) {
  seeded_random other_random{2};
  proof_of_work other(other_random);
  const auto text = other.make(home, few_bits, now, 60s);
  EXPECT_EQ(check(text, solve_work(text, few_bits)), challenge_outcome::forged);
}

TEST_F(proof_of_work_test, is_for_one_address) {
  const auto text = challenge();
  const auto solution = solve_work(text, few_bits);
  EXPECT_EQ(check(text, solution, elsewhere), challenge_outcome::foreign);
  EXPECT_EQ(check(text, solution, rate_key{1, home.low}), challenge_outcome::foreign);
  EXPECT_EQ(check(text, solution), challenge_outcome::passed);
}

TEST_F(proof_of_work_test, ends_at_its_end) {
  const auto text = challenge();
  const auto solution = solve_work(text, few_bits);
  now += 60s - 1ns;
  EXPECT_EQ(check(text, solution), challenge_outcome::passed);
  now += 1ns;
  EXPECT_EQ(check(text, solution), challenge_outcome::expired);
  now += 1000h;
  EXPECT_EQ(check(text, solution), challenge_outcome::expired);
  now = 1h - 1ns;
  EXPECT_EQ(check(text, solution), challenge_outcome::expired) << "it is from the future";
}

TEST_F(proof_of_work_test, is_outgrown_when_more_is_wanted_by_now) {
  const auto text = challenge();
  const auto solution = solve_work(text, few_bits + 1);
  EXPECT_EQ(work.check(text, solution, home, few_bits + 1, now).what, challenge_outcome::outgrown)
      << "also if the solution is that good by chance";
  EXPECT_EQ(work.check(text, solution, home, few_bits - 1, now).what, challenge_outcome::passed);
}

TEST_F(proof_of_work_test, takes_a_number_for_a_solution_and_nothing_else) {
  const auto text = challenge(0);
  const auto judge = [&](const std::string& solution) {
    return work.check(text, solution, home, 0, now).what;
  };
  for (const auto* good : {"0", "007", "18446744073709551615", "99999999999999999999"})
    EXPECT_EQ(judge(good), challenge_outcome::passed) << good;
  for (const auto* bad : {"", "-1", "+1", "1 ", " 1", "1.0", "0x1", "1e3", "123456789012345678901"})
    EXPECT_EQ(judge(bad), challenge_outcome::malformed) << bad;
}

TEST_F(proof_of_work_test, takes_no_other_text_for_a_challenge) {
  const auto text = challenge(0);
  for (const auto& bad : {std::string(), std::string("x"), text + "A", text.substr(1), '=' + text.substr(1),
                          std::string(text.size(), '-'), std::string(100'000, 'A')})
    EXPECT_NE(work.check(bad, "1", home, 0, now).what, challenge_outcome::passed) << bad.substr(0, 200);
}

} // namespace
} // namespace weappd
