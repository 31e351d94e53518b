#include "actors/template_pusher.hpp"
#include "messages/error.hpp"
#include "messages/place_among.hpp"
#include "tests/kit/actors/whole_world.hpp"

#include <caf/actor_cast.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// The pool of template pushers changes its size while messages are on their way.
namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr auto pooled_template = "industry:order_confirm"; // an official account's: a repetition is harmless

options with_pushers(std::size_t size) {
  auto config = world_options();
  config.pools.template_pusher = static_cast<std::uint32_t>(size);
  config.push.max_in_flight = 16;
  return config;
}

/// Twenty users, each of whom gets the next message when the one before was accepted; whoever sends may have
/// looked for the pusher a while ago. A resize is what the daemon makes of it, with all this between its
/// steps.
struct pusher_pool_world {
  pusher_pool_world(std::size_t size, std::uint64_t seed) : w(with_pushers(size), seed), random(seed) {
    w.start();
    root = caf::actor_cast<supervisor_actor>(w.supervisor);
    for (std::uint64_t user = 1; user <= users; ++user) {
      w.store->add_user({user}, w.now());
      w.store->identities[{app_key{"demo_oa"}, openid("oa-" + std::to_string(user))}] = {user};
    }
    w.wechat->delay = 7ms;
    w.store->delay = 3ms;
  }

  void find_a_pusher() {
    const user_id to{1 + random() % users};
    found[to] = pool.pick(std::hash<user_id>{}(to));
  }
  /// Nothing runs yet.
  void post_one() {
    if (found.empty())
      return;
    const auto at = std::next(found.begin(), static_cast<std::ptrdiff_t>(random() % found.size()));
    const auto [to, pusher] = *at;
    if (answers.contains(to))
      return;
    found.erase(at);
    message_draft draft;
    draft.id = {++last_id};
    draft.to = to;
    draft.app = {"demo_oa"};
    draft.template_name = pooled_template;
    draft.data = {{"thing2", std::to_string(last_id)}};
    draft.created_at = draft.send_at = w.now();
    answers.emplace(to, w.send<message_accepted>(pusher, accept_message{.draft = std::move(draft)}));
  }
  void take_answers() {
    for (auto at = answers.begin(); at != answers.end();) {
      if (!at->second.arrived()) {
        ++at;
        continue;
      }
      const auto answer = at->second.take();
      if (answer)
        ++accepted;
      else
        failures.push_back(code_of(answer.error()));
      at = answers.erase(at);
    }
  }
  void be_busy() {
    for (auto steps = random() % 40; steps > 0; --steps) {
      switch (random() % 5) {
      case 0:
      case 1:
        find_a_pusher();
        break;
      case 2:
      case 3:
        post_one();
        break;
      default:
        w.advance(std::chrono::milliseconds(random() % 5));
        break;
      }
      if (killing && random() % 40 == 0)
        w.kill(pool[random() % std::max(pool.size(), pool.next_size())].get());
      take_answers();
    }
  }
  template <class Message>
  pending<done> ask_pusher(std::size_t place, Message wish) {
    const auto handle = pool[place].get();
    return w.send<done>(caf::actor_cast<template_pusher_self>(handle), wish);
  }
  void bring_to_rest(std::size_t count) {
    std::map<std::size_t, pending<done>> asked;
    std::set<std::size_t> restless;
    for (std::size_t place = 0; place < count; ++place)
      restless.insert(place);
    for (int tries = 0; !restless.empty(); ++tries) {
      ASSERT_LT(tries, 10'000) << "they do not come to rest";
      for (const auto place : restless)
        if (!asked.contains(place))
          asked.emplace(place, ask_pusher(place, rest_pusher{}));
      be_busy();
      w.advance(10ms);
      for (auto at = asked.begin(); at != asked.end();) {
        if (!at->second.arrived()) {
          ++at;
          continue;
        }
        if (at->second.take())
          restless.erase(at->first);
        at = asked.erase(at);
      }
    }
  }
  void resize(std::size_t next) {
    const auto before = pool.size();
    if (next == before)
      return;
    const auto either = std::max(before, next);
    pool.announce(next);
    ASSERT_TRUE(w.ask<done>(root, resize_pool{"template_pusher", either}));
    ASSERT_NO_FATAL_FAILURE(bring_to_rest(either));
    be_busy();
    pool.settle();
    std::vector<std::size_t> order(either);
    for (std::size_t place = 0; place < either; ++place)
      order[place] = place;
    std::ranges::shuffle(order, random);
    for (const auto place : order) {
      be_busy();
      if (random() % 4 != 0) // the others notice by themselves
        (void)ask_pusher(place, resume_pusher{});
    }
    be_busy();
    ASSERT_TRUE(w.ask<done>(root, resize_pool{"template_pusher", next}));
  }
  void come_to_an_end() {
    killing = false;
    w.advance(5s);
    take_answers();
    w.advance(10min); // a message that was under way at a death is repeated by now
  }
  /// By user, the messages as the phones show them: a repetition with the same id is not shown.
  std::map<openid, std::vector<std::uint64_t>> shown() const {
    std::map<openid, std::vector<std::uint64_t>> of;
    std::set<std::string> ids;
    for (const auto& call : w.wechat->sends)
      if (ids.insert(call.client_msg_id).second)
        of[call.to].push_back(std::stoull(call.data.at(0).second));
    return of;
  }

  static constexpr std::uint64_t users = 20;
  whole_world w;
  std::mt19937_64 random;
  elastic_group<template_pusher_actor>& pool = w.directory().pushers;
  supervisor_actor root;
  bool killing = false;
  std::map<user_id, template_pusher_actor> found;
  std::map<user_id, pending<message_accepted>> answers;
  std::uint64_t last_id = 1'000;
  std::size_t accepted = 0;
  std::vector<ec> failures;
};

TEST(pusher_pool, every_message_is_sent_once_and_in_order_while_it_goes_1_8_2) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    pusher_pool_world all(1, seed);
    for (const auto next : std::vector<std::size_t>{8, 2, 1 + seed % 7, 5, 2}) {
      all.be_busy();
      ASSERT_NO_FATAL_FAILURE(all.resize(next)) << "seed " << seed;
    }
    all.come_to_an_end();
    ASSERT_TRUE(all.failures.empty()) << "seed " << seed << ": nobody is refused";
    ASSERT_GT(all.accepted, 50U) << "seed " << seed;
    ASSERT_EQ(all.w.store->count_messages(message_state::sent), all.accepted) << "seed " << seed;
    ASSERT_EQ(all.w.wechat->sends.size(), all.accepted) << "seed " << seed << ": each was sent once";
    for (const auto& [who, messages] : all.shown())
      ASSERT_TRUE(std::ranges::is_sorted(messages)) << "seed " << seed << ": " << who.reveal();
    for (const auto& [who, most] : all.w.wechat->most_sends_at_once)
      ASSERT_EQ(most, 1) << "seed " << seed;
    ASSERT_EQ(all.w.figures().queued(), 0U) << "seed " << seed;
  }
}

