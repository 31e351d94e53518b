#pragma once

#include "http/server/connection_counter.hpp"
#include "http/server/departure.hpp"
#include "http/server/io_unit.hpp"
#include "http/server/request_reader.hpp"
#include "http/server/response.hpp"
#include "http/server/short_text.hpp"
#include "http/tls/tls_session.hpp"
#include "messages/ids.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <caf/actor_control_block.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weappd::http {

class dispatcher;
struct route;
struct service_client;

// A concrete executor: asio's type-erased one costs more than the parsing of a small request.
using tcp_socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class connection;
using connection_ptr = boost::intrusive_ptr<connection>;
using connection_hook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// One client connection. It lives on one io thread; only reply() may be called from another one.
///
/// Requests are worked on one after the other, so the answers of pipelined requests are in order. While one
/// is under way nothing more is read, and while an answer is not yet taken by the socket no further request
/// is begun: a client that sends ahead is slowed down by TCP, and what we keep for it is bounded by one read
/// and one answer. Over TLS the same holds, with a session between the socket and both buffers. The sweep
/// ends what has waited too long (`waiting`), also a client that does not read.
class connection final : public io_unit::round_end, public connection_hook {
public:
  /// `admitted` by the connection counter, and not as `dropped`. A refused one is told so and ended.
  /// `tls`: null for plain HTTP. `may_hand_on`: between two requests it is nothing but its socket.
  connection(tcp_socket socket, boost::asio::ip::address peer, admission admitted, io_unit& unit,
             dispatcher& desk, std::unique_ptr<tls_session> tls, bool may_hand_on);
  ~connection() override;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  void start();

  /// The answer to request `sequence`; one that comes after its time was up is dropped. May be called on any
  /// thread. Takes the caller's reference, because the last one must go on the connection's own thread.
  static void reply(connection_ptr self, const route& target, std::uint64_t sequence, response answer);
  /// Instead of reply(), from one that will not answer. For the same reason, on any thread.
  static void release(connection_ptr self, const route& target);

  /// Tells the client what a dispatcher decided at once, without an actor. Only from dispatcher::take().
  void answer_now(const response& answer);
  /// A request actor took the request. Only from dispatcher::take().
  void wait_for(caf::strong_actor_ptr request_actor);

  /// Writes what was answered in this round.
  void at_round_end() override;

  /// The server ends, and this is called again and again until it says that the connection is not needed any
  /// more: whoever works on a request is waited for, and so is, until it is late, the rest of a request or of
  /// a handshake. A connection that waits for its next request goes to the successor, over plain HTTP; else
  /// it is ended after a silence.
  bool leave(const departure& how);

  /// Ends what has waited for too long.
  void sweep(std::chrono::steady_clock::time_point now);
  /// At once, but for an answer that waits for the end of its round: it goes out first, as far as the socket
  /// takes it. Who works on a request is told to stop.
  void end();

  /// For the dispatcher: facts of the request that is being worked on, for the log.
  struct request_facts {
    const route* target = nullptr;
    std::string_view method;
    short_text id;
    short_text trace_id;
    user_id user;
    const service_client* service = nullptr;
    bool by_operator = false;
    bool measured = false; ///< an actor works on it: how long that takes is of interest
    bool head_only = false;
    std::string_view cors_fields; ///< complete header lines for the Origin that asked; of the server
  };
  request_facts& facts() noexcept { return facts_; }
  [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }
  [[nodiscard]] const boost::asio::ip::address& peer() const noexcept { return peer_; }

private:
  enum class waiting : std::uint8_t { handshake, request, head, body, handler, linger };

  void do_read();
  void on_read(boost::system::error_code failed, std::size_t size);
  void linger_on(std::size_t size);
  [[nodiscard]] bool is_between_requests() const noexcept;
  void hand_on();
  void end_early();
  void do_read_wire();
  void on_wire_ready(boost::system::error_code failed);
  void hang_up_politely();
  [[nodiscard]] bool is_shaking_hands() const noexcept { return tls_ && tls_->is_shaking_hands(); }
  [[nodiscard]] bool has_output() const noexcept {
    return !out_.empty() || (tls_ && !tls_->outgoing().empty());
  }
  bool seal();
  static void make_empty(std::string& buffer);
  void do_work();
  bool make_room();
  bool take_bytes();
  void take_request();
  void refuse(ec code);
  void finish(std::uint64_t sequence, const response& answer);
  void append(const response& answer);
  void write_later();
  void do_write();
  bool flush();
  void on_writable(boost::system::error_code failed);
  void close();
  void stop_actor();
  void begin_linger();
  void wait(waiting what);
  void note_progress();

  tcp_socket socket_;
  io_unit& unit_;
  dispatcher& desk_;
  const boost::asio::ip::address peer_;
  const admission admitted_;
  const std::unique_ptr<tls_session> tls_; ///< null for plain HTTP
  const bool may_hand_on_;
  boost::beast::flat_buffer in_;
  request_reader reader_;
  std::string out_;         ///< answers; over TLS those that are not yet sealed
  std::size_t written_ = 0; ///< bytes that the socket has, of out_ or of what was sealed
  request_facts facts_;
  caf::strong_actor_ptr actor_; ///< works on the request, if any
  std::uint64_t sequence_ = 0;
  std::chrono::steady_clock::time_point since_;         ///< when we began to wait for what we wait for
  std::chrono::steady_clock::time_point taken_;         ///< when the request was complete
  std::chrono::steady_clock::time_point blocked_since_; ///< when the socket last took less than we had
  std::size_t lingered_ = 0;
  waiting waiting_ = waiting::request;
  bool pending_ = false; ///< a request is being worked on
  bool working_ = false; ///< do_work() is on the stack
  bool reading_ = false;
  bool write_scheduled_ = false;
  bool blocked_ = false;     ///< the socket takes no more until the client reads
  bool last_answer_ = false; ///< after what is in out_ the connection ends
  bool told_to_continue_ = false;
  bool handing_on_ = false;  ///< goes to the successor once it is between two requests
  bool ended_early_ = false; ///< by leave(), without an answer that would have said so
  bool closed_ = false;
};

} // namespace weappd::http
