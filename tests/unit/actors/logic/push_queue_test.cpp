#include "actors/logic/push_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr timestamp queue_start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);

queue_entry message(std::uint64_t id, std::uint64_t user, std::string app = "demo",
                    message_priority priority = message_priority::normal) {
  queue_entry entry;
  entry.id = {id};
  entry.to = {user};
  entry.app = {std::move(app)};
  entry.template_name = "custom:a";
  entry.priority = priority;
  entry.due_at = queue_start;
  return entry;
}

struct a_queue : ::testing::Test {
  push_queue queue{100};
  std::vector<push_queue::item> expired;

  std::uint64_t take(timestamp now = queue_start) {
    const auto id = queue.take(now, expired);
    return id ? id->value : 0;
  }
  std::vector<std::uint64_t> take_all(timestamp now = queue_start) {
    std::vector<std::uint64_t> out;
    while (const auto id = take(now))
      out.push_back(id);
    return out;
  }
};

TEST_F(a_queue, gives_messages_in_the_order_in_which_they_came) {
  for (std::uint64_t i = 1; i <= 3; ++i)
    queue.add(message(i, i), queue_start);
  EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(queue.size(), 3u) << "they are under way, not gone";
  EXPECT_EQ(queue.under_way(), 3u);
}

TEST_F(a_queue, a_message_that_is_here_already_is_not_added_again) {
  queue.add(message(1, 1), queue_start);
  queue.add(message(1, 1), queue_start);
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{1});
}

TEST_F(a_queue, forgets_users_who_go_and_knows_those_who_stay_as_before) {
  for (std::uint64_t i = 1; i <= 6; ++i)
    queue.add(message(i, 7 + i % 2), queue_start);
  queue.add(message(7, 7), queue_start);
  ASSERT_EQ(take_all(), (std::vector<std::uint64_t>{1, 2}));
  queue.find({2})->failures = 3;
  queue.put_back({1}, queue_start, queue_start);
  queue.put_back({2}, queue_start + 1s, queue_start);
  queue.pause_template("custom:b", queue_start + 1h);

  queue.keep_only([](user_id user) { return user == user_id{7}; }, queue_start);
  EXPECT_EQ(queue.size(), 4u);
  EXPECT_EQ(queue.find({1}), nullptr);
  EXPECT_EQ(queue.find({2})->failures, 3u);
  EXPECT_EQ(queue.resting(queue_start).size(), 1u);
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{4}) << "2 waits, the others are behind 4";
  queue.remove({4});

  auto back = message(1, 8); // for later
  back.due_at = queue_start + 10s;
  queue.add(std::move(back), queue_start);
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{6}) << "nothing is left of its first stay";
}

TEST_F(a_queue, takes_as_many_at_once_as_it_is_allowed_to) {
  queue.allow_under_way(1);
  queue.add(message(1, 1), queue_start);
  queue.add(message(2, 2), queue_start);
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{1});
  queue.allow_under_way(2);
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{2});
}

TEST_F(a_queue, two_messages_to_one_user_are_never_under_way_at_once) {
  queue.add(message(1, 7), queue_start);
  queue.add(message(2, 7), queue_start);
  queue.add(message(3, 8), queue_start);
  EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{1, 3}));
  queue.remove({1});
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{2});
}

TEST_F(a_queue, one_user_in_two_apps_is_two_users_at_the_platform) {
  queue.add(message(1, 7, "demo"), queue_start);
  queue.add(message(2, 7, "other"), queue_start);
  EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(a_queue, when_a_call_has_landed_the_next_one_to_that_user_may_go_before_the_store_is_told) {
  queue.add(message(1, 7), queue_start);
  queue.add(message(2, 7), queue_start);
  EXPECT_EQ(take(), 1u);
  queue.land({1});
  EXPECT_EQ(take(), 2u);
  EXPECT_EQ(take(), 0u) << "1 is neither waiting nor under way";
  queue.put_back({1}, queue_start, queue_start);
  EXPECT_EQ(take(), 0u) << "2 is under way to that user";
  queue.remove({2});
  EXPECT_EQ(take(), 1u);
}

TEST_F(a_queue, a_user_with_many_messages_holds_up_nobody) {
  for (std::uint64_t i = 1; i <= 1000; ++i)
    queue.add(message(i, 7), queue_start);
  queue.add(message(2000, 8), queue_start);
  EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{1, 2000}));
  for (std::uint64_t i = 1; i < 1000; ++i) {
    queue.remove({i});
    EXPECT_EQ(take_all(), std::vector<std::uint64_t>{i + 1});
  }
}

TEST_F(a_queue, a_message_to_the_same_user_that_is_gone_is_passed_over) {
  for (std::uint64_t i = 1; i <= 3; ++i)
    queue.add(message(i, 7), queue_start);
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{1});
  queue.remove({2});
  queue.remove({1});
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{3});
}

