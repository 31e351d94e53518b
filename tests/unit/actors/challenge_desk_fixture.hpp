#pragma once

#include "actors/challenge_desk.hpp"
#include "messages/error.hpp"
#include "tests/kit/actors/fakes.hpp"
#include "tests/kit/actors/world.hpp"
#include "tests/kit/net/solve_work.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace weappd {

using namespace std::chrono_literals;
using verdict_of = login_admission::verdict;

inline options strict_desk(challenge_kind kind) {
  auto config = world_options();
  auto& rules = config.challenge;
  rules.kind = kind;
  rules.failed_logins = 2;
  rules.window_s = 60;
  rules.stay_s = 100;
  rules.bits = 3;
  rules.max_bits = 5;
  rules.validity_s = 30;
  rules.captcha.url = "https://captcha.example/siteverify";
  rules.captcha.site_key = "site-1";
  return config;
}

constexpr rate_key who_at(std::uint64_t n) {
  return {0, 0xffff'c000'0200 + n}; // 192.0.2.n
}

struct challenge_desk_fixture : ::testing::Test {
  explicit challenge_desk_fixture(challenge_kind kind) : w(strict_desk(kind)) {}

  world w;
  challenge_desk_self desk = w.spawn(challenge_desk, w.services());
  int ends = 0;

  void start_again() {
    w.kill(desk);
    desk = w.spawn(challenge_desk, w.services());
    w.run();
  }
  void end_of(std::uint64_t n, const std::string& attempt, bool well) {
    w.tell(desk, login_ended{.who = who_at(n), .attempt = secret(attempt), .succeeded = well});
    w.run();
  }
  /// So many logins, each with something else.
  void end(std::uint64_t n, bool well, int times = 1) {
    for (int i = 0; i < times; ++i)
      end_of(n, "end " + std::to_string(++ends), well);
  }
  static admit_login question(std::uint64_t n, const std::string& attempt, const std::string& challenge = {},
                              const std::string& solution = {}) {
    return {.who = who_at(n),
            .address = "192.0.2." + std::to_string(n),
            .attempt = secret(attempt),
            .challenge = challenge,
            .solution = secret(solution)};
  }
  login_admission ask(const admit_login& wanted) {
    auto said = w.ask<login_admission>(desk, wanted);
    EXPECT_TRUE(said) << describe(code_of(said.error())).name;
    return said ? *said : login_admission{};
  }
  verdict_of try_with(std::uint64_t n, const std::string& attempt, const std::string& challenge = {},
                      const std::string& solution = {}) {
    return ask(question(n, attempt, challenge, solution)).said;
  }
  std::size_t count(challenge_outcome how) { return w.challenge_figures().count(how); }
  std::string last_reason() {
    const auto lines = w.events().named("challenge.failed");
    return lines.empty() ? std::string() : lines.back().fields.at("reason");
  }
  health status() { return w.ask<status_report>(desk, get_status{})->state; }
};

} // namespace weappd
