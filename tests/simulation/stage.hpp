#pragma once

#include "tests/simulation/checks/accepted_work.hpp"
#include "tests/simulation/checks/deliveries.hpp"
#include "tests/simulation/checks/findings.hpp"
#include "tests/simulation/checks/limit_counts.hpp"
#include "tests/simulation/checks/open_questions.hpp"
#include "tests/simulation/checks/session_owners.hpp"
#include "tests/simulation/checks/token_fetches.hpp"
#include "tests/simulation/pretended_wechat.hpp"
#include "tests/simulation/simulated_server.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd::simulation {

/// Longer than any question may take: a login waits up to four times for another part.
inline constexpr std::chrono::minutes longest_question{2};

/// What everybody in a run shares: chance, the trace, the checks, the world outside, and the server of now.
class stage {
public:
  explicit stage(std::uint64_t seed);
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  [[nodiscard]] std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  [[nodiscard]] bool chance(std::uint64_t of_a_thousand) { return draw(1'000) < of_a_thousand; }

  /// A line of the trace, with the time before it.
  void note(const std::string& line);
  [[nodiscard]] const std::vector<std::string>& trace() const noexcept { return trace_; }
  /// How often something happened; a run in which hardly anything does proves nothing.
  void count(const std::string& what) { ++counts_[what]; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const noexcept { return counts_; }

  // The server and its lives:
  void start_server();
  void kill_server();
  /// True: everybody has ended in time.
  bool stop_server();
  [[nodiscard]] simulated_server& server() { return *server_; }
  [[nodiscard]] timestamp now() const { return server_ ? server_->now() : between_; }
  void pass_time(std::chrono::milliseconds by);

  /// Asks the server as `client`, notes what comes, and checks that something does. Nobody behind the handle:
  /// `overloaded`, as a handler of HTTP answers.
  template <class Answer, class Handle, class Message>
  void ask(std::size_t client, std::string what, const Handle& whom, Message message,
           std::function<void(caf::expected<Answer>&)> then) {
    const auto number = questions.ask(what, now());
    server_->ask<Answer>(
        client, whom, std::move(message),
        [this, number, what = std::move(what), then = std::move(then)](caf::expected<Answer> answer) {
          questions.answered(number, now());
          const auto code = answer ? ec::none : code_of(answer.error());
          note(what + ": " + (answer ? "ok" : std::string(describe(code).name)));
          count(answer ? "answers" : "errors");
          then(answer);
        });
  }
  /// Asks first whether the request may pass under `policy`; if not, `then` is not called.
  void ask_limiter(std::size_t client, const std::string& policy, std::uint64_t who,
                   std::function<void()> then);

private:
  void end_server();
  void on_delivery(const pretended_wechat::delivery& what);
  [[nodiscard]] bool ledger_knew_more(message_id id, const memory_store::message_row& row) const;

  std::mt19937_64 random_;
  std::uint64_t seed_;
  std::uint64_t lives_ = 0;
  std::vector<std::string> trace_;
  std::map<std::string, std::uint64_t> counts_;
  timestamp between_; ///< while there is no server

public:
  findings found;
  session_owners owners{found};
  open_questions questions{found, longest_question};
  token_fetches fetches{found};
  limit_counts limits{found};
  deliveries sent{found};
  accepted_work work{found};

  memory_store_ptr store = std::make_shared<memory_store>();
  pretended_wechat wechat;
  std::map<std::pair<user_id, std::string>, timestamp> reported; ///< the last consent, by user and template
  std::map<std::string, user_id> users;                          ///< by openid, as far as logins have told

private:
  std::unique_ptr<simulated_server> server_; ///< uses all of the above
};

} // namespace weappd::simulation