TEST_F(a_queue, a_more_urgent_one_to_the_same_user_goes_first) {
  queue.add(message(1, 7), queue_start);
  EXPECT_EQ(take(), 1u);
  queue.add(message(2, 7, "demo", message_priority::bulk), queue_start);
  queue.add(message(3, 7, "demo", message_priority::high), queue_start);
  EXPECT_EQ(take(), 0u);
  queue.remove({1});
  EXPECT_EQ(take(), 3u);
  queue.remove({3});
  EXPECT_EQ(take(), 2u);
}

TEST_F(a_queue, waits_until_a_message_is_due) {
  auto later = message(1, 1);
  later.due_at = queue_start + 5s;
  queue.add(later, queue_start);
  EXPECT_EQ(take(queue_start + 4999ms), 0u);
  EXPECT_EQ(queue.next_due(), queue_start + 5s);
  EXPECT_EQ(take(queue_start + 5s), 1u);
  EXPECT_EQ(queue.next_due(), std::nullopt);
}

TEST_F(a_queue, a_message_past_its_not_after_is_told_as_expired_and_gone) {
  auto one = message(1, 1);
  one.not_after = queue_start + 1s;
  queue.add(one, queue_start);
  EXPECT_EQ(take(queue_start + 1s + 1ms), 0u);
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0].entry.id.value, 1u);
  EXPECT_EQ(queue.size(), 0u);
}

TEST_F(a_queue, a_message_that_waits_longer_than_its_not_after_expires_in_time) {
  auto one = message(1, 1);
  one.not_after = queue_start + 1s;
  one.due_at = queue_start + 1h;
  queue.add(one, queue_start);
  ASSERT_TRUE(queue.next_due());
  EXPECT_LE(*queue.next_due(), queue_start + 1s + 1ms);
  EXPECT_EQ(take(*queue.next_due()), 0u);
  EXPECT_EQ(expired.size(), 1u);
}

TEST_F(a_queue, an_expired_message_makes_way_for_the_next_one_to_that_user) {
  auto one = message(1, 7);
  one.not_after = queue_start + 1s;
  queue.add(message(9, 7), queue_start);
  EXPECT_EQ(take(), 9u);
  queue.add(one, queue_start);
  queue.add(message(2, 7), queue_start);
  EXPECT_EQ(take(), 0u);
  queue.remove({9});
  EXPECT_EQ(take(queue_start + 2s), 2u);
  EXPECT_EQ(expired.size(), 1u);
}

TEST_F(a_queue, an_app_has_at_most_its_share_under_way_and_the_others_go_on) {
  push_queue small(2);
  for (std::uint64_t i = 1; i <= 5; ++i)
    small.add(message(i, i), queue_start);
  small.add(message(9, 9, "other"), queue_start);
  std::vector<std::uint64_t> taken;
  while (const auto id = small.take(queue_start, expired))
    taken.push_back(id->value);
  EXPECT_EQ(taken.size(), 3u);
  EXPECT_NE(std::ranges::find(taken, 9u), taken.end());
  EXPECT_EQ(small.next_due(), std::nullopt) << "time alone brings nothing: a call must end first";
  small.remove({taken[0]});
  EXPECT_EQ(small.next_due(), timestamp{}) << "now there is room";
}

TEST_F(a_queue, apps_take_turns) {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    queue.add(message(i, i, "a"), queue_start);
    queue.add(message(10 + i, i, "b"), queue_start);
  }
  EXPECT_EQ(take_all(), (std::vector<std::uint64_t>{1, 11, 2, 12, 3, 13}));
}

TEST_F(a_queue, while_an_app_rests_the_others_go_on) {
  queue.add(message(1, 1, "a"), queue_start);
  queue.add(message(2, 2, "b"), queue_start);
  queue.pause_app({"a"}, queue_start + 10s);
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{2});
  EXPECT_EQ(queue.next_due(), queue_start + 10s);
  EXPECT_EQ(take_all(queue_start + 10s), std::vector<std::uint64_t>{1});
}

TEST_F(a_queue, a_message_of_a_resting_app_expires_in_time) {
  auto one = message(1, 1, "a");
  one.not_after = queue_start + 1s;
  queue.add(one, queue_start);
  queue.pause_app({"a"}, queue_start + 1h);
  EXPECT_EQ(take(), 0u);
  EXPECT_EQ(take(queue_start + 1s + 1ms), 0u);
  EXPECT_EQ(expired.size(), 1u);
}

TEST_F(a_queue, a_rest_is_never_made_shorter) {
  queue.add(message(1, 1, "a"), queue_start);
  queue.pause_app({"a"}, queue_start + 10s);
  queue.pause_app({"a"}, queue_start + 5s);
  EXPECT_EQ(take(queue_start + 6s), 0u);
}

