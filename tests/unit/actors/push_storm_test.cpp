#include "actors/template_pusher.hpp"

#include "tests/kit/actors/whole_world.hpp"
#include "tests/kit/rounds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

/// Many messages at once, and messages over many days: whole servers in virtual time.
namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr auto ticket_template = "custom:ticket_ready";

options one_app(std::uint32_t calls) {
  auto config = world_options();
  config.apps.erase("demo_oa");
  config.templates.erase("industry:order_confirm");
  config.push.max_in_flight = calls;
  return config;
}

/// WeChat's stable token: the same one until five minutes of its life are left; a call with another one is
/// refused.
struct platform_token {
  std::string text = "token-0";
  timestamp ends{};
  int made = 0;
  int fetches = 0;
  int refusals = 0;

  access_token_fetched fetch(timestamp now) {
    ++fetches;
    if (ends - now < 5min) {
      text = "token-" + std::to_string(++made);
      ends = now + 2h;
    }
    return {secret(text), std::chrono::floor<std::chrono::seconds>(ends - now)};
  }
  void drop() { ends = {}; }
  bool takes(const secret& token, timestamp now) const { return token.reveal() == text && now < ends; }
};

struct storm {
  explicit storm(options config) : w(std::move(config)) {
    w.wechat->on_fetch = [this](const fetch_access_token&) -> caf::expected<access_token_fetched> {
      return token.fetch(w.now());
    };
    w.wechat->on_send = [this](const send_to_user& call) -> caf::expected<send_result> {
      if (token.takes(call.access_token, w.now()))
        return send_accepted("1");
      ++token.refusals;
      return send_refused(40001, handling::refresh_token_and_retry, fail_reason::no_permission,
                          send_scope::api);
    };
    w.start();
  }

  user_id add_user(std::uint64_t number) {
    const user_id id{number};
    w.store->add_user(id, w.now());
    w.store->identities[{app_key{"demo"}, openid("o-" + std::to_string(number))}] = id;
    return id;
  }
  /// Nothing runs yet.
  void post(user_id to) {
    message_draft draft;
    draft.id = {++last_id};
    draft.to = to;
    draft.app = {"demo"};
    draft.template_name = ticket_template;
    draft.data = {{"thing1", "text"}};
    draft.created_at = draft.send_at = w.now();
    answers.push_back(w.send<message_accepted>(
        w.directory().pusher_of(to), accept_message{.draft = std::move(draft), .guard = {}, .answers = {}}));
  }
  [[nodiscard]] std::size_t count(message_state state) const { return w.store->count_messages(state); }

  platform_token token;
  whole_world w;
  std::vector<pending<message_accepted>> answers;
  std::uint64_t last_id = 0;
};

