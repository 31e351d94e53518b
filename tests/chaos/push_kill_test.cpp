#include "tests/flow/program.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/mini_program.hpp"
#include "tests/kit/server/service_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

/// Kills the real server again and again while messages are asked for: 500 in a second, of all three kinds.
/// Whatever was answered with 202 comes to an end; what the phones show more than once was under way at a
/// kill.
namespace weappd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t senders = 4;
constexpr std::size_t users_to_tell = 200;
constexpr milliseconds pause_of_a_sender(8); // 4 senders: 500 messages in a second

int kills_of_push() {
  const char* wanted = std::getenv("CHAOS_KILLS");
  return wanted != nullptr ? std::max(1, std::atoi(wanted)) : 5;
}

struct kind {
  const char* name;
  const char* serial_field; ///< tells on the phone which message it was
  nlohmann::json other;
};

const std::array<kind, 3>& kinds() {
  static const std::array<kind, 3> all{
      {{"custom:ticket_ready", "thing1", {{"date2", "2026-11-25"}}},
       {"custom:order_paid",
        "character_string1",
        {{"amount2", "18.50元"}, {"time3", "15:01"}, {"thing4", "coffee"}}},
       {"industry:order_confirm", "character_string1", {{"thing2", "coffee"}}}}};
  return all;
}

struct accepted_message {
  std::string id;
  std::string serial;
  std::size_t of = 0;
};

struct push_kill : testing::Test {
  push_kill() {
    kit::wechat_control wechat(simulator.simulator_port());
    auto server = serve();
    kit::mini_program phone(server.port());
    for (std::size_t i = 0; i < users_to_tell; ++i) {
      const auto number = std::to_string(i);
      const auto login = [&](const std::string& code, const char* app) {
        phone.access_token.clear();
        EXPECT_EQ(phone.login(code, {{"app", app}}).status, 200);
      };
      login(wechat.make_code("o-" + number, "u-" + number), "demo");
      login(wechat.make_code("oa-" + number, "u-" + number, "wxdemo0000000002"), "demo_oa");
      ids.push_back(phone.user_id);
      wechat.grant("o-" + number, "tmpl_order_paid", 100'000);
      wechat.grant("o-" + number, "tmpl_ticket_ready");
    }
    server.child().signal(SIGTERM);
    EXPECT_TRUE(server.child().wait());
  }

  kit::running_weappd serve() {
    const auto wechat = "wechat.base_url=http://127.0.0.1:" + std::to_string(simulator.simulator_port());
    const std::string example = WEAPPD_SOURCE_DIR "/config/weappd.example.yaml";
    return {weappd_program(),
            {.arguments = kit::serve_in(
                 folder, {"--config", example, "--set", wechat, "--set", "log.access=false", "--set",
                          "log.level=warn", "--set", "limits.login.limit=1000000", "--set",
                          "limits.login.burst=100000", "--set", "limits.per_ip.limit=1000000", "--set",
                          "limits.per_ip.burst=100000"}),
             .environment = {},
             .folder = {}}};
  }

  /// One client's work until the server goes away.
  std::vector<accepted_message> work(std::uint16_t port, std::size_t client, std::uint32_t seed,
                                     const std::atomic<bool>& ending) {
    std::vector<accepted_message> mine;
    std::mt19937 random(seed);
    kit::service_client shop(port);
    auto next = steady_clock::now();
    try {
      while (!ending) {
        std::this_thread::sleep_until(next);
        next += pause_of_a_sender;
        const auto of = random() % kinds().size();
        const auto& what = kinds()[of];
        auto serial = std::to_string(client) + "-" + std::to_string(++serials[client]);
        nlohmann::json data = what.other;
        data[what.serial_field] = serial;
        const auto answer = shop.post_message(
            {{"template", what.name}, {"to", ids[random() % users_to_tell]}, {"data", data}});
        if (answer.status == 202)
          mine.push_back({answer.json()["data"]["id"].get<std::string>(), std::move(serial), of});
      }
    } catch (const std::exception&) {
      // The kill: the answer that was under way never came, so nothing was promised.
    }
    return mine;
  }

  void work_and_kill(milliseconds after, std::uint32_t seed) {
    auto server = serve();
    std::atomic<bool> ending = false;
    std::vector<std::vector<accepted_message>> parts(senders);
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < senders; ++i)
        threads.emplace_back(
            [&, i] { parts[i] = work(server.port(), i, seed + static_cast<std::uint32_t>(i), ending); });
      std::this_thread::sleep_for(after); // the moment of the kill
      server.child().signal(SIGKILL);
      ending = true;
    }
    EXPECT_TRUE(server.child().wait());
    for (auto& part : parts)
      accepted.insert(accepted.end(), part.begin(), part.end());
  }

  kit::temporary_folder folder;
  kit::running_weappd simulator{weappd_program(),
                                {.arguments = {"simulate", "--port", "0"}, .environment = {}, .folder = {}}};
  std::vector<std::string> ids;
  std::array<std::uint64_t, senders> serials{};
  std::vector<accepted_message> accepted;
};

