#pragma once

#include "config/options.hpp"
#include "messages/error.hpp"
#include "messages/ids.hpp"
#include "tests/kit/net/raw_http.hpp"
#include "tests/kit/net/self_signed.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace weappd::http::test {

/// Whether a condition comes true in time.
template <class F>
bool eventually(F&& condition, std::chrono::milliseconds patience = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::yield();
  }
  return true;
}

/// A line of the access log.
struct answered {
  std::string request_id;
  std::string method;
  std::string route;
  std::string error;
  int status = 0;
  std::size_t bytes = 0;
};

/// The bridge with fakes behind it: real io threads, real sockets on a free port of loopback. Routes:
///
///     GET /fast, POST /fast (JSON), POST /any   answers with what echo_of() finds
///     GET /alive        the same, also while new requests are refused
///     GET /limited      the same behind the rate limiter
///     GET /me           the same for clients with an access token
///     GET /after/{ms}   asks another actor, which answers after so many milliseconds
///     GET /held         asks another actor, which answers when answer_all_held() is called
///     GET /detached     asks an actor that has a thread of its own
///     GET /nobody       asks a part whose address is empty
///     GET /throws, /throws_later, /quits, /forgets, /twice   misbehave
///     GET /big/{size}   so many bytes
class bridge {
public:
  /// All times are the defaults of http_options unless `wish` shortens them.
  explicit bridge(const std::function<void(options&)>& wish = {}, std::size_t io_threads = 2);
  ~bridge();

  [[nodiscard]] kit::raw_connection connect() const { return kit::raw_connection(port()); }
  [[nodiscard]] std::uint16_t port() const;
  /// Where https is; 0 unless `wish` wanted a port for it.
  [[nodiscard]] std::uint16_t tls_port() const;
  /// Of new TLS connections from now on. The first one is made by the fixture.
  void use_certificate(const kit::self_signed& other);
  /// Somebody sets the clock of the machine.
  void jump(std::chrono::seconds time);
  /// One request over a connection of its own.
  [[nodiscard]] kit::http_response get(std::string_view path, const kit::field_list& fields = {}) const;
  [[nodiscard]] kit::http_response request(std::string_view method, std::string_view path,
                                           std::string_view body = {},
                                           const kit::field_list& fields = {}) const;
  /// A token that is accepted.
  [[nodiscard]] std::string access_token(user_id user) const;

  /// Requests of /held and /after that wait for their answer.
  [[nodiscard]] std::size_t held() const;
  void answer_all_held();
  /// The actor behind /held and /after dies.
  void kill_asked_actor();
  /// The rate limiter refuses everybody from now on.
  void refuse_all();
  void remove_rate_limiter();
  void drain();
  void refuse_new_requests();
  void stop_accepting();
  /// In the daemon's order; `patience` is for requests that are being worked on.
  void stop(std::chrono::milliseconds patience = std::chrono::milliseconds(0));

  [[nodiscard]] std::uint32_t in_flight() const;
  [[nodiscard]] std::uint32_t connections() const;
  [[nodiscard]] std::size_t running_actors() const;
  /// No request is being worked on, and no actor is there that was not there at the start.
  [[nodiscard]] bool is_at_rest() const;
  [[nodiscard]] std::vector<answered> log() const;
  [[nodiscard]] std::size_t count_events(std::string_view name) const;
  [[nodiscard]] std::string metrics() const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// "GET <path> HTTP/1.1" with Host and these further lines.
std::string get_bytes(std::string_view path, std::string_view lines = {});
/// The query of the request that this answers: what tells answers apart. Empty if it is no such answer.
std::string echo_of(const kit::http_response& answer);
/// What /big/{size} sends.
std::string big_body(std::size_t size);

} // namespace weappd::http::test
