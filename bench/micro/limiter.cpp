// What a decision of the rate limiter costs: of known keys, of keys that come and go, and of more keys than
// there is room for.
#include "actors/logic/limit_table.hpp"
#include "actors/logic/limited_key.hpp"
#include "config/crypto/random.hpp"
#include "config/options.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace {

using namespace weappd;
using namespace std::chrono_literals;

/// 60 a minute and five at once: of a key that asked once all is there again after a second.
struct one_policy {
  limit_policy rule = make_limit_policy({.limit = 60, .window_s = 60, .burst = 5});
  [[nodiscard]] const limit_policy* find(std::size_t) const { return &rule; }
};

/// Keys 0 to `different` - 1 ask one after the other, `pace` apart.
void decide(benchmark::State& state, std::uint64_t different, std::size_t room,
            std::chrono::nanoseconds pace) {
  const one_policy policies;
  crypto::system_random random;
  limit_table<limited_key, limited_key_hash> table({.keys = room}, limited_key_hash::random(random));
  std::uint64_t asked = 0;
  auto now = std::chrono::nanoseconds(1s);
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.decide({.who = {.low = asked++ % different}}, now, policies));
    now += pace;
  }
  state.counters["keys"] = static_cast<double>(table.size());
  state.counters["bytes"] = static_cast<double>(table.bytes());
  state.counters["forced_out"] = static_cast<double>(table.forced_out());
}

constexpr auto endless = ~std::uint64_t{0};
constexpr std::int64_t decisions =
    400'000; // a benchmark that chooses for itself would never end where each is slow

BENCHMARK_CAPTURE(decide, ten_thousand_known, 10'000, 1'000'000, 100us)->Iterations(decisions);
BENCHMARK_CAPTURE(decide, ten_thousand_new_a_second, endless, 1'000'000, 100us)->Iterations(decisions);
BENCHMARK_CAPTURE(decide, a_million_and_room_for_a_tenth, 1'000'000, 100'000, 10us)->Iterations(decisions);

} // namespace

BENCHMARK_MAIN();
