#include "http/server/connection.hpp"

#include "http/server/dispatcher.hpp"
#include "http/server/envelope.hpp"
#include "http/server/media_type.hpp"
#include "http/server/request_actor.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace weappd::http {
namespace {

using clock = std::chrono::steady_clock;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t read_size = 4096;       // a typical request in one go
constexpr std::size_t body_read_size = 65536; // while a body is arriving
constexpr std::size_t max_buffered = 128 * 1024;
// Answers to pipelined requests are gathered up to this size before they are given to the socket; a buffer
// that has grown beyond it is not kept.
constexpr std::size_t max_gathered = 64 * 1024;
// After the last answer we read on for a while and throw it away: closing a socket with unread bytes in it
// sends a reset, and the client might lose the answer that was on its way.
constexpr std::size_t max_linger_bytes = 8 * 1024 * 1024;
constexpr auto linger_time = std::chrono::seconds(2);

std::string_view bytes_of(const boost::beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

} // namespace

connection::connection(tcp_socket socket, boost::asio::ip::address peer, admission admitted, io_unit& unit,
                       dispatcher& desk, std::unique_ptr<tls_session> tls, bool may_hand_on)
    : socket_(std::move(socket)), unit_(unit), desk_(desk), peer_(std::move(peer)), admitted_(admitted),
      tls_(std::move(tls)), may_hand_on_(may_hand_on), in_(max_buffered), reader_(desk.limits()),
      since_(clock::now()), waiting_(tls_ ? waiting::handshake : waiting::request) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
}

connection::~connection() {
  desk_.connections().close(peer_, admitted_);
}

void connection::start() {
  if (admitted_ == admission::welcome)
    return do_read();
  refuse(ec::overloaded);
  do_write();
}

// The request counts as in flight until its connection has the answer: who stops the server waits for none in
// flight and then ends the connections.
void connection::reply(connection_ptr self, const route& target, std::uint64_t sequence, response answer) {
  if (io_unit::current() == &self->unit_) {
    self->desk_.request_ended(target);
    return self->finish(sequence, answer);
  }
  auto& context = self->unit_.context();
  boost::asio::post(context, [self = std::move(self), &target, sequence, answer = std::move(answer)] {
    self->desk_.request_ended(target);
    self->finish(sequence, answer);
  });
}

void connection::release(connection_ptr self, const route& target) {
  if (io_unit::current() == &self->unit_)
    return self->desk_.request_ended(target);
  auto& context = self->unit_.context();
  boost::asio::post(context, [self = std::move(self), &target] { self->desk_.request_ended(target); });
}

void connection::answer_now(const response& answer) {
  append(answer);
}

void connection::wait_for(caf::strong_actor_ptr request_actor) {
  pending_ = true;
  actor_ = std::move(request_actor);
  waiting_ = waiting::handler;
  since_ = taken_;
}

void connection::sweep(clock::time_point now) {
  if (closed_ || write_scheduled_) // an answer is on its way out: look again the next time
    return;
  const auto& times = desk_.settings();
  if (blocked_ && now - blocked_since_ > milliseconds(times.idle_timeout_ms))
    return close();
  if (blocked_ && waiting_ != waiting::handler && waiting_ != waiting::handshake)
    return; // we do not read from it either
  const auto waited = now - since_;
  switch (waiting_) {
  case waiting::handshake:
    if (desk_.stopping())
      close();
    else if (waited > milliseconds(times.tls.handshake_timeout_ms)) {
      tls_->give_up();
      close();
    }
    break;
  case waiting::request:
    if (waited > milliseconds(times.idle_timeout_ms) || (desk_.stopping() && in_.size() == 0))
      close();
    break;
  case waiting::head:
  case waiting::body: {
    const auto limit = waiting_ == waiting::head ? times.header_timeout_ms : times.body_timeout_ms;
    if (waited > milliseconds(limit)) {
      refuse(ec::request_timeout);
      do_write();
    }
    break;
  }
  case waiting::handler:
    if (waited > milliseconds(times.handler_timeout_ms)) {
      stop_actor();
      const bool problem = accepts_problem_json(reader_.current().accept);
      finish(sequence_, failure(ec::handler_timeout, facts_.id.view(), problem));
    }
    break;
  case waiting::linger:
    if (waited > linger_time)
      close();
    break;
  }
}

