#include "tests/kit/actors/fault_injector.hpp"

#include "messages/actors.hpp"
#include "tests/kit/actors/error_of.hpp"
#include "tests/kit/actors/whole_world.hpp"
#include "tests/kit/actors/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

/// What the actor behind was sent, in the order in which it came: "fetch", "get", "rejected 7".
using diary = std::shared_ptr<std::vector<std::string>>;

token_refresher_actor::behavior_type noting_refresher(token_refresher_actor::pointer, diary seen) {
  return {
      [=](get_status) {
        seen->push_back("status");
        return status_report{.state = health::ok, .detail = "noting"};
      },
      [=](get_access_token) {
        seen->push_back("get");
        return token_lease{.token = secret("t"), .epoch = seen->size(), .expires_at = {}};
      },
      [=](access_token_rejected rejected) { seen->push_back("rejected " + std::to_string(rejected.epoch)); }};
}

struct a_fault : testing::Test {
  caf::expected<token_lease> get() { return w.ask<token_lease>(front, get_access_token{}); }
  void reject(std::uint64_t epoch) { w.tell(front, access_token_rejected{epoch}); }
  using diary_page = std::vector<std::string>;

  world w;
  diary seen = std::make_shared<diary_page>();
  fault_plan_ptr<token_refresher_actor> plan = std::make_shared<fault_plan<token_refresher_actor>>(1);
  token_refresher_actor behind = w.spawn(noting_refresher, seen);
  token_refresher_actor front = w.spawn(fault_injector<token_refresher_actor>, behind, plan);
};

TEST_F(a_fault, that_is_not_planned_does_not_happen) {
  EXPECT_TRUE(get());
  EXPECT_TRUE(w.ask<status_report>(front, get_status{}));
  reject(3);
  w.run();
  EXPECT_EQ(*seen, (diary_page{"get", "status", "rejected 3"}));
}

TEST_F(a_fault, may_lose_a_question_with_an_error_or_in_silence) {
  plan->on<get_access_token>({.lost = ec::wechat_timeout});
  plan->next<get_access_token>(fault::lose_question);
  EXPECT_EQ(error_of(get()), ec::wechat_timeout);
  plan->on<get_access_token>({.lost = std::nullopt});
  plan->next<get_access_token>(fault::lose_question);
  auto unheard = w.send<token_lease>(front, get_access_token{});
  w.advance(24h);
  EXPECT_FALSE(unheard.arrived());
  EXPECT_TRUE(seen->empty());
  EXPECT_TRUE(get()) << "the next one passes";
}

TEST_F(a_fault, may_lose_an_answer_after_the_work_was_done) {
  plan->next<get_access_token>(fault::lose_answer);
  EXPECT_EQ(error_of(get()), ec::overloaded);
  plan->on<get_access_token>({.lost = std::nullopt});
  plan->next<get_access_token>(fault::lose_answer);
  auto unheard = w.send<token_lease>(front, get_access_token{});
  w.advance(24h);
  EXPECT_FALSE(unheard.arrived());
  EXPECT_EQ(*seen, (diary_page{"get", "get"}));
}

TEST_F(a_fault, may_be_an_error_instead_of_the_work) {
  plan->on<get_access_token>({.failure = ec::wechat_misconfigured});
  plan->next<get_access_token>(fault::fail);
  EXPECT_EQ(error_of(get()), ec::wechat_misconfigured);
  EXPECT_TRUE(seen->empty());
}

TEST_F(a_fault, may_delay_a_question_in_virtual_time) {
  plan->on<get_access_token>({.shortest = 2s, .longest = 2s});
  plan->next<get_access_token>(fault::delay_question);
  auto late = w.send<token_lease>(front, get_access_token{});
  w.advance(1999ms);
  EXPECT_TRUE(seen->empty());
  w.advance(1ms);
  EXPECT_EQ(*seen, diary_page{"get"});
  EXPECT_TRUE(late.take());
}

TEST_F(a_fault, may_delay_an_answer_alone) {
  plan->on<get_access_token>({.shortest = 2s, .longest = 2s});
  plan->next<get_access_token>(fault::delay_answer);
  auto late = w.send<token_lease>(front, get_access_token{});
  w.advance(1999ms);
  EXPECT_EQ(*seen, diary_page{"get"});
  EXPECT_FALSE(late.arrived());
  w.advance(1ms);
  EXPECT_EQ(late.take()->epoch, 1U);
}

