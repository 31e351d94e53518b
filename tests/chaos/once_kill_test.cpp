#include "tests/flow/program.hpp"
#include "tests/kit/server/mini_program.hpp"
#include "tests/kit/server/service_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

/// Kills the real server again and again while requests with Idempotency-Keys are under way, each of which is
/// sent until it has its answer. Whenever the kill came: each key is one effect.
namespace weappd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t clients_of_a_kind = 4;

int kills_of_once() {
  const char* wanted = std::getenv("CHAOS_KILLS");
  return wanted != nullptr ? std::max(1, std::atoi(wanted)) : 10;
}

/// Sends requests one after the other, each with a key of its own. When the server goes away, the one that
/// has no answer is the first to be sent to the next server.
struct keyed_client {
  explicit keyed_client(std::string its_name) : name(std::move(its_name)) {}

  std::string name;
  std::uint64_t number = 1; ///< of the request that is under way
  std::size_t repeated = 0; ///< requests that had to be sent to a second server
  std::size_t found = 0;    ///< of them, those whose answer was there already

  /// Goes on until `send(key)` throws; with `one` until one request has its answer.
  template <class Send>
  void work(Send&& send, bool one) {
    bool again = number > 1;
    const auto end = steady_clock::now() + std::chrono::seconds(20);
    do {
      const auto answer = send(name + "-" + std::to_string(number));
      if (answer.status == 409 || answer.status == 503)
        continue; // not the last word
      EXPECT_TRUE(answer.status == 200 || answer.status == 202) << answer.body;
      repeated += again ? 1 : 0;
      found += again && !answer.header("Idempotency-Replayed").empty() ? 1 : 0;
      again = false;
      on_answer(answer);
      ++number;
      if (one)
        return;
    } while (steady_clock::now() < end);
    ADD_FAILURE() << name << " has no answer to request " << number;
  }
  virtual ~keyed_client() = default;
  virtual void on_answer(const kit::http_response&) {}
};

/// Somebody who taps.
struct tapping : keyed_client {
  using keyed_client::keyed_client;
  std::string access_token;

  kit::http_response tap(kit::mini_program& phone, const std::string& key) const {
    return phone.request("POST", "/api/v1/subscriptions", R"({"results":{"custom:order_paid":"accept"}})",
                         {{"Idempotency-Key", key}});
  }
  void work_with(std::uint16_t port, bool one) {
    kit::mini_program phone(port);
    phone.access_token = access_token;
    work([&](const std::string& key) { return tap(phone, key); }, one);
  }
};

/// A program that reports events of one user.
struct reporting : keyed_client {
  using keyed_client::keyed_client;
  std::string user;
  std::set<std::string> ids; ///< of the messages that it was told of

  void work_with(std::uint16_t port, bool one) {
    kit::service_client shop(port);
    const nlohmann::json event{
        {"user_id", user},
        {"data",
         {{"character_string1", "NO1"}, {"amount2", "18.50元"}, {"time3", "15:01"}, {"thing4", "coffee"}}}};
    work(
        [&](const std::string& key) {
          return shop.fire("order.paid", event, {{"Idempotency-Key", key}});
        },
        one);
  }
  void on_answer(const kit::http_response& answer) override {
    const auto result = answer.json()["data"]["results"][0];
    EXPECT_TRUE(result["outcome"] == "queued" || result["outcome"] == "failed") << answer.body;
    EXPECT_TRUE(ids.insert(result["message_id"].get<std::string>()).second) << answer.body;
  }
};

struct once_kill : testing::Test {
  once_kill() {
    auto server = serve();
    kit::wechat_control wechat(simulator.simulator_port());
    for (std::size_t i = 0; i < clients_of_a_kind; ++i) {
      kit::mini_program phone(server.port());
      EXPECT_EQ(phone.login(wechat.make_code()).status, 200);
      taps.emplace_back("tap-" + std::to_string(i)).access_token = phone.access_token;
      phone.access_token.clear();
      EXPECT_EQ(phone.login(wechat.make_code()).status, 200);
      reports.emplace_back("event-" + std::to_string(i)).user = phone.user_id;
    }
    server.child().signal(SIGTERM);
    EXPECT_TRUE(server.child().wait());
  }

  kit::running_weappd serve() {
    const auto wechat = "wechat.base_url=http://127.0.0.1:" + std::to_string(simulator.simulator_port());
    const std::string example = WEAPPD_SOURCE_DIR "/config/weappd.example.yaml";
    return {weappd_program(),
            {.arguments =
                 kit::serve_in(folder, {"--config", example, "--set", wechat, "--set", "log.access=false",
                                        "--set", "log.level=warn", "--set", "limits.per_user.limit=1000000",
                                        "--set", "limits.per_user.burst=100000"}),
             .environment = {},
             .folder = {}}};
  }

  template <class F>
  void for_all(F&& work) {
    std::vector<std::jthread> threads;
    for (auto& one : taps)
      threads.emplace_back([&] { work(one); });
    for (auto& one : reports)
      threads.emplace_back([&] { work(one); });
  }

  void work_and_kill(milliseconds after) {
    auto server = serve();
    const std::jthread killer([&] {
      std::this_thread::sleep_for(after); // the moment of the kill
      server.child().signal(SIGKILL);
    });
    for_all([&](auto& one) {
      try {
        one.work_with(server.port(), false);
      } catch (const std::runtime_error&) {
        // The kill: the request that was under way has no answer.
      }
    });
    EXPECT_TRUE(server.child().wait());
  }

  kit::temporary_folder folder;
  kit::running_weappd simulator{weappd_program(),
                                {.arguments = {"simulate", "--port", "0"}, .environment = {}, .folder = {}}};
  std::vector<tapping> taps;
  std::vector<reporting> reports;
};

TEST_F(once_kill, each_key_is_one_effect_whenever_the_server_was_killed) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> moment_ms(100, 500);
  const auto begin = steady_clock::now();
  for (int i = 0; i < kills_of_once(); ++i)
    work_and_kill(milliseconds(moment_ms(random)));

  auto server = serve();
  for_all([&](auto& one) { one.work_with(server.port(), true); }); // and then it works again
  std::uint64_t keys = 0;
  std::size_t repeated = 0;
  std::size_t found = 0;
  const auto count = [&](const keyed_client& one) {
    keys += one.number - 1;
    repeated += one.repeated;
    found += one.found;
    return one.number - 1;
  };
  for (auto& one : taps) {
    const auto taps_of = count(one);
    kit::mini_program phone(server.port());
    phone.access_token = one.access_token;
    const auto balance = one.tap(phone, "the-last-one").json()["data"]["balances"]["custom:order_paid"];
    EXPECT_EQ(balance["credits"], taps_of + 1) << one.name;
  }
  kit::service_client shop(server.port());
  for (auto& one : reports) {
    const auto events = count(one);
    EXPECT_EQ(one.ids.size(), events) << one.name;
    EXPECT_EQ(shop.get("/api/v1/messages?to=" + one.user).json()["data"]["total"], events) << one.name;
  }
  std::cout << "seed " << seed << ": " << kills_of_once() << " kills in "
            << std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin).count() << " ms, "
            << keys << " keys, " << repeated << " sent again after a kill, of " << found
            << " the answer was there already\n";
  EXPECT_GT(keys, 2 * clients_of_a_kind);
}

} // namespace
} // namespace weappd
