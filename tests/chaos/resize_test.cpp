#include "tests/flow/answers.hpp"
#include "tests/flow/program.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/mini_program.hpp"
#include "tests/kit/server/service_client.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <regex>
#include <string>
#include <thread>
#include <vector>

/// The pools of the real server go 1 -> 8 -> 2 by SIGHUP under 2,000 requests a second. CHAOS_ROUNDS: how
/// often.
namespace weappd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// 16 who ask 100 times a second, and 8 who send 50 messages: 2,000 requests.
constexpr int askers = 16;
constexpr int sender_count = 8;
constexpr milliseconds pause_of_asker(10);
constexpr milliseconds pause_of_sender(20);
constexpr int users_of_sender = 4;

const std::string operator_token = "token-of-the-operator-0123456789abcdef";

int rounds() {
  const auto* wanted = std::getenv("CHAOS_ROUNDS");
  return wanted == nullptr ? 1 : std::max(1, std::atoi(wanted));
}

struct resize_chaos : testing::Test {
  /// The example with pools of this size.
  void write_sizes(int size) const {
    std::ifstream example(WEAPPD_SOURCE_DIR "/config/weappd.example.yaml");
    std::string text{std::istreambuf_iterator<char>(example), {}};
    for (const std::string pool : {"rate_limiter", "store_readers", "template_pusher"})
      text = std::regex_replace(text, std::regex("\n  " + pool + ": [0-9]+\n"),
                                "\n  " + pool + ": " + std::to_string(size) + "\n");
    std::ofstream(folder / "weappd.yaml") << text;
  }

  kit::running_weappd serve() {
    std::ofstream(folder / "operator") << operator_token;
    std::filesystem::permissions(folder / "operator", std::filesystem::perms(0600));
    write_sizes(1);
    std::vector<std::string> words{"--config", folder / "weappd.yaml"};
    for (const auto& one : std::vector<std::string>{
             "wechat.base_url=http://127.0.0.1:" + std::to_string(simulator.simulator_port()), "admin.port=0",
             "admin.token_file=" + (folder / "operator"), "log.access=false", "log.level=warn",
             "limits.login.limit=1000000", "limits.login.burst=100000", "limits.per_ip.limit=1000000",
             "limits.per_ip.burst=100000", "limits.per_user.limit=1000000", "limits.per_user.burst=100000"}) {
      words.emplace_back("--set");
      words.push_back(one);
    }
    return {weappd_program(), {.arguments = kit::serve_in(folder, words), .environment = {}, .folder = {}}};
  }

  void note(const std::string& what, const kit::http_response& answer, int wanted,
            steady_clock::duration time) {
    const std::lock_guard guard(mutex);
    ++requests;
    longest = std::max(longest, time);
    if (answer.status == wanted)
      return;
    if (++failures <= 5)
      examples += "  " + what + ": " + std::to_string(answer.status) + " " + answer.body + "\n";
  }

  template <class F>
  void ask_on(milliseconds pause, const std::string& what, int wanted, F&& ask) {
    for (auto next = steady_clock::now(); !over; next += pause) {
      std::this_thread::sleep_until(next);
      const auto begin = steady_clock::now();
      try {
        const auto answer = ask();
        note(what, answer, wanted, steady_clock::now() - begin);
      } catch (const std::exception& error) {
        kit::http_response none;
        none.body = error.what();
        note(what, none, wanted, steady_clock::now() - begin);
      }
    }
  }

  std::string new_user(kit::mini_program& phone, const std::string& openid) {
    kit::wechat_control wechat(simulator.simulator_port());
    EXPECT_TRUE(succeeded(phone.login(wechat.make_code(openid))));
    wechat.grant(openid, "tmpl_ticket_ready");
    return phone.user_id;
  }

  void be_an_asker(int number) {
    kit::mini_program phone(server.port());
    (void)new_user(phone, "asker-" + std::to_string(number));
    ask_on(pause_of_asker, "users/me", 200, [&] { return phone.me(); });
  }

  static std::string reader(int sender, int number) {
    return "reader-" + std::to_string(sender) + "-" + std::to_string(number);
  }

  /// Sends its users numbers, one after the other.
  void be_a_sender(int number) {
    std::vector<std::string> ids;
    for (int i = 0; i < users_of_sender; ++i) {
      kit::mini_program phone(server.port());
      ids.push_back(new_user(phone, reader(number, i)));
    }
    kit::service_client shop(server.port());
    EXPECT_TRUE(succeeded(shop.log_in()));
    auto& counts = sent[static_cast<std::size_t>(number)];
    std::size_t turn = 0;
    ask_on(pause_of_sender, "messages", 202, [&] {
      const auto to = turn++ % ids.size();
      return shop.post_message(
          {{"template", "custom:ticket_ready"},
           {"to", ids[to]},
           {"data", {{"thing1", std::to_string(++counts[to])}, {"date2", "2026-11-25"}}}});
    });
  }

