#include "tests/kit/rounds.hpp"
#include "tests/simulation/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace weappd::simulation {
namespace {

constexpr std::uint64_t cases = rounds(8, 2);
constexpr std::uint64_t seeds_per_case = 25;

using tally = std::map<std::string, std::uint64_t>;

void add(tally& all, const tally& one) {
  for (const auto& [what, count] : one)
    all[what] += count;
}

std::string in_lines(const tally& all) {
  std::ostringstream out;
  for (const auto& [what, count] : all)
    out << "  " << count << ' ' << what << '\n';
  return out.str();
}

/// What went wrong, what led to it, and how to see it again.
std::string story_of(const run_report& run) {
  std::ostringstream out;
  out << "seed " << run.seed << "; to repeat it with the whole trace:\n  SIMULATION_SEED=" << run.seed
      << " build/release/tests/simulation --gtest_filter=simulation.of_one_seed_prints_its_trace\n";
  for (const auto& what : run.violations)
    out << "  " << what << '\n';
  const auto first = std::ranges::find_if(
      run.trace, [](const std::string& line) { return line.find("VIOLATION") != std::string::npos; });
  constexpr std::ptrdiff_t before = 40;
  const auto from = first - std::min(before, first - run.trace.begin());
  const auto to = first == run.trace.end() ? first : first + 1;
  std::for_each(from, to, [&](const std::string& line) { out << "    " << line << '\n'; });
  return out.str();
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const auto* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise : std::stoull(text);
}

TEST(simulation, of_the_same_seed_is_the_same) {
  const auto first = simulate(1);
  const auto second = simulate(1);
  ASSERT_GT(first.trace.size(), 1'000U);
  EXPECT_EQ(first.trace, second.trace);
  EXPECT_NE(first.trace, simulate(2).trace);
}

class simulation_of_seeds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(simulation_of_seeds, keeps_all_promises) {
  tally counts;
  for (std::uint64_t i = 0; i < seeds_per_case; ++i) {
    const auto run = simulate(GetParam() * seeds_per_case + i);
    ASSERT_TRUE(run.violations.empty()) << story_of(run);
    add(counts, run.counts);
  }
  // A run in which hardly anything happens proves nothing.
  for (const auto* what : {"logins", "refreshes", "thefts", "messages", "deliveries", "replays", "retries",
                           "refused by a limit", "kills", "server kills", "server stops",
                           "fault lose_question", "fault lose_answer", "fault fail", "fault delay_question",
                           "fault delay_answer", "fault reorder", "fault kill_before", "fault kill_after"})
    EXPECT_GE(counts[what], 20U) << what;
}

INSTANTIATE_TEST_SUITE_P(many, simulation_of_seeds, testing::Range<std::uint64_t>(0, cases));

TEST(simulation, of_one_seed_prints_its_trace) {
  const auto seed = number_from("SIMULATION_SEED", 0);
  if (seed == 0)
    GTEST_SKIP() << "SIMULATION_SEED says which one";
  const auto run = simulate(seed);
  for (const auto& line : run.trace)
    std::cout << line << '\n';
  std::cout << in_lines(run.counts);
  EXPECT_TRUE(run.violations.empty()) << story_of(run);
}

/// `make soak`.
TEST(soak, of_many_seeds_keeps_all_promises) {
  const auto seeds = number_from("SIMULATION_SEEDS", 0);
  const auto first = number_from("SIMULATION_FIRST", 1'000);
  if (seeds == 0)
    GTEST_SKIP() << "SIMULATION_SEEDS says how many";
  tally counts;
  tally excused;
  std::uint64_t failed = 0;
  for (auto seed = first; seed < first + seeds; ++seed) {
    const auto run = simulate(seed);
    add(counts, run.counts);
    add(excused, run.excused);
    if (!run.violations.empty() && ++failed == 1)
      ADD_FAILURE() << "the first seed that fails: " << story_of(run);
    if ((seed - first + 1) % 500 == 0)
      std::cout << seed - first + 1 << " seeds, " << failed << " failed" << std::endl;
  }
  std::cout << seeds << " seeds from " << first << ", " << failed << " failed\n"
            << "what happened:\n"
            << in_lines(counts) << "known findings met (DESIGN.md, section 43):\n"
            << in_lines(excused);
  EXPECT_EQ(failed, 0U);
}

} // namespace
} // namespace weappd::simulation