TEST(pusher_pool, nothing_is_lost_when_pushers_die_while_it_is_resized) {
  for (std::uint64_t seed = 1; seed <= 25; ++seed) {
    pusher_pool_world all(3, seed);
    all.killing = true;
    for (const auto next : std::vector<std::size_t>{8, 2, 5}) {
      all.be_busy();
      ASSERT_NO_FATAL_FAILURE(all.resize(next)) << "seed " << seed;
    }
    all.come_to_an_end();
    for (const auto why : all.failures)
      ASSERT_EQ(why, ec::overloaded) << "seed " << seed << ": as at each death";
    ASSERT_EQ(all.w.store->count_messages(message_state::queued), 0U) << "seed " << seed;
    ASSERT_EQ(all.w.store->count_messages(message_state::sending), 0U) << "seed " << seed;
    ASSERT_GE(all.w.store->count_messages(message_state::sent), all.accepted) << "seed " << seed;
    std::size_t shown = 0;
    for (const auto& [who, messages] : all.shown())
      shown += messages.size();
    ASSERT_EQ(shown, all.w.store->count_messages(message_state::sent)) << "seed " << seed;
  }
}

// -- one step at a time

struct a_pusher_pool : ::testing::Test {
  message_draft draft_for(user_id to) {
    message_draft draft;
    draft.id = {++all.last_id};
    draft.to = to;
    draft.app = {"demo_oa"};
    draft.template_name = pooled_template;
    draft.data = {{"thing2", std::to_string(all.last_id)}};
    draft.created_at = draft.send_at = all.w.now();
    return draft;
  }
  void accept(const template_pusher_actor& pusher, user_id to) {
    auto answer = all.w.send<message_accepted>(pusher, accept_message{.draft = draft_for(to)});
    all.w.advance(10ms);
    EXPECT_TRUE(answer.take());
  }
  /// Somebody who moves from the first of one to the second of two.
  user_id who_moves() const {
    for (std::uint64_t user = 1;; ++user)
      if (pusher_place({user}, 2) == 1)
        return {user};
  }
  std::size_t sends() const { return all.w.wechat->sends.size(); }
  message_state state(std::uint64_t id) const { return all.w.store->message({id}).state; }

