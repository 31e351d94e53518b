#include "actors/logic/ban_register.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr timestamp start{std::chrono::milliseconds(1'795'249'800'000)};

ban_options with(std::uint32_t first_s, std::uint32_t factor, std::uint32_t longest_s) {
  ban_options rules;
  rules.first_s = first_s;
  rules.factor = factor;
  rules.longest_s = longest_s;
  return rules;
}

constexpr rate_key number(std::uint64_t n) {
  return {n, 0};
}

std::vector<rate_key> keys_of(const std::vector<ban_list::entry>& entries) {
  std::vector<rate_key> keys;
  for (const auto& one : entries)
    keys.push_back(one.who);
  return keys;
}

TEST(ban_length, grows_by_the_factor_up_to_the_longest) {
  const auto rules = with(60, 4, 3'000);
  EXPECT_EQ(ban_length(1, rules), 60s);
  EXPECT_EQ(ban_length(2, rules), 240s);
  EXPECT_EQ(ban_length(3, rules), 960s);
  EXPECT_EQ(ban_length(4, rules), 3'000s);
  EXPECT_EQ(ban_length(4'000'000'000, rules), 3'000s);
  EXPECT_EQ(ban_length(4'000'000'000, with(60, 1, 3'000)), 60s);
  EXPECT_EQ(ban_length(33, with(31 * 86'400, 1'000, 366 * 86'400)), std::chrono::days(366));
}

TEST(ban_register, bans_longer_each_time_and_forgets_behind_the_memory) {
  auto rules = with(60, 2, 10'000);
  rules.memory_s = 100;
  ban_register bans;
  auto now = start;
  EXPECT_EQ(bans.add(number(1), ban_reason::refusals, now, rules), ban_register::outcome::added);
  EXPECT_EQ(bans.find(number(1))->until, now + 60s);
  EXPECT_EQ(bans.add(number(1), ban_reason::refusals, now + 59'999ms, rules),
            ban_register::outcome::banned_already);
  now += 60s + 99s;
  EXPECT_EQ(bans.add(number(1), ban_reason::failed_logins, now, rules), ban_register::outcome::added);
  EXPECT_EQ(bans.find(number(1))->times, 2u);
  EXPECT_EQ(bans.find(number(1))->until, now + 120s);
  EXPECT_EQ(bans.find(number(1))->why, ban_reason::failed_logins);
  now += 120s + 100s;
  EXPECT_EQ(bans.add(number(1), ban_reason::refusals, now, rules), ban_register::outcome::added);
  EXPECT_EQ(bans.find(number(1))->times, 1u);
  bans.tidy(now + 60s + 99s, rules);
  EXPECT_EQ(bans.size(), 1u);
  bans.tidy(now + 60s + 100s, rules);
  EXPECT_EQ(bans.size(), 0u);
}

TEST(ban_register, tells_who_is_banned_now) {
  auto rules = with(60, 2, 10'000);
  ban_register bans;
  bans.add(number(2), ban_reason::refusals, start, rules);
  bans.add(number(1), ban_reason::refusals, start + 10s, rules);
  EXPECT_THAT(keys_of(bans.in_force(start + 10s)), ElementsAre(number(1), number(2)));
  EXPECT_EQ(bans.next_end(start + 10s), start + 60s);
  EXPECT_THAT(keys_of(bans.in_force(start + 60s)), ElementsAre(number(1)));
  EXPECT_EQ(bans.next_end(start + 60s), start + 70s);
  EXPECT_THAT(bans.in_force(start + 70s), IsEmpty());
  EXPECT_EQ(bans.next_end(start + 70s), std::nullopt);
  EXPECT_EQ(bans.size(), 2u) << "remembered";
}

TEST(ban_register, shows_pages_the_last_to_end_first) {
  const auto rules = with(60, 2, 10'000);
  ban_register bans;
  for (std::uint64_t n = 1; n <= 5; ++n)
    bans.add(number(n), ban_reason::refusals, start + std::chrono::seconds(n), rules);
  const auto page = bans.page({.page = 2, .limit = 2}, start + 61s);
  EXPECT_EQ(page.total, 4u) << "the first one is over";
  ASSERT_THAT(page.items, SizeIs(2));
  EXPECT_EQ(page.items[0].who, number(3));
  EXPECT_EQ(page.items[1].who, number(2));
  EXPECT_THAT(bans.page({.page = 4'000'000'000, .limit = 100}, start).items, IsEmpty());
}

TEST(ban_register, lets_go_and_forgets) {
  const auto rules = with(60, 2, 10'000);
  ban_register bans;
  EXPECT_FALSE(bans.lift(number(1)));
  bans.add(number(1), ban_reason::refusals, start, rules);
  EXPECT_TRUE(bans.lift(number(1)));
  EXPECT_THAT(bans.in_force(start), IsEmpty());
  bans.add(number(1), ban_reason::refusals, start, rules);
  EXPECT_EQ(bans.find(number(1))->times, 1u);
}

TEST(ban_register, when_full_gives_the_place_of_who_is_let_go_first) {
  auto rules = with(60, 2, 10'000);
  rules.max_banned = 2;
  ban_register bans;
  bans.add(number(1), ban_reason::refusals, start, rules);
  bans.add(number(2), ban_reason::refusals, start + 10s, rules);
  EXPECT_EQ(bans.add(number(3), ban_reason::refusals, start, rules), ban_register::outcome::full)
      << "it would end no later";
  EXPECT_EQ(bans.add(number(3), ban_reason::refusals, start + 1s, rules), ban_register::outcome::displaced);
  EXPECT_THAT(keys_of(bans.in_force(start + 1s)), ElementsAre(number(2), number(3)));
  // What is over gives way without a loss.
  EXPECT_EQ(bans.add(number(4), ban_reason::refusals, start + 61s, rules), ban_register::outcome::added);
  EXPECT_EQ(bans.find(number(3)), nullptr);
  EXPECT_EQ(bans.size(), 2u);
}

TEST(ban_register, when_full_keeps_what_operators_want) {
  auto rules = with(60, 2, 10'000);
  rules.max_banned = 2;
  ban_register bans;
  EXPECT_EQ(bans.set(number(1), 5s, start, rules), ban_register::outcome::added);
  bans.add(number(2), ban_reason::refusals, start, rules);
  EXPECT_EQ(bans.set(number(3), 5s, start, rules), ban_register::outcome::displaced)
      << "although it ends first";
  EXPECT_EQ(bans.add(number(4), ban_reason::refusals, start, rules), ban_register::outcome::full);
  EXPECT_EQ(bans.set(number(4), 500s, start, rules), ban_register::outcome::full);
  EXPECT_EQ(bans.set(number(3), 1s, start, rules), ban_register::outcome::added) << "in the place of itself";
  EXPECT_EQ(bans.find(number(3))->until, start + 1s);
  EXPECT_EQ(bans.add(number(4), ban_reason::refusals, start + 1s, rules), ban_register::outcome::added);
  EXPECT_EQ(bans.find(number(3)), nullptr);
}

TEST(ban_register, gives_each_change_to_the_store_once) {
  const auto rules = with(60, 2, 10'000);
  ban_register bans;
  for (std::uint64_t n = 1; n <= 3; ++n)
    bans.add(number(n), ban_reason::refusals, start, rules);
  bans.lift(number(3)); // nobody has heard of it
  auto unsaved = bans.take_unsaved(1);
  EXPECT_THAT(unsaved.put, SizeIs(1));
  EXPECT_TRUE(bans.has_unsaved());
  unsaved = bans.take_unsaved(10);
  EXPECT_THAT(unsaved.put, SizeIs(1));
  EXPECT_THAT(unsaved.gone, IsEmpty());
  EXPECT_FALSE(bans.has_unsaved());
  bans.lift(number(1));
  EXPECT_THAT(bans.take_unsaved(10).gone, ElementsAre(number(1)));
  bans.lift(number(2));
  bans.add(number(2), ban_reason::refusals, start, rules);
  unsaved = bans.take_unsaved(10);
  EXPECT_THAT(unsaved.put, SizeIs(1));
  EXPECT_THAT(unsaved.gone, IsEmpty()) << "it is there again";
}

/// Whatever happens, and whichever writes fail: in the end the store has what the register has.
TEST(ban_register, and_its_store_agree_in_the_end) {
  auto rules = with(10, 2, 100);
  rules.max_banned = 5;
  rules.memory_s = 20;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto roll = [&](std::uint64_t below) { return random() % below; };
    ban_register bans;
    std::map<rate_key, address_ban> store;
    auto now = start;
    std::optional<save_bans> under_way;
    const auto end_write = [&](bool fails) {
      if (!under_way)
        return;
      if (fails)
        bans.give_back(*under_way);
      else {
        for (const auto& ban : under_way->put)
          store[ban.who] = ban;
        for (const auto& who : under_way->gone)
          store.erase(who);
      }
      under_way.reset();
    };
    for (int step = 0; step < 200; ++step) {
      now += std::chrono::milliseconds(roll(3'000));
      const auto who = number(roll(8));
      switch (roll(6)) {
      case 0:
        bans.set(who, std::chrono::seconds(roll(30) + 1), now, rules);
        break;
      case 1:
        bans.lift(who);
        break;
      case 2:
        bans.tidy(now, rules);
        break;
      case 3:
        if (!under_way && bans.has_unsaved())
          under_way = bans.take_unsaved(roll(3) + 1);
        break;
      case 4:
        end_write(roll(3) == 0);
        break;
      default:
        bans.add(who, ban_reason::refusals, now, rules);
      }
      ASSERT_LE(bans.size(), 5u);
    }
    end_write(roll(2) == 0);
    while (bans.has_unsaved()) {
      under_way = bans.take_unsaved(2);
      end_write(false);
    }
    ASSERT_EQ(store.size(), bans.size()) << seed;
    for (const auto& [who, ban] : store) {
      ASSERT_NE(bans.find(who), nullptr) << seed;
      ASSERT_EQ(*bans.find(who), ban) << seed;
    }
    // The next server begins with that.
    ban_register next;
    for (const auto& [who, ban] : store)
      next.restore(ban, now, rules);
    next.tidy(now, rules);
    bans.tidy(now, rules);
    ASSERT_EQ(next.page({.page = 1, .limit = 100}, now).items,
              bans.page({.page = 1, .limit = 100}, now).items);
    ASSERT_EQ(next.size(), bans.size());
  }
}

TEST(ban_register, restores_what_there_is_room_for_and_lets_the_store_forget_the_rest) {
  auto rules = with(60, 2, 10'000);
  rules.max_banned = 2;
  rules.memory_s = 10;
  ban_register bans;
  const auto stored = [](std::uint64_t n, timestamp until) {
    return address_ban{.who = number(n), .since = start, .until = until, .times = 3};
  };
  for (const auto& ban :
       {stored(1, start + 1s), stored(2, start + 3s), stored(3, start + 2s), stored(4, start - 10s)})
    bans.restore(ban, start, rules);
  EXPECT_THAT(keys_of(bans.in_force(start)), ElementsAre(number(2), number(3)));
  EXPECT_THAT(bans.take_unsaved(10).gone, ElementsAre(number(1), number(4)));
  bans.restore(stored(2, start + 9s), start, rules);
  EXPECT_EQ(bans.find(number(2))->until, start + 3s) << "what is known already is newer";
}

} // namespace
} // namespace weappd