/// Was the message being sent when a server was killed? Its story says so.
bool was_interrupted(const nlohmann::json& message) {
  return std::ranges::any_of(message.at("history"), [](const auto& event) {
    return event.value("rule", "").starts_with("interrupted_") || event.value("outcome", "") == "unknown";
  });
}

TEST_F(push_kill, every_accepted_message_comes_to_its_end_and_only_interrupted_ones_are_shown_twice) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> moment_ms(100, 700);
  const auto begin = steady_clock::now();
  std::int64_t working_ms = 0;
  for (int i = 0; i < kills_of_push(); ++i) {
    const milliseconds after(moment_ms(random));
    working_ms += after.count();
    work_and_kill(after, static_cast<std::uint32_t>(random()));
  }
  auto server = serve();
  kit::service_client shop(server.port());
  ASSERT_TRUE(kit::eventually(
      [&] {
        for (const auto* state : {"queued", "sending"})
          if (shop.get(std::string("/api/v1/messages?status=") + state).json()["data"]["total"] != 0)
            return false;
        return true;
      },
      std::chrono::minutes(2)));

  std::map<std::string, int> shown;
  for (const auto& one : kit::wechat_control(simulator.simulator_port()).delivered())
    for (const auto& field : {"thing1", "character_string1"})
      if (one["data"].contains(field))
        ++shown[one["data"][field].get<std::string>()];

  std::map<std::string, std::size_t> ends;
  std::size_t lost = 0;
  std::size_t not_shown = 0;
  std::size_t twice_after_kill = 0;
  std::size_t twice_otherwise = 0;
  std::size_t twice_official = 0;
  for (const auto& one : accepted) {
    const auto answer = shop.message(one.id);
    const auto message = answer.json().value("data", nlohmann::json());
    const auto status = answer.status == 200 ? message.value("status", "") : "lost";
    ++ends[status];
    const auto times = shown[one.serial];
    const std::set<std::string> final_states{"sent", "failed", "expired", "cancelled"};
    lost += !final_states.contains(status) && times == 0 ? 1 : 0;
    not_shown += status == "sent" && times == 0 ? 1 : 0;
    if (times > 1) {
      twice_official += one.of == 2 ? 1 : 0;
      ++(was_interrupted(message) ? twice_after_kill : twice_otherwise);
    }
  }
  std::cout << "seed " << seed << ": " << kills_of_push() << " kills in "
            << std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - begin).count() << " s, "
            << accepted.size() << " messages accepted ("
            << accepted.size() * 1000 / static_cast<std::size_t>(working_ms) << "/s)\n";
  for (const auto& [status, count] : ends)
    std::cout << "  " << status << ": " << count << '\n';
  std::cout << "  lost: " << lost << "\n  sent but not shown: " << not_shown
            << "\n  shown twice, under way at a kill: " << twice_after_kill
            << "\n  shown twice, not under way at a kill: " << twice_otherwise
            << "\n  shown twice, official account: " << twice_official << '\n';
  EXPECT_GT(accepted.size(), 0u);
  EXPECT_EQ(lost, 0u);
  EXPECT_EQ(not_shown, 0u);
  EXPECT_EQ(twice_otherwise, 0u);
  EXPECT_EQ(twice_official, 0u);

  // And then it works again.
  kit::wechat_control wechat(simulator.simulator_port());
  const auto answer = shop.post_message({{"template", "custom:ticket_ready"},
                                         {"to", ids[0]},
                                         {"data", {{"thing1", "again"}, {"date2", "2026-11-25"}}}});
  EXPECT_EQ(shop.end_of(answer.json()["data"]["id"].get<std::string>())["status"], "sent");
}

} // namespace
} // namespace weappd
