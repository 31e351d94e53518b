#pragma once

#include "messages/time.hpp"
#include "tests/simulation/checks/findings.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace weappd::simulation {

/// No answer without a question, and no question without an answer: each one is answered once, before its
/// asker's patience ends or its server is killed.
class open_questions {
public:
  static constexpr auto name = "open_questions";

  open_questions(findings& found, std::chrono::milliseconds patience) : found_(found), patience_(patience) {}

  /// Gives its number.
  std::uint64_t ask(std::string what, timestamp now) {
    open_.emplace(++asked_, question{std::move(what), now});
    return asked_;
  }
  void answered(std::uint64_t number, timestamp now) {
    const auto one = open_.extract(number);
    if (one.empty())
      return found_.violation(name,
                              "an answer to question " + std::to_string(number) + ", which nobody asks");
    judge(one.mapped(), now);
  }
  /// The server is gone: nobody expects an answer of it any more.
  void cut() { open_.clear(); }
  /// Those that are open still.
  void check(timestamp now) {
    for (const auto& [number, one] : open_)
      judge(one, now);
  }
  [[nodiscard]] std::uint64_t asked() const noexcept { return asked_; }

private:
  struct question {
    std::string what;
    timestamp at;
  };

  void judge(const question& one, timestamp now) {
    if (now - one.at > patience_)
      found_.violation(name, "no answer in time to " + one.what + " of " + to_rfc3339(one.at));
  }

  findings& found_;
  std::chrono::milliseconds patience_;
  std::map<std::uint64_t, question> open_;
  std::uint64_t asked_ = 0;
};

} // namespace weappd::simulation