TEST_F(a_queue, while_a_template_rests_the_others_go_on_even_to_the_same_user) {
  queue.add(message(1, 7), queue_start);
  auto other = message(2, 7);
  other.template_name = "custom:b";
  queue.add(other, queue_start);
  queue.pause_template("custom:a", queue_start + 10s);
  EXPECT_EQ(take_all(), std::vector<std::uint64_t>{2});
  queue.remove({2});
  EXPECT_EQ(take_all(queue_start + 10s), std::vector<std::uint64_t>{1});
  EXPECT_TRUE(queue.resting(queue_start + 10s).empty());
}

TEST_F(a_queue, says_what_rests_and_until_when) {
  queue.pause_app({"shop"}, queue_start + 1h);
  queue.pause_template("custom:a", queue_start + 1min);
  const auto words = queue.resting(queue_start);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_EQ(words[0], "app shop until 2026-11-25T01:00:00.000Z");
  EXPECT_EQ(words[1], "template custom:a until 2026-11-25T00:01:00.000Z");
  EXPECT_EQ(queue.resting(queue_start + 30min).size(), 1u);
}

TEST_F(a_queue, bulk_does_not_starve_while_high_goes_on_for_ever) {
  for (std::uint64_t i = 1; i <= 100; ++i)
    queue.add(message(i, i, "demo", message_priority::high), queue_start);
  queue.add(message(500, 500, "demo", message_priority::bulk), queue_start);
  const auto order = take_all();
  const auto at = std::ranges::find(order, 500u) - order.begin();
  EXPECT_LE(at, 20);
  EXPECT_GT(at, 5) << "but it is not as urgent as the others";
}

/// Whatever happens in whatever order: no user has two under way, no app more than its share, nothing is
/// lost.
TEST(push_queue, keeps_its_promises_in_ten_thousand_random_steps) {
  std::uint32_t seed = 20261125;
  const auto roll = [&seed](std::uint32_t below) {
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
  };
  constexpr std::size_t share = 5;
  push_queue queue(share);
  std::map<std::uint64_t, queue_entry> under_way;
  std::set<std::uint64_t> alive;
  std::vector<push_queue::item> expired;
  std::uint64_t last = 0;
  auto now = queue_start;
  for (int step = 0; step < 10'000; ++step) {
    now += std::chrono::milliseconds(roll(50));
    switch (roll(4)) {
    case 0: {
      auto entry =
          message(++last, 1 + roll(8), roll(2) != 0 ? "a" : "b", static_cast<message_priority>(roll(3)));
      entry.due_at = now + std::chrono::milliseconds(roll(300));
      if (roll(10) == 0)
        entry.not_after = now + std::chrono::milliseconds(roll(400));
      alive.insert(last);
      queue.add(entry, now);
      break;
    }
    case 1:
    case 2: {
      const auto id = queue.take(now, expired);
      for (const auto& item : std::exchange(expired, {})) {
        ASSERT_TRUE(item.entry.not_after && *item.entry.not_after < now);
        ASSERT_EQ(alive.erase(item.entry.id.value), 1u);
      }
      if (!id)
        break;
      const auto entry = queue.find(*id)->entry;
      ASSERT_LE(entry.due_at, now);
      std::size_t of_app = 0;
      for (const auto& [other, they] : under_way) {
        ASSERT_FALSE(they.to == entry.to && they.app == entry.app) << "two to one user";
        of_app += they.app == entry.app ? 1 : 0;
      }
      ASSERT_LT(of_app, share);
      under_way[id->value] = entry;
      break;
    }
    default: {
      if (under_way.empty())
        break;
      const auto at = std::next(under_way.begin(), roll(static_cast<std::uint32_t>(under_way.size())));
      if (roll(3) == 0) {
        queue.put_back({at->first}, now + std::chrono::milliseconds(roll(200)), now);
      } else {
        queue.remove({at->first});
        alive.erase(at->first);
      }
      under_way.erase(at);
    }
    }
    ASSERT_EQ(queue.size(), alive.size());
    ASSERT_EQ(queue.under_way(), under_way.size());
  }
  // And in the end everybody gets there.
  now += 1h;
  for (int rounds = 0; !alive.empty() && rounds < 10'000; ++rounds) {
    for (const auto& [id, entry] : std::exchange(under_way, {})) {
      queue.remove({id});
      alive.erase(id);
    }
    while (const auto id = queue.take(now, expired))
      under_way[id->value] = queue.find(*id)->entry;
    for (const auto& item : std::exchange(expired, {}))
      alive.erase(item.entry.id.value);
  }
  EXPECT_TRUE(alive.empty());
  EXPECT_EQ(queue.size(), 0u);
}

} // namespace
} // namespace weappd
