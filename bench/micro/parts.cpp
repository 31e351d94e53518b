// The parts of the hot path one by one: reading a request, checking its token, writing its answer; and
// measuring its messages.
#include "config/crypto/access_token.hpp"
#include "http/api/codec.hpp"
#include "http/server/envelope.hpp"
#include "http/server/request_reader.hpp"
#include "messages/meter/actor_meter.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>

namespace {

using namespace weappd;

const keyring ring({{"k1", secret(std::string(32, 'k'))}}, "k1");
constexpr std::int64_t now = 1'760'000'000;

std::string typical_token() {
  crypto::token_signer signer(ring, "weappd", "weappd-api");
  return signer.sign({.user = "123456789012345678",
                      .session = "0123456789abcdef0123456789abcdef",
                      .token = "0123456789abcdef",
                      .app = "demo",
                      .role = "user",
                      .issued_at = now,
                      .expires_at = now + 7200});
}

void verify_access_token(benchmark::State& state) {
  crypto::token_verifier verifier(ring, "weappd", "weappd-api");
  const auto token = typical_token();
  for (auto _ : state)
    benchmark::DoNotOptimize(verifier.verify(token, now).failure);
}
BENCHMARK(verify_access_token);

void read_request(benchmark::State& state) {
  http::request_reader reader(http::guard_limits{});
  const auto bytes = "GET /api/v1/users/me HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer " +
                     typical_token() + "\r\n\r\n";
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.read(bytes));
    if (reader.where() != http::request_reader::phase::complete)
      state.SkipWithError("the request was refused");
    reader.next();
  }
}
BENCHMARK(read_request);

void write_answer(benchmark::State& state) {
  user_record user;
  user.id = {123456789012345678};
  user.nickname = "a nickname";
  user.avatar_url = "https://example.com/avatar.png";
  for (auto _ : state) {
    auto answer = http::success(200, "0123456789abcdef0123456789abcdef",
                                [&](json::writer& data) { http::write_user(data, user); });
    benchmark::DoNotOptimize(answer.body.data());
  }
}
BENCHMARK(write_answer);

/// What a message costs the meters on its way into a mailbox and out of it, in groups of 64.
void measure_message(benchmark::State& state) {
  const auto clock = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
  constexpr int group = 64;
  actor_meter meter(clock());
  for (auto _ : state) {
    for (int i = 0; i < group; ++i) {
      benchmark::DoNotOptimize(meter.has_room());
      meter.arrive(clock);
    }
    for (int i = 0; i < group; ++i) {
      meter.begin(clock);
      meter.end(0, clock);
    }
  }
  state.SetItemsProcessed(state.iterations() * group);
}
BENCHMARK(measure_message);

} // namespace

BENCHMARK_MAIN();
