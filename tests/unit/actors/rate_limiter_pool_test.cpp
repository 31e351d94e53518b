#include "actors/factories.hpp"
#include "actors/pool.hpp"
#include "actors/rate_limiter.hpp"
#include "config/limit_set.hpp"
#include "messages/error.hpp"
#include "tests/kit/actors/world.hpp"

#include <caf/actor_cast.hpp>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

/// The pool of rate limiters changes its size while it is asked.
namespace weappd {
namespace {

using namespace std::chrono_literals;

TEST(place_among, moves_keys_only_to_workers_that_come_and_spreads_them) {
  std::mt19937_64 random(7);
  std::map<std::size_t, int> of_eight;
  for (int i = 0; i < 8'000; ++i) {
    const std::uint64_t key = random();
    for (std::size_t size = 1; size < 16; ++size) {
      const auto before = place_among(key, size);
      const auto after = place_among(key, size + 1);
      ASSERT_LT(before, size);
      ASSERT_TRUE(after == before || after == size) << key << " in " << size;
    }
    ++of_eight[place_among(key, 8)];
  }
  for (const auto& [place, count] : of_eight)
    EXPECT_NEAR(count, 1'000, 150) << place;
}

TEST(order_of_resize, who_keys_move_to_comes_last) {
  EXPECT_EQ(order_of_resize(2, 4), (std::vector<std::size_t>{0, 1, 2, 3}));
  EXPECT_EQ(order_of_resize(4, 2), (std::vector<std::size_t>{2, 3, 0, 1}));
}

constexpr std::uint32_t allowed_of_each = 20;

options endless_window(std::size_t limiters) {
  auto config = world_options();
  config.limits = {{"per_ip", {.limit = 1, .window_s = 86'400, .burst = allowed_of_each}}};
  config.pools.rate_limiter = static_cast<std::uint32_t>(limiters);
  return config;
}

struct limiter_pool {
  explicit limiter_pool(std::size_t size, std::uint64_t seed) : w(endless_window(size)), random(seed) {
    auto workers = pool_of<rate_limiter_actor>(
        "rate_limiter", limiters, [this](caf::actor_system& system, std::size_t place) {
          return caf::actor_cast<rate_limiter_actor>(system.spawn(rate_limiter, w.services(), place));
        });
    for (std::size_t place = size; place < workers.size(); ++place)
      workers[place].at_start = false;
    root = w.spawn(supervisor, w.services(), std::move(workers));
    w.run();
  }

  /// A client whose view of the pool may be old: it finds its limiter now, and asks when it likes.
  void find_a_limiter() {
    const rate_key key{.high = random() % 40, .low = 1};
    found.push_back({key, limiters.pick(std::hash<rate_key>{}(key))});
  }
  void ask_one() {
    if (found.empty())
      return;
    const auto at = found.begin() + static_cast<std::ptrdiff_t>(random() % found.size());
    acquire request{.key = at->first, .policies = {}};
    request.policies.add(1);
    asked.emplace_back(at->first.high, w.send<verdict>(at->second, request));
    found.erase(at);
  }
  void be_busy() {
    for (auto steps = random() % 60; steps > 0; --steps)
      switch (random() % 4) {
      case 0:
      case 1:
        find_a_limiter();
        break;
      case 2:
        ask_one();
        break;
      default:
        w.run();
        break;
      }
  }
  /// As the daemon does it, with clients at work between all steps.
  void resize(std::size_t next) {
    const auto before = limiters.size();
    ++changes;
    limiters.announce(next);
    ASSERT_TRUE(w.ask<done>(root, resize_pool{"rate_limiter", std::max(before, next)}));
    for (const auto place : order_of_resize(before, next)) {
      be_busy();
      const auto to = caf::actor_cast<rate_limiter_self>(limiters[place].get());
      ASSERT_TRUE(w.ask<done>(to, resize_limiters{.size = next, .change = changes}));
    }
    be_busy();
    limiters.settle();
    be_busy();
    ASSERT_TRUE(w.ask<done>(root, resize_pool{"rate_limiter", next}));
  }
  std::size_t living() {
    const auto all = w.ask<child_list>(root, list_children{});
    return static_cast<std::size_t>(std::ranges::count(all->children, false, &child_info::retired));
  }

  world w;
  std::mt19937_64 random;
  elastic_group<rate_limiter_actor>& limiters = w.directory().rate_limiters;
  supervisor_actor root;
  std::uint64_t changes = 0;
  std::vector<std::pair<rate_key, rate_limiter_actor>> found;
  std::vector<std::pair<std::uint64_t, pending<verdict>>> asked;
};

TEST(rate_limiter_pool, no_limit_is_exceeded_and_no_question_lost_while_it_is_resized) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    limiter_pool pool(1 + seed % 4, seed);
    std::size_t last = 0;
    for (int round = 0; round < 6; ++round) {
      pool.be_busy();
      last = 1 + pool.random() % 9;
      ASSERT_NO_FATAL_FAILURE(pool.resize(last));
    }
    while (!pool.found.empty())
      pool.ask_one();
    pool.w.run();
    std::map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> of; // asked, allowed
    for (auto& [key, answer] : pool.asked) {
      const auto said = answer.take();
      ASSERT_TRUE(said) << "seed " << seed << ": a question without an answer";
      ++of[key].first;
      of[key].second += said->allowed ? 1U : 0U;
    }
    for (const auto& [key, counts] : of)
      ASSERT_EQ(counts.second, std::min(counts.first, allowed_of_each)) << "seed " << seed << " key " << key;
    pool.w.advance(retire_after);
    ASSERT_EQ(pool.living(), last) << "seed " << seed;
  }
}

TEST(rate_limiter_pool, a_limiter_that_was_wanted_again_meanwhile_has_all_its_time_to_end) {
  limiter_pool pool(5, 1);
  const auto last = pool.limiters[4].get();
  ASSERT_NO_FATAL_FAILURE(pool.resize(2));
  pool.w.advance(retire_after - 100ms);
  ASSERT_NO_FATAL_FAILURE(pool.resize(5));
  ASSERT_NO_FATAL_FAILURE(pool.resize(2));
  pool.w.advance(200ms);
  EXPECT_TRUE(pool.w.ask<status_report>(last, get_status{})) << "somebody may just have found it";
  pool.w.advance(retire_after);
  EXPECT_FALSE(pool.w.ask<status_report>(last, get_status{}));
}

TEST(rate_limiter_pool, a_limiter_that_starts_again_takes_its_part) {
  limiter_pool pool(2, 1);
  ASSERT_NO_FATAL_FAILURE(pool.resize(5));
  pool.w.kill(pool.limiters[4].get());
  pool.w.advance(1s);
  EXPECT_EQ(pool.living(), 5u);
  pool.found.clear();
  pool.asked.clear();
  for (int i = 0; i < 200; ++i)
    pool.find_a_limiter();
  while (!pool.found.empty())
    pool.ask_one();
  pool.w.run();
  for (auto& [key, answer] : pool.asked)
    EXPECT_TRUE(answer.take());
}

} // namespace
} // namespace weappd
