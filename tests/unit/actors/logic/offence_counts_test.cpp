#include "actors/logic/ban_register.hpp"
#include "actors/logic/offence_counts.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

const limited_key_hash hash({1, 2});

ban_options rules_of(std::uint32_t refusals, std::uint32_t failed_logins, std::uint32_t window_s = 60) {
  ban_options rules;
  rules.refusals = refusals;
  rules.failed_logins = failed_logins;
  rules.window_s = window_s;
  return rules;
}

constexpr rate_key alice{0, 1};
constexpr rate_key bob{0, 2};

TEST(offence_counts, count_each_address_and_kind_apart) {
  offence_counts counts(rules_of(3, 2), hash);
  EXPECT_FALSE(counts.add(alice, offence_kind::refusal, 1s));
  EXPECT_FALSE(counts.add(alice, offence_kind::refusal, 2s));
  EXPECT_FALSE(counts.add(bob, offence_kind::refusal, 2s));
  EXPECT_FALSE(counts.add(alice, offence_kind::failed_login, 3s));
  EXPECT_TRUE(counts.add(alice, offence_kind::refusal, 4s));
  EXPECT_FALSE(counts.add(bob, offence_kind::failed_login, 5s));
  EXPECT_TRUE(counts.add(bob, offence_kind::failed_login, 6s));
}

TEST(offence_counts, begin_anew_after_they_are_full_and_for_both_kinds) {
  offence_counts counts(rules_of(2, 2), hash);
  EXPECT_FALSE(counts.add(alice, offence_kind::failed_login, 1s));
  EXPECT_FALSE(counts.add(alice, offence_kind::refusal, 1s));
  EXPECT_TRUE(counts.add(alice, offence_kind::refusal, 1s));
  EXPECT_EQ(counts.size(), 0u);
  EXPECT_FALSE(counts.add(alice, offence_kind::refusal, 1s));
  EXPECT_FALSE(counts.add(alice, offence_kind::failed_login, 1s));
}

TEST(offence_counts, forget_what_is_a_window_old) {
  offence_counts counts(rules_of(2, 0, 10), hash);
  EXPECT_FALSE(counts.add(alice, offence_kind::refusal, 1s));
  EXPECT_FALSE(counts.add(alice, offence_kind::refusal, 11s));
  EXPECT_TRUE(counts.add(alice, offence_kind::refusal, 21s - 1ns));
}

TEST(offence_counts, of_one_are_full_at_once_and_of_none_never) {
  offence_counts counts(rules_of(1, 0), hash);
  EXPECT_TRUE(counts.add(alice, offence_kind::refusal, 1s));
  EXPECT_TRUE(counts.add(alice, offence_kind::refusal, 1s));
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(counts.add(alice, offence_kind::failed_login, 1s));
}

TEST(offence_counts, stay_within_their_bound_when_a_million_addresses_offend) {
  auto rules = rules_of(3, 0);
  rules.max_watched = 1'000;
  offence_counts counts(rules, hash);
  for (std::uint64_t n = 0; n < 1'000'000; ++n)
    ASSERT_FALSE(counts.add({n, 7}, offence_kind::refusal, std::chrono::microseconds(n)));
  EXPECT_LE(counts.size(), 1'000u);
}

// -- against an oracle

/// Who keeps everything that anybody ever did and thinks it all over each time.
class oracle {
public:
  explicit oracle(ban_options rules) : rules_(std::move(rules)) {}

  /// The ban that this offence leads to; times 0: none.
  address_ban judge(const rate_key& who, offence_kind what, timestamp now) {
    auto& known = all_[who];
    if (!known.bans.empty() && known.bans.back().until > now)
      return {.times = 0};
    known.offences.emplace_back(what, now);
    const auto enough = what == offence_kind::refusal ? rules_.refusals : rules_.failed_logins;
    std::uint32_t count = 0;
    for (std::size_t i = known.counted_from; i < known.offences.size(); ++i)
      if (known.offences[i].first == what &&
          known.offences[i].second + std::chrono::seconds(rules_.window_s) > now)
        ++count;
    if (enough == 0 || count < enough)
      return {.times = 0};
    std::uint32_t times = 1;
    for (std::size_t i = known.bans.size(); i-- > 0; ++times) {
      const auto next = i + 1 == known.bans.size() ? now : known.bans[i + 1].since;
      if (known.bans[i].until + std::chrono::seconds(rules_.memory_s) <= next)
        break;
    }
    double length = rules_.first_s;
    for (std::uint32_t i = 1; i < times; ++i)
      length *= rules_.factor;
    const auto seconds = length < rules_.longest_s ? static_cast<std::int64_t>(length) : rules_.longest_s;
    known.counted_from = known.offences.size();
    known.bans.push_back(
        {.who = who,
         .since = now,
         .until = now + std::chrono::seconds(seconds),
         .times = times,
         .why = what == offence_kind::refusal ? ban_reason::refusals : ban_reason::failed_logins});
    return known.bans.back();
  }

private:
  struct history {
    std::vector<std::pair<offence_kind, timestamp>> offences;
    std::vector<address_ban> bans;
    std::size_t counted_from = 0;
  };
  ban_options rules_;
  std::map<rate_key, history> all_;
};

TEST(bans, are_those_of_an_oracle_that_forgets_nothing) {
  std::size_t made = 0;
  std::size_t again = 0;
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
    std::mt19937_64 random(seed);
    const auto between = [&](std::uint32_t low, std::uint32_t high) {
      return static_cast<std::uint32_t>(std::uniform_int_distribution<std::uint32_t>(low, high)(random));
    };
    auto rules = rules_of(between(0, 5), between(0, 4), between(1, 20));
    rules.first_s = between(1, 10);
    rules.longest_s = rules.first_s + between(0, 60);
    rules.factor = between(1, 5);
    rules.memory_s = between(0, 40);
    oracle wise(rules);
    offence_counts counts(rules, hash);
    ban_register bans;
    auto now = timestamp(std::chrono::milliseconds(1'795'249'800'000));
    for (int i = 0; i < 60; ++i) {
      now += std::chrono::milliseconds(between(0, 3) == 0 ? between(0, 8'000) : 500 * between(0, 2));
      const rate_key who{0, between(1, 3)};
      const auto what = static_cast<offence_kind>(between(0, 1));
      const auto wanted = wise.judge(who, what, now);
      // As the ban keeper does it.
      if (between(0, 5) == 0)
        bans.tidy(now, rules);
      const auto* known = bans.find(who);
      const bool is_banned = known != nullptr && known->until > now;
      const bool enough = !is_banned && counts.add(who, what, now.time_since_epoch());
      ASSERT_EQ(enough, wanted.times != 0) << "seed " << seed << " step " << i;
      if (!enough)
        continue;
      const auto why = what == offence_kind::refusal ? ban_reason::refusals : ban_reason::failed_logins;
      ASSERT_EQ(bans.add(who, why, now, rules), ban_register::outcome::added);
      ASSERT_EQ(*bans.find(who), wanted) << "seed " << seed << " step " << i;
      ++made;
      again += wanted.times > 1 ? 1 : 0;
    }
  }
  EXPECT_GT(made, 10'000u);
  EXPECT_GT(again, 1'000u);
  RecordProperty("bans", static_cast<int>(made));
}

} // namespace
} // namespace weappd
