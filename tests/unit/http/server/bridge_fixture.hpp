#pragma once

#include "http/server/http_server.hpp"
#include "tests/kit/net/raw_http.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>
#include <prometheus/registry.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace weappd::http::test {

/// To the fake session router: answer everything that you hold back.
struct answer_held {};
/// To itself: this one is due.
struct tick_answer {
  std::uint64_t number = 0;
};

} // namespace weappd::http::test
WEAPPD_MESSAGE(weappd::http::test::answer_held)
WEAPPD_MESSAGE(weappd::http::test::tick_answer)
namespace weappd::http::test {

/// A session router that answers get_profile after as many milliseconds as the number of the user that it
/// names, or `hold_back`: not before it is told to.
using fake_router_actor =
    session_router_actor::extend<caf::reacts_to<answer_held>, caf::reacts_to<tick_answer>>;
constexpr std::uint64_t hold_back = 1'000'000;

/// Whether a condition comes true in time.
template <class F>
bool eventually(F&& condition, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::yield();
  }
  return true;
}

/// What was logged, from any thread.
class recorded_log final : public event_log, public access_log {
public:
  struct answered {
    std::string request_id;
    std::string method;
    std::string route;
    std::string error;
    int status = 0;
    std::size_t bytes = 0;
  };
  void write(event_level level, std::string_view event, std::initializer_list<field> fields) override;
  void write(const access_entry& entry) override;

  [[nodiscard]] std::size_t count(std::string_view event) const;
  [[nodiscard]] std::vector<answered> requests() const;

private:
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
  std::vector<answered> requests_;
};

/// The bridge with fakes behind it: real io threads, real sockets. Routes: see bridge_fixture.cpp. All times
/// of http_options are long unless `change` shortens them.
class bridge {
public:
  using change = std::function<void(options&)>;
  explicit bridge(const change& wish = {}, std::size_t io_threads = 2);
  ~bridge() { stop(); }
  bridge(const bridge&) = delete;
  bridge& operator=(const bridge&) = delete;

  [[nodiscard]] kit::raw_connection connect() const { return kit::raw_connection(server_.port()); }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  /// One request over a connection of its own.
  [[nodiscard]] kit::http_response get(std::string_view path, const kit::field_list& fields = {}) const;
  [[nodiscard]] kit::http_response request(std::string_view method, std::string_view path,
                                           std::string_view body = {},
                                           const kit::field_list& fields = {}) const;

  [[nodiscard]] caf::actor_system& system() noexcept { return *system_; }
  [[nodiscard]] server_context& context() noexcept { return context_; }
  [[nodiscard]] http_server& server() noexcept { return server_; }
  [[nodiscard]] recorded_log& log() noexcept { return log_; }
  [[nodiscard]] directory& parts() noexcept { return *context_.parts; }
  /// How many profiles the fake router holds back.
  [[nodiscard]] std::size_t held() const noexcept { return held_->load(); }
  void answer_all_held() { caf::anon_send(router_, answer_held{}); }
  void kill_router();
  /// The fake rate limiter refuses everybody from now on.
  void refuse_all() { *refusing_ = true; }
  /// A token that is accepted.
  [[nodiscard]] std::string access_token(user_id user) const;

  /// No request is being worked on, and no actor is there that was not there at the start.
  [[nodiscard]] bool is_at_rest();

  /// The daemon's order; `patience` is for requests that are being worked on.
  void stop(std::chrono::milliseconds patience = std::chrono::milliseconds(0));

private:
  options settings_;
  key_set keys_;
  system_wall_clock clock_;
  recorded_log log_;
  prometheus::Registry registry_;
  server_metrics metrics_{registry_};
  server_context context_;
  http_server server_;
  caf::actor_system_config caf_config_;
  std::unique_ptr<caf::actor_system> system_;
  std::shared_ptr<std::atomic<std::size_t>> held_ = std::make_shared<std::atomic<std::size_t>>(0);
  std::shared_ptr<std::atomic<bool>> refusing_ = std::make_shared<std::atomic<bool>>(false);
  fake_router_actor router_;
  std::size_t actors_at_start_ = 0;
};

/// "GET <path> HTTP/1.1" with Host and these further lines.
std::string get_bytes(std::string_view path, std::string_view lines = {});
/// The query of the request that this answers: what tells answers apart. Empty if it is no such answer.
std::string echo_of(const kit::http_response& answer);
/// The body that /big/<size> sends.
std::string big_body(std::size_t size);

} // namespace weappd::http::test