bool connection::leave(const departure& how) {
  if (closed_ || (last_answer_ && waiting_ == waiting::linger))
    return false;
  if (write_scheduled_) // an answer is on its way out: look again the next time
    return true;
  if (how.is_late && blocked_) { // everybody else waits for this client to read
    close();
    return false;
  }
  handing_on_ = how.has_successor && may_hand_on_;
  if (is_between_requests()) {
    if (handing_on_)
      hand_on();
    else if (how.now - since_ > departure::silence)
      end_early();
  } else if (how.is_late && waiting_ == waiting::handshake) {
    close();
  } else if (how.is_late && (waiting_ == waiting::head || waiting_ == waiting::body) && !last_answer_) {
    refuse(ec::draining);
    do_write();
  }
  return !closed_ && waiting_ != waiting::linger;
}

/// Nothing of this connection is anywhere but in the socket.
bool connection::is_between_requests() const noexcept {
  return !closed_ && waiting_ == waiting::request && !pending_ && !last_answer_ && in_.size() == 0 &&
         !reader_.begun() && !has_output() && !working_;
}

/// A read may be under way. One that has brought something already is not cancelled; the request is served
/// first then.
void connection::hand_on() {
  error_code ignored;
  if (reading_) {
    socket_.cancel(ignored);
    return;
  }
  desk_.hand_on(socket_handle(socket_.release(ignored)));
  closed_ = true;
}

void connection::end_early() {
  ended_early_ = true;
  last_answer_ = true;
  do_write();
}

void connection::end() {
  if (write_scheduled_ && !closed_)
    flush();
  close();
}

void connection::close() {
  if (tls_ && !closed_)
    hang_up_politely();
  closed_ = true;
  pending_ = false;
  stop_actor(); // or it might wait for ever: nobody watches its time any more
  error_code ignored;
  socket_.close(ignored);
}

void connection::do_read() {
  if (reading_ || closed_)
    return;
  if (handing_on_ && is_between_requests())
    return hand_on();
  const bool many = waiting_ == waiting::body || waiting_ == waiting::linger;
  if (!many && in_.size() == 0 && in_.capacity() > read_size)
    in_.shrink_to_fit(); // idle connections keep little memory
  if (tls_)
    return do_read_wire();
  reading_ = true;
  const auto size = many ? body_read_size : read_size;
  socket_.async_read_some(
      in_.prepare(std::min(size, in_.max_size() - in_.size())),
      [self = connection_ptr(this)](error_code failed, std::size_t read) { self->on_read(failed, read); });
}

void connection::on_read(error_code failed, std::size_t size) {
  reading_ = false;
  if (closed_)
    return;
  if (failed == boost::asio::error::operation_aborted && handing_on_ && is_between_requests())
    return hand_on();
  if (failed)
    return close();
  if (waiting_ == waiting::linger)
    return linger_on(size);
  in_.commit(size);
  do_work();
  unit_.relieve();
}

void connection::linger_on(std::size_t size) {
  if (ended_early_ && lingered_ == 0 && !tls_) // over TLS it is most often the client's goodbye
    desk_.came_too_late();
  lingered_ += size;
  return lingered_ > max_linger_bytes ? close() : do_read();
}

/// Takes what the buffer holds, one request after the other; what was answered is written at the end of the
/// round.
void connection::do_work() {
  if (working_ || closed_)
    return;
  working_ = true;
  while (make_room() && take_bytes()) {
  }
  working_ = false;
  note_progress();
  if (has_output() || last_answer_)
    write_later();
  else if (!pending_)
    do_read();
}

/// May another request be taken? Not while one is worked on, nor while the socket has not taken what was
/// answered.
bool connection::make_room() {
  if (out_.size() > max_gathered)
    flush();
  return !closed_ && !pending_ && !last_answer_ && !blocked_;
}