TEST_F(a_fault, that_delays_an_answer_holds_up_later_ones_if_their_order_is_kept) {
  plan->on<get_access_token>({.shortest = 2s, .longest = 2s});
  const auto ask_twice = [this] {
    plan->next<get_access_token>(fault::delay_answer);
    auto late = w.send<token_lease>(front, get_access_token{});
    auto next = w.send<status_report>(front, get_status{});
    return std::pair(std::move(late), std::move(next));
  };
  auto [late, next] = ask_twice();
  w.advance(1s);
  EXPECT_TRUE(next.arrived());
  EXPECT_FALSE(late.arrived());
  w.advance(1s);
  plan->keep_order();
  auto [late_again, next_again] = ask_twice();
  w.advance(1999ms);
  EXPECT_FALSE(next_again.arrived());
  w.advance(1ms);
  EXPECT_TRUE(late_again.arrived());
  EXPECT_TRUE(next_again.arrived());
  EXPECT_EQ(*seen, (diary_page{"get", "status", "get", "status"})) << "no question waited";
  EXPECT_TRUE(w.ask<status_report>(front, get_status{})) << "nothing is late any more";
}

TEST_F(a_fault, that_delays_a_question_holds_up_everything_behind_it_if_order_is_kept) {
  plan->on<get_access_token>({.shortest = 2s, .longest = 2s});
  plan->keep_order();
  plan->next<get_access_token>(fault::delay_question);
  auto late = w.send<token_lease>(front, get_access_token{});
  auto next = w.send<status_report>(front, get_status{});
  reject(7);
  w.advance(1s);
  reject(8);
  w.advance(999ms);
  EXPECT_TRUE(seen->empty());
  w.advance(1ms);
  EXPECT_EQ(*seen, (diary_page{"get", "status", "rejected 7", "rejected 8"}));
  EXPECT_TRUE(late.take());
  EXPECT_TRUE(next.take());
  EXPECT_TRUE(w.ask<status_report>(front, get_status{})) << "nothing is late any more";
}

TEST_F(a_fault, may_let_the_next_message_overtake) {
  plan->next<access_token_rejected>(fault::reorder);
  reject(1);
  reject(2);
  reject(3);
  w.run();
  EXPECT_EQ(*seen, (diary_page{"rejected 2", "rejected 1", "rejected 3"}));
}

TEST_F(a_fault, that_reorders_waits_only_so_long_for_a_next_message) {
  plan->on<get_access_token>({.longest = 5s});
  plan->next<get_access_token>(fault::reorder);
  auto alone = w.send<token_lease>(front, get_access_token{});
  w.advance(4999ms);
  EXPECT_FALSE(alone.arrived());
  w.advance(1ms);
  EXPECT_TRUE(alone.take());
}

TEST_F(a_fault, may_kill_before_the_message_was_seen) {
  plan->next<get_access_token>(fault::kill_before);
  EXPECT_EQ(error_of(get()), ec::overloaded);
  EXPECT_TRUE(seen->empty());
  EXPECT_EQ(error_of(get()), ec::overloaded) << "both are gone";
}

TEST_F(a_fault, may_kill_when_the_message_was_taken) {
  plan->next<get_access_token>(fault::kill_after);
  EXPECT_TRUE(get()) << "it answers at once, so the answer is out";
  EXPECT_EQ(*seen, diary_page{"get"});
  EXPECT_EQ(error_of(get()), ec::overloaded);
}

TEST_F(a_fault, that_holds_a_question_back_answers_it_when_the_actor_dies) {
  plan->on<get_access_token>({.shortest = 2s, .longest = 2s});
  plan->next<get_access_token>(fault::delay_question);
  auto held = w.send<token_lease>(front, get_access_token{});
  w.run();
  w.kill(behind);
  EXPECT_EQ(error_of(held.take()), ec::overloaded);
}

TEST_F(a_fault, takes_both_away_whichever_is_killed) {
  const auto before = w.living();
  w.kill(front);
  EXPECT_EQ(w.living(), before - 2);
  EXPECT_EQ(error_of(w.ask<token_lease>(behind, get_access_token{})), ec::overloaded);
}

TEST_F(a_fault, ends_with_the_plan) {
  plan->on<get_access_token>({.fail = 1000});
  EXPECT_FALSE(get());
  plan->end();
  EXPECT_TRUE(get());
}

