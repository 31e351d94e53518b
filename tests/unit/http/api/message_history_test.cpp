#include "http/api/message_history.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace weappd::http::test {
namespace {

using namespace std::chrono_literals;
using kind = message_event::kind;
using enum message_state;
using words = std::vector<std::string>;

constexpr timestamp story_start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + 8h;

message_event event_at(std::chrono::milliseconds after, kind what, message_state state) {
  return {.what = what, .at = story_start + after, .state = state, .rule = "a_rule"};
}
message_event attempt_at(std::chrono::milliseconds after, message_state state,
                         std::chrono::milliseconds duration = 30ms, std::uint32_t number = 1) {
  auto out = event_at(after, kind::attempt, state);
  out.attempt = number;
  out.duration = duration;
  return out;
}
message_record message_with(message_story story, message_state state) {
  message_record out;
  out.story = std::move(story);
  out.state = state;
  return out;
}

/// "attempt:sent@130ms"
words told(const message_record& message) {
  words out;
  for (const auto& event : history_of(message))
    out.push_back(std::string(to_string(event.what)) + ":" + std::string(to_string(event.state)) + "@" +
                  std::to_string((event.at - story_start) / 1ms));
  return out;
}

TEST(a_history, tells_of_each_attempt_when_its_turn_came) {
  const auto message = message_with(
      {event_at(0ms, kind::accepted, queued), attempt_at(100ms, queued), attempt_at(900ms, sent, 50ms, 2)},
      sent);
  EXPECT_EQ(told(message), (words{"accepted:queued@0", "sending:sending@70", "attempt:queued@100",
                                  "sending:sending@850", "attempt:sent@900"}));
  const auto history = history_of(message);
  EXPECT_EQ(history[1].attempt, 1u);
  EXPECT_EQ(history[3].attempt, 2u);
  EXPECT_EQ(history[3].rule, "leased");
}

TEST(a_history, of_a_message_that_is_being_sent_ends_in_that) {
  auto message = message_with({event_at(0ms, kind::accepted, queued), attempt_at(100ms, queued)}, sending);
  message.updated_at = story_start + 500ms;
  message.attempts = 2;
  EXPECT_EQ(told(message).back(), "sending:sending@500");
  EXPECT_EQ(history_of(message).back().attempt, 2u);
}

TEST(a_history, has_one_turn_for_an_attempt_that_is_made_again_with_a_new_token) {
  const auto message = message_with(
      {event_at(0ms, kind::accepted, queued), attempt_at(100ms, sending), attempt_at(300ms, sent)}, sent);
  EXPECT_EQ(told(message),
            (words{"accepted:queued@0", "sending:sending@70", "attempt:sending@100", "attempt:sent@300"}));
}

TEST(a_history, keeps_a_turn_that_the_store_has) {
  const auto message =
      message_with({event_at(0ms, kind::accepted, queued), event_at(10ms, kind::sending, sending),
                    event_at(20ms, kind::decided, queued), attempt_at(100ms, sent)},
                   sent);
  EXPECT_EQ(told(message), (words{"accepted:queued@0", "sending:sending@10", "decided:queued@20",
                                  "sending:sending@70", "attempt:sent@100"}));
}

TEST(a_history, is_in_the_order_of_time_although_durations_are_rounded) {
  const auto message =
      message_with({event_at(90ms, kind::accepted, queued), attempt_at(100ms, sent, 11ms)}, sent);
  EXPECT_EQ(told(message)[1], "sending:sending@90");
  const auto set_back =
      message_with({event_at(5'000ms, kind::accepted, queued), attempt_at(100ms, sent, 11ms)}, sent);
  EXPECT_EQ(told(set_back)[1], "sending:sending@100") << "never after the attempt that it belongs to";
}

// -- whatever happens

/// The story of a message as the store would have it after a random life.
class random_life {
public:
  explicit random_life(std::uint32_t seed) : random_(seed) {
    happens(kind::accepted, queued);
    happens(kind::validated, queued);
    happens(kind::reserved, draw(8) == 0 ? failed : queued);
    for (auto steps = draw(12); steps > 0; --steps)
      live();
  }

  message_record message;

private:
  std::uint32_t draw(std::uint32_t below) { return static_cast<std::uint32_t>(random_()) % below; }

  void live() {
    if (message.state == queued && draw(6) == 0)
      return happens(kind::decided, std::array{failed, expired, cancelled}.at(draw(3)));
    if (message.state == queued)
      return begin();
    if (message.state == sending)
      return draw(5) == 0 && message.story.back().state != sending ? be_interrupted() : be_attempted();
    if (message.state == failed)
      happens(kind::decided, queued); // asked for again
  }
  /// The store tells of a lease by the state alone.
  void begin() {
    now_ += std::chrono::milliseconds(draw(500));
    message.updated_at = now_;
    message.state = sending;
    ++message.attempts;
  }
  void be_attempted() {
    happens(kind::attempt, std::array{sent, failed, queued, sending}.at(draw(4)));
    auto& event = message.story.back();
    event.attempt = message.attempts;
    event.duration = std::min((now_ - message.updated_at) + 1ms, std::chrono::milliseconds(draw(300)));
  }
  void be_interrupted() {
    const auto after = draw(2) == 0 ? failed : queued;
    message.story.push_back({.what = kind::sending, .at = message.updated_at, .state = sending});
    happens(kind::decided, after);
  }
  void happens(kind what, message_state state) {
    now_ += std::chrono::milliseconds(draw(500));
    message.story.push_back({.what = what, .at = now_, .state = state});
    message.state = state;
  }

  std::mt19937 random_;
  timestamp now_ = story_start;
};

TEST(a_history, is_legal_and_in_order_whatever_happened) {
  for (std::uint32_t seed = 0; seed < 2'000; ++seed) {
    const auto message = random_life(seed).message;
    const auto history = history_of(message);
    ASSERT_EQ(history.front().state, queued);
    ASSERT_EQ(history.back().state, message.state) << seed;
    for (std::size_t i = 1; i < history.size(); ++i) {
      const auto from = history[i - 1].state;
      const auto to = history[i].state;
      ASSERT_TRUE(from == to || may_move(from, to))
          << "seed " << seed << ": " << to_string(from) << " -> " << to_string(to);
      ASSERT_LE(history[i - 1].at, history[i].at) << seed;
      ASSERT_TRUE(history[i].what != kind::attempt || from == sending) << seed;
    }
  }
}

} // namespace
} // namespace weappd::http::test