  pusher_pool_world all{1, 1};
  std::uint64_t first = all.last_id + 1;
};

TEST_F(a_pusher_pool, rests_when_what_is_under_way_has_ended_and_accepts_all_the_while) {
  all.w.wechat->delay = 100ms;
  accept(all.pool[0].get(), {1});
  ASSERT_EQ(state(first), message_state::sending);
  all.pool.announce(2);
  ASSERT_TRUE(all.w.ask<done>(all.root, resize_pool{"template_pusher", 2}));
  auto rested = all.ask_pusher(0, rest_pusher{});
  accept(all.pool[0].get(), {1});
  accept(all.pool[0].get(), {2});
  EXPECT_FALSE(rested.arrived()) << "one is under way";
  EXPECT_EQ(sends(), 1U);
  all.w.advance(100ms);
  ASSERT_TRUE(rested.arrived());
  EXPECT_TRUE(rested.take());
  EXPECT_EQ(state(first), message_state::sent) << "and the store knows";
  all.w.advance(1min);
  EXPECT_EQ(sends(), 1U) << "nothing is begun";
  EXPECT_NE(all.w.ask<status_report>(all.pool[0].get(), get_status{})->detail.find("rests"),
            std::string::npos);
  all.pool.settle();
  all.w.advance(push_rest_check + 1s);
  EXPECT_EQ(sends(), 3U) << "nobody had to tell them";
}

TEST_F(a_pusher_pool, goes_on_as_before_when_the_change_is_given_up) {
  const user_id who_stays{8};
  ASSERT_EQ(pusher_place(who_stays, 2), 0U);
  all.w.wechat->delay = 10s; // it does not come to rest for long
  accept(all.pool[0].get(), who_stays);
  all.pool.announce(2);
  ASSERT_TRUE(all.w.ask<done>(all.root, resize_pool{"template_pusher", 2}));
  auto rested = all.ask_pusher(0, rest_pusher{});
  accept(all.pool[0].get(), who_moves());
  accept(all.pool[0].get(), who_stays);
  EXPECT_EQ(sends(), 1U);
  all.pool.announce(1);
  (void)all.ask_pusher(0, resume_pusher{});
  all.w.advance(100ms);
  ASSERT_TRUE(rested.arrived());
  EXPECT_EQ(code_of(rested.take().error()), ec::overloaded);
  EXPECT_EQ(sends(), 2U) << "the others, but not the one behind it";
  all.w.advance(30s);
  EXPECT_EQ(sends(), 3U);
}

TEST_F(a_pusher_pool, hands_on_what_it_accepts_for_somebody_who_has_moved) {
  const auto found_before = all.pool[0].get();
  const auto to = who_moves();
  ASSERT_NO_FATAL_FAILURE(all.resize(2));
  all.w.advance(push_second_look + 1s); // no look will find it
  const auto loads = all.w.store->count("load_unfinished");
  accept(found_before, to);
  all.w.advance(100ms);
  EXPECT_EQ(state(all.last_id), message_state::sent);
  EXPECT_EQ(all.w.store->count("load_unfinished"), loads);
}

TEST_F(a_pusher_pool, keeps_the_order_when_a_message_comes_before_the_load_has_come_so_far) {
  const user_id to{1};
  all.w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> {
    send_result out;
    out.what = send_result::outcome::unreached;
    return out;
  };
  accept(all.pool[0].get(), to);
  accept(all.pool[0].get(), to);
  const auto old_ones = all.last_id;
  all.w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> {
    return send_accepted("1");
  };
  all.w.advance(5min);
  ASSERT_EQ(state(old_ones), message_state::sent);

  // Older ones in the store, due now; the next pusher hears of a newer one first.
  auto later = draft_for(to);
  later.send_at = all.w.now() + 1min;
  auto answer = all.w.send<message_accepted>(all.pool[0].get(), accept_message{.draft = later});
  all.w.advance(10ms);
  ASSERT_TRUE(answer.take());
  all.w.wechat->sends.clear();
  all.w.store->delay = 200ms; // the load takes its time
  all.w.kill(all.pool[0].get());
  all.w.wall().jump(2min); // and the older one is due
  all.w.advance(1ms);
  auto newer = all.w.send<message_accepted>(all.pool[0].get(), accept_message{.draft = draft_for(to)});
  all.w.advance(5s);
  ASSERT_TRUE(newer.take());
  ASSERT_EQ(sends(), 2U);
  EXPECT_EQ(all.w.wechat->sends[0].data.at(0).second, std::to_string(later.id.value));
}