TEST_F(a_fault, is_counted_and_told_by_the_name_of_its_message) {
  std::vector<std::string> told;
  plan->on_fault = [&](std::string_view message, fault what) {
    told.push_back(std::string(message) + ' ' + std::string(to_string(what)));
  };
  plan->next<get_access_token>(fault::fail);
  EXPECT_FALSE(get());
  EXPECT_TRUE(get());
  EXPECT_EQ(told, std::vector<std::string>{"get_access_token fail"});
  EXPECT_EQ(plan->count(fault::fail), 1U);
  EXPECT_EQ(plan->count(fault::lose_answer), 0U);
}

TEST(fault_plan, draws_about_as_often_as_it_was_told_and_the_same_for_a_seed) {
  const auto draw = [](std::uint64_t seed) {
    fault_plan<token_refresher_actor> plan(seed);
    plan.on<get_access_token>({.fail = 200, .delay_answer = 50, .shortest = 10ms, .longest = 20ms});
    std::vector<std::pair<fault, std::chrono::milliseconds>> drawn;
    for (int i = 0; i < 10'000; ++i) {
      const auto one = plan.decide<get_access_token>();
      drawn.emplace_back(one.what, one.wait);
    }
    return drawn;
  };
  const auto drawn = draw(7);
  EXPECT_EQ(drawn, draw(7));
  EXPECT_NE(drawn, draw(8));
  const auto count = [&](fault what) {
    return std::ranges::count_if(drawn, [&](const auto& one) { return one.first == what; });
  };
  EXPECT_NEAR(static_cast<double>(count(fault::fail)), 2'000, 200);
  EXPECT_NEAR(static_cast<double>(count(fault::delay_answer)), 500, 100);
  EXPECT_EQ(count(fault::kill_after), 0);
  EXPECT_TRUE(std::ranges::all_of(drawn, [](const auto& one) {
    return one.first != fault::delay_answer || (one.second >= 10ms && one.second <= 20ms);
  }));
}

TEST(fault_plan, refuses_rates_that_cannot_be) {
  fault_plan<token_refresher_actor> plan(1);
  EXPECT_THROW(plan.on<get_status>({.lose_question = 600, .fail = 401}), std::invalid_argument);
  EXPECT_THROW(plan.on<get_status>({.shortest = 2s, .longest = 1s}), std::invalid_argument);
}

TEST(a_whole_world, starts_an_actor_again_that_a_fault_has_killed) {
  whole_world w;
  const auto plan = std::make_shared<fault_plan<wechat_gateway_actor>>(1);
  plan->next<exchange_code>(fault::kill_before);
  w.make.wechat_gateway = with_faults(w.make.wechat_gateway, plan);
  w.start();
  const auto login_with = [&](const char* code) {
    return w.ask<token_grant>(w.directory().logins.pick(0),
                              login{.app = {"demo"}, .code = secret(code), .device = {}});
  };
  EXPECT_EQ(error_of(login_with("first")), ec::overloaded);
  EXPECT_EQ(w.events().named("actor.died").size(), 1U);
  w.advance(1ms);
  EXPECT_TRUE(login_with("first")) << "the code was never spent";
}

// -- the scheduler

/// Tells who was first of ten actors that all got a message.
std::vector<std::string> order_of_ten(std::optional<std::uint64_t> turns) {
  world w;
  if (turns)
    w.scramble(*turns);
  const auto seen = std::make_shared<std::vector<std::string>>();
  for (int i = 0; i < 10; ++i) {
    const auto one = w.spawn(
        [](service_actor::pointer, int number, diary page) -> service_actor::behavior_type {
          return {[=](get_status) {
            page->push_back(std::to_string(number));
            return status_report{};
          }};
        },
        i, seen);
    w.tell(one, get_status{});
    w.tell(one, get_status{});
  }
  w.run();
  return *seen;
}

TEST(a_scrambled_world, draws_whose_turn_it_is_and_the_same_for_a_seed) {
  const auto plain = order_of_ten({});
  const auto drawn = order_of_ten(5);
  EXPECT_EQ(drawn, order_of_ten(5));
  EXPECT_NE(drawn, plain);
  EXPECT_NE(drawn, order_of_ten(6));
  EXPECT_TRUE(std::ranges::is_permutation(drawn, plain));
}

} // namespace
} // namespace weappd
