#include "tests/flow/answers.hpp"
#include "tests/kit/net/solve_work.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// Every actor of every role is killed once a second while clients are at work. CHAOS_SECONDS: for how long.
namespace weappd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::chrono::seconds chaos_time() {
  const auto* wanted = std::getenv("CHAOS_SECONDS");
  return std::chrono::seconds(wanted == nullptr ? 3 : std::atoi(wanted));
}

/// What clients saw.
class tally {
public:
  void note(const std::string& what, const kit::http_response& answer, steady_clock::duration time) {
    const std::lock_guard guard(mutex_);
    ++statuses_[what + " " + std::to_string(answer.status)];
    longest_ = std::max(longest_, time);
    if (answer.status == 500 && bodies_of_500_.size() < 5)
      bodies_of_500_.push_back(what + ": " + answer.body);
  }
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& [what, count] : statuses_)
      out += "  " + what + ": " + std::to_string(count) + "\n";
    for (const auto& body : bodies_of_500_)
      out += body + "\n";
    return out +
           "  longest answer: " + std::to_string(std::chrono::duration_cast<milliseconds>(longest_).count()) +
           " ms\n";
  }
  [[nodiscard]] bool has_500() const { return !bodies_of_500_.empty(); }
  [[nodiscard]] steady_clock::duration longest() const { return longest_; }

private:
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> statuses_;
  std::vector<std::string> bodies_of_500_;
  steady_clock::duration longest_{};
};

struct role_kill : testing::Test {
  /// Kills all actors that the supervisor has; gives how many.
  std::size_t kill_everybody() {
    const auto all = server.ask<child_list>(server.server().parts().supervisor.get(), list_children{});
    if (!all)
      return 0;
    std::size_t killed = 0;
    for (const auto& child : all->children)
      if (child.handle) {
        caf::anon_send_exit(child.handle, caf::exit_reason::kill);
        ++killed;
        // Not all at the same moment: each death meets the others at work.
        std::this_thread::sleep_for(milliseconds(900) / static_cast<int>(all->children.size()));
      }
    return killed;
  }

  template <class F>
  auto timed(const std::string& what, F&& ask) {
    const auto begin = steady_clock::now();
    auto answer = ask();
    seen.note(what, answer, steady_clock::now() - begin);
    return answer;
  }

  /// The proxy is trusted, and says who the client is.
  kit::http_response log_in(const std::string& address, const std::string& code,
                            nlohmann::json more = nlohmann::json::object()) {
    more["code"] = code;
    return server.http().post_json("/api/v1/auth/login", more, {{"X-Forwarded-For", address}});
  }

  /// One user: logs in, and asks who it is, again and again.
  void be_a_user(int number) {
    kit::wechat_control wechat(server.simulator_port());
    while (!over) {
      auto phone = server.phone();
      const auto code = wechat.make_code("o-" + std::to_string(number));
      const auto answer = timed("login", [&] { return log_in("192.0.2.1", code); });
      if (answer.status != 200)
        continue;
      phone.access_token = answer.json()["data"]["access_token"].get<std::string>();
      for (int i = 0; i < 50 && !over; ++i)
        timed("me", [&] { return phone.me(); });
    }
  }

  /// Fails until it has to solve a challenge, tries without for longer than any actor lives, and then solves
  /// it: no death may free the address of that.
  void be_a_guesser() {
    kit::wechat_control wechat(server.simulator_port());
    for (int i = 0; !over; ++i) {
      auto asked = timed("guess", [&] { return log_in("192.0.2.9", "nonsense" + std::to_string(i)); });
      if (asked.status != 403)
        continue;
      const auto good = wechat.make_code("o-guesser");
      for (const auto end = steady_clock::now() + milliseconds(1'100); !over && steady_clock::now() < end;) {
        auto answer = timed("login without a solution", [&] { return log_in("192.0.2.9", good); });
        EXPECT_TRUE(answer.status == 403 || answer.status == 503) << answer.status;
        if (answer.status == 403)
          asked = std::move(answer);
      }
      solve(asked.json()["challenge"], good);
    }
  }
  /// The same login again, as long as nobody is there to take it.
  void solve(const nlohmann::json& offer, const std::string& code) {
    const auto text = offer["challenge"].get<std::string>();
    const nlohmann::json proof = {{"challenge", text},
                                  {"solution", kit::solve_work(text, offer["difficulty"].get<unsigned>())}};
    for (auto status = 503U; status == 503 && !over;) {
      status = timed("login with a solution", [&] { return log_in("192.0.2.9", code, proof); }).status;
      solved += status == 200 ? 1 : 0;
    }
  }

  /// The business system.
  void be_a_service(const std::string& user) {
    while (!over) {
      auto service = server.service();
      if (timed("auth/service", [&] { return service.log_in(); }).status != 200)
        continue;
      for (int i = 0; i < 20 && !over; ++i)
        timed("message", [&] { return service.post_message(letter_to(user)); });
    }
  }

  static nlohmann::json letter_to(const std::string& user) {
    return {{"to", user},
            {"template", "custom:ticket_ready"},
            {"data", {{"thing1", "a ticket"}, {"date2", "2026-01-01"}}}};
  }

  tally seen;
  std::atomic<bool> over{false};
  std::atomic<int> solved{0};
  kit::test_server server{[](options& values) {
    values.http.trusted_proxies = {"127.0.0.1"};
    values.challenge.kind = challenge_kind::proof_of_work; // each login of a user asks the desk
    values.challenge.failed_logins = 2;
    values.challenge.bits = 4;
    values.challenge.max_bits = 6;
    values.token.retry_min_ms = 10;
    values.token.retry_max_ms = 50;
    for (auto& [name, limit] : values.limits)
      limit.limit = limit.burst = 1'000'000'000;
  }};
};

TEST_F(role_kill, nobody_hangs_and_nobody_sees_a_defect) {
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code("o-0"))));
  std::vector<std::thread> clients;
  for (int i = 1; i <= 4; ++i)
    clients.emplace_back([this, i] { be_a_user(i); });
  clients.emplace_back([this, &phone] { be_a_service(phone.user_id); });
  clients.emplace_back([this] { be_a_guesser(); });

  std::size_t killed = 0;
  for (const auto end = steady_clock::now() + chaos_time(); steady_clock::now() < end;)
    killed += kill_everybody();
  const auto last_kill = steady_clock::now();

  // Back to normal: everything works that those parts do.
  auto service = server.service();
  const auto works = [&] {
    auto tablet = server.phone();
    return phone.me().status == 200 && tablet.login(server.wechat().make_code("o-0")).status == 200 &&
           service.log_in().status == 200 && service.post_message(letter_to(phone.user_id)).status == 202 &&
           server.http().get("/readyz").json()["checks"]["store"]["state"] == "ok";
  };
  EXPECT_TRUE(kit::eventually(works));
  const auto recovery = steady_clock::now() - last_kill;
  EXPECT_TRUE(kit::eventually([&] { return solved > 0; })) << "nobody was let in for a solution";
  over = true;
  for (auto& client : clients)
    client.join();

  std::cout << killed << " actors killed in " << chaos_time().count() << " s; back to normal after "
            << std::chrono::duration_cast<milliseconds>(recovery).count() << " ms\n"
            << seen.text();
  EXPECT_GT(killed, 30u);
  EXPECT_FALSE(seen.has_500()) << seen.text();
  EXPECT_LT(seen.longest(), std::chrono::seconds(5))
      << "the deadline of a request is 10 s: nobody may need it";
  EXPECT_LT(recovery, std::chrono::seconds(2)) << "of which up to a second is the test's own";
}

} // namespace
} // namespace weappd