TEST_F(a_pusher_pool, finds_what_a_dead_one_had_accepted_for_it) {
  const auto found_before = all.pool[0].get();
  const auto to = who_moves();
  ASSERT_NO_FATAL_FAILURE(all.resize(2));
  all.w.advance(1s);
  all.w.store->delay = 1s;
  auto answer = all.w.send<message_accepted>(found_before, accept_message{.draft = draft_for(to)});
  all.w.advance(500ms);
  all.w.kill(found_before); // written, and not handed on
  all.w.store->delay = 3ms;
  all.w.advance(1s);
  EXPECT_FALSE(answer.take());
  EXPECT_EQ(state(all.last_id), message_state::queued);
  all.w.advance(push_second_look + 1s);
  EXPECT_EQ(state(all.last_id), message_state::sent);
}

TEST_F(a_pusher_pool, a_look_into_the_store_takes_no_message_for_new_that_has_ended_meanwhile) {
  const auto sent_once = [&] {
    std::map<std::string, int> calls;
    for (const auto& call : all.w.wechat->sends)
      ++calls[call.client_msg_id];
    return std::ranges::all_of(calls, [](const auto& one) { return one.second == 1; });
  };
  all.w.store->unfinished_delay = 200ms; // longer than a message takes from its acceptance to its end
  for (int i = 0; i < 4'000; ++i) {      // forty seconds, with a look in them
    all.find_a_pusher();
    all.post_one();
    all.w.advance(10ms);
    all.take_answers();
  }
  all.w.advance(10s);
  EXPECT_EQ(all.w.store->count("load_unfinished"), 2) << "at the start, and once more: nothing was in doubt";
  EXPECT_TRUE(sent_once());
  EXPECT_EQ(all.w.figures().ends().size(), all.accepted) << "and each has ended once";
}

// -- what one is told, all know

struct pushers_of_a_pool : ::testing::Test {
  static constexpr std::size_t pushers = 4;

  pushers_of_a_pool() : w(with_pushers(pushers)) { w.start(); }
  /// A user of each pusher's has a message to come.
  void post_to_each() {
    for (std::uint64_t user = 1; posted_to.size() < pushers; ++user)
      if (posted_to.insert(pusher_place({user}, pushers)).second)
        post({user});
    posted_to.clear();
    w.run();
  }
  void post(user_id to) {
    w.store->add_user(to, w.now());
    w.store->identities[{app_key{"demo_oa"}, openid("oa-" + std::to_string(to.value))}] = to;
    message_draft draft;
    draft.id = {++last_id};
    draft.to = to;
    draft.app = {"demo_oa"};
    draft.template_name = pooled_template;
    draft.data = {{"thing2", "text"}};
    draft.created_at = draft.send_at = w.now();
    answers.push_back(
        w.send<message_accepted>(w.directory().pusher_of(to), accept_message{.draft = std::move(draft)}));
    w.run();
  }
  void refuse(std::int64_t errcode, handling how, send_scope scope, std::chrono::milliseconds wait = 0ms) {
    w.wechat->on_send = [=](const send_to_user&) -> caf::expected<send_result> {
      auto out = send_refused(errcode, how, fail_reason::no_permission, scope);
      out.wait = wait;
      return out;
    };
  }

  whole_world w;
  std::set<std::size_t> posted_to;
  std::vector<pending<message_accepted>> answers;
  std::uint64_t last_id = 1'000;
};

TEST_F(pushers_of_a_pool, leave_an_app_alone_of_which_one_of_them_was_told) {
  refuse(45011, handling::retry_backoff, send_scope::api, 60s);
  post_to_each();
  EXPECT_EQ(w.wechat->sends.size(), 1u);
  w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> { return send_accepted("1"); };
  w.advance(3min);
  EXPECT_EQ(w.store->count_messages(message_state::sent), pushers);
}

TEST_F(pushers_of_a_pool, leave_a_template_alone_of_which_one_of_them_was_told) {
  refuse(40037, handling::stop_config_alert, send_scope::template_);
  post_to_each();
  EXPECT_EQ(w.wechat->sends.size(), 1u);
  EXPECT_EQ(w.store->count_messages(message_state::queued), pushers - 1);
}

TEST_F(pushers_of_a_pool, find_out_for_themselves_that_nothing_gets_through) {
  w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> {
    return send_result{.what = send_result::outcome::unreached};
  };
  post_to_each();
  EXPECT_EQ(w.wechat->sends.size(), pushers);
}

} // namespace
} // namespace weappd
