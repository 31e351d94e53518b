// What a call of WeChat costs the thread of libcurl: the processor time of that thread alone, on kept
// connections without TLS, by how many calls are under way and how long the access token is. The pretended
// WeChat answers each at once that it does not know the token.
#include "http/client/curl_client.hpp"
#include "simulator/server.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <ctime>
#include <semaphore>
#include <stdexcept>
#include <string>

namespace {

using namespace weappd;

constexpr int warm_up = 2'000; // connections are made
constexpr int calls = 50'000;

const std::string message =
    R"({"touser":"o12345678901234567890123456","template_id":"tmpl_order_paid","page":"pages/order/detail?id=1",)"
    R"("data":{"character_string1":{"value":"NO20261127"},"amount2":{"value":"18.50"},"time3":{"value":"15:01"},)"
    R"("thing4":{"value":"order paid"}},"miniprogram_state":"formal","lang":"zh_CN"})";

double thread_seconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

/// Calls in a row, and what the client's thread used for those after the warm-up.
class measured_calls {
public:
  measured_calls(http_client& client, std::uint16_t port, int under_way, std::size_t token_size)
      : client_(client), room_(under_way),
        url_("http://127.0.0.1:" + std::to_string(port) +
             "/cgi-bin/message/subscribe/send?access_token=" + std::string(token_size, 't')) {}

  /// Seconds of that thread for a call.
  double run() {
    for (int i = 0; i < warm_up + calls; ++i) {
      room_.acquire();
      if (!client_.start(next_call(), [this](const http_outcome& outcome) { ended(outcome); }))
        throw std::runtime_error("the client takes no more calls");
    }
    over_.acquire();
    return (end_ - begin_) / calls;
  }

private:
  [[nodiscard]] http_call next_call() const {
    http_call call;
    call.method = http_method::post;
    call.url = secret(url_);
    call.body = secret(message);
    call.content_type = "application/json";
    return call;
  }
  /// On the client's thread.
  void ended(const http_outcome& outcome) {
    failed_ += outcome.failure == http_failure::none ? 0 : 1;
    if (++ended_ == warm_up)
      begin_ = thread_seconds();
    room_.release();
    if (ended_ < warm_up + calls)
      return;
    end_ = failed_ == 0 ? thread_seconds() : begin_;
    over_.release();
  }

  http_client& client_;
  std::counting_semaphore<> room_;
  std::binary_semaphore over_{0};
  std::string url_;
  int ended_ = 0;
  int failed_ = 0;
  double begin_ = 0;
  double end_ = 0;
};

void call_of_wechat(benchmark::State& state) {
  simulator::server peer({.apps = {{"wx_demo", secret("s")}}});
  peer.start();
  curl_client client({.max_connections = 256});
  for (auto _ : state) {
    measured_calls run(client, peer.port(), static_cast<int>(state.range(0)),
                       static_cast<std::size_t>(state.range(1)));
    const auto seconds = run.run();
    if (seconds <= 0)
      return state.SkipWithError("a call failed");
    state.SetIterationTime(seconds);
  }
}
BENCHMARK(call_of_wechat)
    ->ArgNames({"under_way", "token"})
    ->ArgsProduct({{24, 192}, {40, 300}})
    ->Iterations(5)
    ->UseManualTime()
    ->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