TEST(a_token_storm, of_ten_thousand_messages_costs_one_refresh_and_no_message) {
  constexpr std::uint64_t messages = 10'000;
  storm all(one_app(messages));
  all.w.wechat->delay = 50ms;
  all.w.advance(1s); // the first token is there
  all.token.drop();
  const auto before = all.token.fetches;
  for (std::uint64_t i = 1; i <= messages; ++i)
    all.post(all.add_user(i));
  all.w.advance(10s);
  EXPECT_EQ(all.count(message_state::sent), messages);
  EXPECT_EQ(all.token.fetches - before, 1);
  EXPECT_GT(all.token.refusals, 1'000) << "they were really under way together";
  EXPECT_EQ(all.w.wechat->most_fetches_at_once, 1);
}

using rush = accept_rush;

options one_pusher(std::uint32_t calls) {
  auto config = one_app(calls);
  config.pools.template_pusher = 1;
  return config;
}

std::size_t under_way(const scripted_wechat& wechat) {
  return static_cast<std::size_t>(
      std::ranges::count_if(wechat.sends_under_way, [](const auto& of_user) { return of_user.second > 0; }));
}

TEST(a_rush, is_accepted_before_it_is_sent) {
  storm all(one_pusher(80));
  all.w.advance(1s);
  all.w.wechat->delay = 1s;
  for (std::uint64_t i = 1; i <= 100; ++i)
    all.post(all.add_user(i));
  all.w.run();
  EXPECT_EQ(all.w.store->messages.size(), 100u);
  EXPECT_EQ(under_way(*all.w.wechat), 10u);
  all.w.advance(50ms); // nobody waits for a 202; that no call has come back does not matter
  EXPECT_EQ(under_way(*all.w.wechat), 80u);
  all.w.advance(3s);
  EXPECT_EQ(all.count(message_state::sent), 100u);
}

TEST(a_rush, that_goes_on_is_the_load_of_the_day) {
  storm all(one_pusher(80));
  all.w.advance(1s);
  all.w.wechat->delay = 1s;
  const auto post_for = [&](std::chrono::milliseconds time) {
    for (const auto end = all.w.now() + time; all.w.now() < end; all.w.advance(5ms))
      for (std::size_t i = 0; i < rush::many; ++i)
        all.post(all.add_user(all.last_id + 1));
  };
  post_for(9s);
  EXPECT_EQ(under_way(*all.w.wechat), 10u);
  post_for(3s);
  EXPECT_EQ(under_way(*all.w.wechat), 80u);
  all.w.advance(rush::apart + 1s);
  post_for(2s);
  EXPECT_EQ(under_way(*all.w.wechat), 80u) << "much of the first one still waits";
  all.w.wechat->delay = 1ms;
  all.w.advance(1min);
  all.w.wechat->delay = 1s;
  post_for(2s); // the next one
  EXPECT_EQ(under_way(*all.w.wechat), 10u);
  all.w.wechat->delay = 1ms;
  all.w.advance(1min);
}

TEST(a_rush, on_a_slow_disk_lasts_until_it_is_written) {
  storm all(one_pusher(80));
  all.w.advance(1s);
  all.w.wechat->delay = 1s;
  all.w.store->delay = 20ms;
  for (int i = 0; i < 3; ++i, all.w.advance(20ms)) // clients who send again when they are answered
    for (int j = 0; j < 40; ++j)
      all.post(all.add_user(all.last_id + 1));
  all.w.advance(1ms);
  EXPECT_EQ(under_way(*all.w.wechat), 10u);
  all.w.advance(5s);
  EXPECT_EQ(all.count(message_state::sent), 120u);
}

TEST(a_rush, is_not_a_message_now_and_then) {
  storm all(one_pusher(80));
  all.w.advance(1s);
  all.w.wechat->delay = 1s;
  for (std::uint64_t i = 1; i <= 60; ++i) {
    all.post(all.add_user(i));
    all.w.run();
  }
  EXPECT_EQ(under_way(*all.w.wechat), 60u);
  all.w.advance(2s);
}

TEST(thirty_days, of_random_refusals_cost_one_refresh_each_and_no_message) {
  constexpr auto days = rounds(30, 6) * 24h;
  storm all(one_app(64));
  for (std::uint64_t i = 1; i <= 20; ++i)
    all.add_user(i);
  std::mt19937 random(20261125);
  int drops = 0;
  const auto begin = all.w.now();
  while (all.w.now() - begin < days) {
    all.w.wechat->delay = std::chrono::milliseconds(random() % 2'000);
    if (random() % 12 == 0) {
      all.token.drop();
      ++drops;
    }
    for (auto burst = random() % 4; burst > 0; --burst)
      all.post({1 + random() % 20});
    all.w.advance(std::chrono::seconds(random() % 1'200));
    all.answers.clear();
  }
  all.w.advance(10min);
  EXPECT_EQ(all.count(message_state::sent), all.last_id);
  EXPECT_EQ(all.w.wechat->most_fetches_at_once, 1);
  // By itself a token is asked for when ten minutes of two hours are left, and again when WeChat gives
  // another.
  const auto by_schedule = 2 * (days / 110min + 1);
  EXPECT_LE(all.token.fetches, by_schedule + drops);
  EXPECT_GT(drops, rounds(300, 60));
  EXPECT_GT(all.last_id, rounds(5'000, 1'000));
  std::cout << days / 24h << " days: " << all.last_id << " messages, " << drops << " tokens dropped, "
            << all.token.refusals << " sends refused, " << all.token.fetches << " fetches\n";
}

/// How old the messages to `others` users were when they were sent, all asked for at once; the 99th of a
/// hundred.
std::chrono::milliseconds p99_of_others(std::uint64_t others, std::uint64_t to_one) {
  storm all(one_app(64));
  all.w.wechat->delay = 50ms;
  all.w.advance(1s);
  const auto hot = all.add_user(1'000'000);
  for (std::uint64_t i = 0; i < std::max(others, to_one); ++i) {
    if (i < to_one)
      all.post(hot);
    if (i < others)
      all.post(all.add_user(1 + i));
  }
  all.w.advance(2min);
  EXPECT_EQ(all.count(message_state::sent), others + to_one);
  for (const auto& [who, most] : all.w.wechat->most_sends_at_once)
    EXPECT_EQ(most, 1);
  std::vector<std::chrono::milliseconds> ages;
  for (const auto& [id, row] : all.w.store->messages)
    if (row.record.draft.to != hot)
      ages.push_back(*row.record.sent_at - row.record.draft.created_at);
  std::ranges::sort(ages);
  return ages[ages.size() * 99 / 100];
}

TEST(a_thousand_messages_to_one_user, do_not_hold_up_a_thousand_others) {
  const auto alone = p99_of_others(1'000, 0);
  const auto together = p99_of_others(1'000, 1'000);
  EXPECT_GT(alone, 500ms) << "the calls are few enough that it matters";
  EXPECT_LE(together, alone * 12 / 10);
  std::cout << "p99 of the others: alone " << alone.count() << " ms, beside a thousand to one user "
            << together.count() << " ms\n";
}

} // namespace
} // namespace weappd