/// Feeds the reader once. False when it needs more bytes than there are.
bool connection::take_bytes() {
  if (in_.size() == 0)
    return false;
  const auto used = reader_.read(bytes_of(in_));
  in_.consume(used);
  switch (reader_.where()) {
  case request_reader::phase::refused:
    refuse(reader_.refusal());
    return true;
  case request_reader::phase::complete:
    take_request();
    return true;
  case request_reader::phase::body:
    if (reader_.expects_continue() && !told_to_continue_) {
      told_to_continue_ = true;
      if (in_.size() == 0) // else the client did not wait for it
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    return used != 0 && in_.size() != 0;
  case request_reader::phase::head:
    return used != 0 && in_.size() != 0;
  }
  return false;
}

void connection::take_request() {
  taken_ = clock::now();
  facts_.target = nullptr;
  facts_.user = {};
  facts_.service = nullptr;
  facts_.by_operator = false;
  facts_.measured = false;
  facts_.head_only = reader_.current().verb == method::head;
  facts_.method = to_string(reader_.current().verb);
  facts_.cors_fields = {};
  desk_.take(*this, reader_.current());
}

void connection::refuse(ec code) {
  taken_ = clock::now();
  const auto& request = reader_.current(); // empty unless its head was complete
  facts_ = {};
  facts_.id = desk_.request_id_for(request);
  facts_.head_only = request.verb == method::head;
  facts_.cors_fields = desk_.cors_fields_for(request);
  auto answer = failure(code, facts_.id.view(), accepts_problem_json(request.accept));
  answer.close = true;
  append(answer);
}

void connection::finish(std::uint64_t sequence, const response& answer) {
  if (closed_ || !pending_ || sequence != sequence_)
    return; // too late: the request has been answered by the sweep
  pending_ = false;
  actor_ = nullptr;
  append(answer);
  if (!working_)
    do_work();
}

void connection::append(const response& answer) {
  const auto& request = reader_.current();
  const bool refused = reader_.where() != request_reader::phase::complete;
  last_answer_ = answer.close || refused || !request.keep_alive || desk_.closing(may_hand_on_);
  answer_frame frame;
  frame.request_id = facts_.id.view();
  frame.date = desk_.date();
  frame.head_only = facts_.head_only;
  frame.close = last_answer_;
  frame.http_1_0 = !refused && request.version == 10;
  frame.fields = facts_.cors_fields;
  if (tls_)
    frame.transport = desk_.strict_transport();
  append_response(out_, answer, frame);
  since_ = clock::now();
  desk_.answered(facts_, answer, taken_, since_);
  ++sequence_;
  told_to_continue_ = false;
  waiting_ = waiting::request; // its time began with this answer
  reader_.next();
}

void connection::write_later() {
  if (!write_scheduled_)
    unit_.at_round_end(connection_ptr(this));
  write_scheduled_ = true;
}

void connection::at_round_end() {
  write_scheduled_ = false;
  do_write();
}

void connection::do_write() {
  if (closed_ || !flush())
    return;
  if (last_answer_)
    return begin_linger();
  if (!pending_)
    do_read();
}

/// Nearly always the socket takes all of it at once: that saves a round through epoll. False: it did not, and
/// on_writable() goes on; or the connection is closed.
bool connection::flush() {
  if (blocked_)
    return false;
  if (tls_ && !seal()) {
    close();
    return false;
  }
  auto& wire = tls_ ? tls_->outgoing() : out_;
  while (written_ < wire.size()) {
    error_code failed;
    written_ += socket_.write_some(boost::asio::buffer(wire) + written_, failed);
    if (failed == boost::asio::error::would_block) {
      blocked_ = true;
      blocked_since_ = clock::now();
      socket_.async_wait(tcp_socket::wait_write,
                         [self = connection_ptr(this)](error_code error) { self->on_writable(error); });
      return false;
    }
    if (failed) {
      close();
      return false;
    }
  }
  written_ = 0;
  make_empty(wire);
  return true;
}

void connection::on_writable(error_code failed) {
  blocked_ = false;
  if (closed_)
    return;
  if (failed)
    return close();
  if (!flush())
    return;
  if (!pending_)
    since_ = clock::now(); // only now does the client's time for its next request begin
  do_work();
}

/// Whoever works on the request need not answer any more.
void connection::stop_actor() {
  if (actor_)
    caf::anon_send(caf::actor_cast<request_port>(std::exchange(actor_, nullptr)), abandon{});
}

void connection::make_empty(std::string& buffer) {
  if (buffer.capacity() > max_gathered)
    buffer = std::string();
  else
    buffer.clear();
}

void connection::begin_linger() {
  if (waiting_ == waiting::linger)
    return;
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
  wait(waiting::linger);
  in_.consume(in_.size());
  do_read();
}

void connection::wait(waiting what) {
  waiting_ = what;
  since_ = clock::now();
}

/// After the reader has taken bytes: what do we wait for now? The time of a head or a body begins once, not
/// with each byte, or a client could send one byte a second for ever.
void connection::note_progress() {
  if (closed_ || pending_ || last_answer_ || is_shaking_hands())
    return;
  auto next = waiting::request;
  if (reader_.where() == request_reader::phase::body)
    next = waiting::body;
  else if (reader_.begun() || in_.size() != 0)
    next = waiting::head;
  if (next != waiting_)
    wait(next);
}

} // namespace weappd::http
