#include "tests/flow/program.hpp"
#include "tests/kit/server/mini_program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

/// Kills the real server in the middle of its work. What a client was told before the kill is true after it.
namespace weappd {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t clients = 8;
constexpr auto pause_of_a_client = std::chrono::milliseconds(16); // 8 clients: 500 logins in a second

int kills() {
  const char* wanted = std::getenv("CHAOS_KILLS");
  return wanted != nullptr ? std::max(1, std::atoi(wanted)) : 5;
}

/// What one client was told, by the last answer that came to it whole.
struct told {
  std::string access_token;
  std::string refresh_token;
  std::string user_id;
  std::string nickname{};
};

/// One client's work until the server goes away: logs in, now and then refreshes or changes the name.
std::vector<told> work(std::uint16_t port, std::uint16_t simulator_port, std::size_t number,
                       const std::atomic<bool>& ending) {
  std::vector<told> known;
  kit::wechat_control wechat(simulator_port);
  kit::mini_program phone(port);
  auto next = steady_clock::now();
  try {
    for (std::size_t i = 0; !ending; ++i) {
      std::this_thread::sleep_until(next);
      next += pause_of_a_client;
      phone.access_token.clear();
      if (phone.login(wechat.make_code()).status != 200)
        continue;
      known.push_back({phone.access_token, phone.refresh_token, phone.user_id});
      auto& mine = known.back();
      if (i % 4 == 1 && phone.refresh().status == 200) {
        mine.access_token = phone.access_token;
        mine.refresh_token = phone.refresh_token;
      }
      const auto name = std::to_string(number) + "/" + std::to_string(i);
      if (i % 4 == 2 && phone.change_me({{"nickname", name}}).status == 200)
        mine.nickname = name;
    }
  } catch (const std::exception&) {
    // The kill: the answer that was under way never came, so nothing was promised.
  }
  return known;
}

/// What of it is not true.
struct losses {
  std::size_t sessions = 0;
  std::size_t refreshes = 0;
  std::size_t names = 0;
};

losses check(std::uint16_t port, const std::vector<told>& all) {
  losses lost;
  kit::mini_program phone(port);
  for (const auto& one : all) {
    phone.access_token = one.access_token;
    phone.refresh_token = one.refresh_token;
    const auto me = phone.me();
    const auto user = me.json().value("data", nlohmann::json());
    if (me.status != 200 || user.value("id", "") != one.user_id)
      ++lost.sessions;
    else if (!one.nickname.empty() && user.value("nickname", "") != one.nickname)
      ++lost.names;
    if (phone.refresh().status != 200 || phone.me().status != 200)
      ++lost.refreshes;
  }
  return lost;
}

struct kill_flow : testing::Test {
  kit::running_weappd serve() {
    const auto wechat = "wechat.base_url=http://127.0.0.1:" + std::to_string(simulator.simulator_port());
    return {weappd_program(),
            {.arguments = kit::serve_in(
                 folder, {"--set", "apps.demo.app_id=wxdemo0000000001", "--set",
                          "apps.demo.secret=demo-app-secret", "--set", wechat, "--set", "log.access=false",
                          "--set", "limits.login.limit=1000000", "--set", "limits.login.burst=100000",
                          "--set", "limits.per_ip.limit=1000000", "--set", "limits.per_ip.burst=100000"}),
             .environment = {},
             .folder = {}}};
  }

  /// All clients at work for that long; then the server is killed.
  std::vector<told> work_and_kill(kit::running_weappd& server, std::chrono::milliseconds after) {
    std::atomic<bool> ending = false;
    std::vector<std::vector<told>> parts(clients);
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < clients; ++i)
        threads.emplace_back(
            [&, i] { parts[i] = work(server.port(), simulator.simulator_port(), i, ending); });
      std::this_thread::sleep_for(after); // the moment of the kill
      server.child().signal(SIGKILL);
      ending = true;
    }
    EXPECT_TRUE(server.child().wait());
    std::vector<told> all;
    for (auto& part : parts)
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }

  kit::temporary_folder folder;
  kit::running_weappd simulator{weappd_program(),
                                {.arguments = {"simulate", "--port", "0"}, .environment = {}, .folder = {}}};
};

TEST_F(kill_flow, every_session_that_a_client_was_told_of_works_after_a_kill) {
  const auto seed = std::random_device{}();
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> moment_ms(300, 2'000);
  std::cout << "seed " << seed << '\n';
  for (int i = 1; i <= kills(); ++i) {
    const std::chrono::milliseconds after(moment_ms(random));
    std::vector<told> all;
    {
      auto server = serve();
      all = work_and_kill(server, after);
    }
    const auto begin = steady_clock::now();
    auto server = serve();
    const auto ready = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin);
    const auto lost = check(server.port(), all);
    std::cout << "kill " << i << " after " << after.count() << " ms: " << all.size() << " logins ("
              << all.size() * 1000 / static_cast<std::size_t>(after.count()) << "/s), ready again in "
              << ready.count() << " ms, lost " << lost.sessions << " sessions, " << lost.refreshes
              << " refresh tokens, " << lost.names << " names\n";
    EXPECT_GT(all.size(), 0u);
    EXPECT_EQ(lost.sessions, 0u);
    EXPECT_EQ(lost.refreshes, 0u);
    EXPECT_EQ(lost.names, 0u);

    // And then it works again: somebody new logs in.
    kit::wechat_control wechat(simulator.simulator_port());
    kit::mini_program phone(server.port());
    EXPECT_EQ(phone.login(wechat.make_code()).status, 200);
    EXPECT_EQ(phone.me().status, 200);
    server.child().signal(SIGTERM);
    const auto end = server.child().wait();
    EXPECT_TRUE(end && end->code == 0);
  }
}

} // namespace
} // namespace weappd
