#pragma once

#include "tests/kit/net/socket.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A small blocking HTTP client over loopback. Every wait has a deadline.
namespace weappd::kit {

using field_list = std::vector<std::pair<std::string, std::string>>;

struct http_response {
  int status = 0;
  std::string reason;
  field_list headers;
  std::string body;

  /// The first field of that name in any case; empty if there is none.
  [[nodiscard]] std::string header(std::string_view name) const;
  /// The body as JSON; a discarded value if it is none.
  [[nodiscard]] nlohmann::json json() const;
};

/// The other side ended the connection before what was asked for had come.
struct connection_closed : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// What was asked for did not come in time.
struct deadline_passed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Bytes out, bytes or answers in.
class raw_connection {
public:
  using milliseconds = std::chrono::milliseconds;

  /// `patience` bounds each call below. Throws std::system_error if nobody listens.
  explicit raw_connection(std::uint16_t port, milliseconds patience = milliseconds(5000));
  virtual ~raw_connection() = default;
  raw_connection(raw_connection&&) = default;
  raw_connection& operator=(raw_connection&&) = default;

  /// False if the other side has closed: what was not sent is lost, an answer may still be there to be read.
  virtual bool send(std::string_view bytes);
  /// In two segments: the second is sent once the other side's TCP has the first.
  bool send_cut(std::string_view bytes, std::size_t cut);
  void shutdown_send();
  /// Goes away with a reset.
  void reset() { socket_.reset(); }
  /// For bytes that go past what a derived class makes of them.
  [[nodiscard]] int descriptor_number() const noexcept { return socket_.get(); }

  /// The next answer, also a 1xx. `bodiless`: it answers HEAD.
  http_response read_response(bool bodiless = false);
  /// The next final answer; skips 1xx.
  http_response read_final_response(bool bodiless = false);
  /// Everything up to the end of the connection.
  std::string read_until_close();
  /// Whether the other side ends the connection without another byte (a reset is an end, too).
  bool is_closed_in_silence();
  /// Whether nothing at all comes for this long, neither a byte nor the end.
  bool is_silent_for(milliseconds time);

protected:
  /// False if nothing came in time; true when there are more bytes or the end was seen.
  virtual bool receive(milliseconds patience);
  [[nodiscard]] milliseconds patience() const noexcept { return patience_; }
  void received(std::string_view bytes) { buffer_ += bytes; }
  void received_end() noexcept { ended_ = true; }

private:
  void receive_or_throw(const char* wanted);
  std::string take_head();

  descriptor socket_;
  milliseconds patience_;
  std::string buffer_; ///< received, not yet taken
  bool ended_ = false;
};

/// A request and its answer.
struct exchange {
  std::string_view method;
  std::string_view path; ///< with its query
  std::string_view body;
  const http_response& answer;
};

/// From now on `see` sees every exchange of every http_client in this process, on whatever thread. For a
/// check that holds for all tests of a program; call it before the first one.
void observe_exchanges(void (*see)(const exchange&));

/// Requests one after the other over one connection that is kept alive.
class http_client {
public:
  explicit http_client(std::uint16_t port,
                       std::chrono::milliseconds patience = std::chrono::milliseconds(5000))
      : port_(port), patience_(patience) {}

  http_response get(std::string_view path, const field_list& headers = {});
  http_response post_json(std::string_view path, const nlohmann::json& body, const field_list& headers = {});
  /// With an empty body no Content-Type is sent. A kept connection that turns out to be closed is replaced
  /// once.
  http_response request(std::string_view method, std::string_view path, std::string_view body = {},
                        const field_list& headers = {});

private:
  std::uint16_t port_;
  std::chrono::milliseconds patience_;
  std::optional<raw_connection> connection_;
};

} // namespace weappd::kit