  /// What operators are told about these pools.
  nlohmann::json figures() {
    nlohmann::json found;
    kit::http_client operators(server.admin_port());
    const auto answer =
        operators.get("/admin/v1/actors", {{"Authorization", "Bearer " + operator_token}}).json();
    for (const auto& role : answer["data"]["items"])
      for (const auto* pool : {"rate_limiter", "store_reader", "template_pusher"})
        if (role["role"] == pool)
          found[pool] = role;
    return found;
  }
  bool have_size(int size) {
    const auto now = figures();
    return now.size() == 3 &&
           std::ranges::all_of(now, [&](const auto& role) { return role["instances"] == size; });
  }

  void resize_to(int size) {
    write_sizes(size);
    const auto begin = steady_clock::now();
    server.child().signal(SIGHUP);
    EXPECT_TRUE(kit::eventually([&] { return have_size(size); })) << figures();
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
    std::this_thread::sleep_for(std::chrono::seconds(2));
    std::cout << "-> " << size << " after " << took.count() << " ms;";
    const auto now = figures();
    for (const auto& [pool, role] : now.items())
      std::cout << "  " << pool << ": " << role["instances"] << ", " << role["handled_per_s"].get<double>()
                << "/s, p99 of the wait " << role.value("wait_us", nlohmann::json::object()).value("p99", 0.0)
                << " us, restarts " << role["restarts"];
    std::cout << '\n';
  }

  /// Users whose phone does not show 1, 2, 3 ... up to the last that was sent.
  std::string out_of_order() {
    std::string wrong;
    kit::http_client control(simulator.simulator_port());
    for (int sender = 0; sender < sender_count; ++sender)
      for (int i = 0; i < users_of_sender; ++i) {
        const auto who = reader(sender, i);
        const auto last = sent[static_cast<std::size_t>(sender)][static_cast<std::size_t>(i)];
        const auto shown = [&] {
          return control.get("/_sim/delivered?limit=100000&openid=" + who).json().at("items");
        };
        EXPECT_TRUE(kit::eventually([&] { return shown().size() >= static_cast<std::size_t>(last); },
                                    std::chrono::seconds(30)))
            << who;
        int number = 0;
        for (const auto& item : shown())
          if (item.at("data").at("thing1") != std::to_string(++number))
            wrong += " " + who + " at " + std::to_string(number);
        if (number != last)
          wrong += " " + who + ": " + std::to_string(number) + " of " + std::to_string(last);
      }
    return wrong;
  }

  kit::temporary_folder folder;
  kit::running_weappd simulator{weappd_program(),
                                {.arguments = {"simulate", "--port", "0"}, .environment = {}, .folder = {}}};
  kit::running_weappd server = serve();
  std::atomic<bool> over{false};
  std::mutex mutex;
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
  steady_clock::duration longest{};
  std::string examples;
  std::vector<std::vector<int>> sent = std::vector(sender_count, std::vector<int>(users_of_sender));
};

TEST_F(resize_chaos, of_1_8_2_fails_no_request_and_keeps_the_order_of_each_user) {
  std::vector<std::jthread> clients;
  const auto begin = steady_clock::now();
  for (int i = 0; i < askers; ++i)
    clients.emplace_back([this, i] { be_an_asker(i); });
  for (int i = 0; i < sender_count; ++i)
    clients.emplace_back([this, i] { be_a_sender(i); });
  for (int round = 0; round < rounds(); ++round)
    for (const int size : {1, 8, 2})
      resize_to(size);
  over = true;
  clients.clear();
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  int messages = 0;
  for (const auto& of : sent)
    for (const auto count : of)
      messages += count;
  std::cout << 3 * rounds() << " changes, " << requests << " requests ("
            << requests * 1000 / static_cast<std::uint64_t>(took.count()) << "/s), of which " << messages
            << " messages; " << failures << " failures, longest answer "
            << std::chrono::duration_cast<milliseconds>(longest).count() << " ms\n"
            << examples;
  const auto wrong = out_of_order();
  std::cout << "phones that show something else than was sent, in that order: "
            << (wrong.empty() ? "none" : wrong) << '\n';
  EXPECT_EQ(failures, 0u) << examples;
  EXPECT_EQ(wrong, "");
  EXPECT_GT(messages, 0);
  server.child().signal(SIGTERM);
  const auto end = server.child().wait();
  EXPECT_TRUE(end && end->code == 0) << server.child().errors();
}

} // namespace
} // namespace weappd
