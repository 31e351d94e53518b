#include "simulator/connection.hpp"

#include "simulator/control.hpp"

#include <boost/asio/socket_base.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace weappd::simulator {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using tcp = boost::asio::ip::tcp;

constexpr std::chrono::seconds idle_limit{60};
constexpr std::chrono::seconds transfer_limit{30};
constexpr std::uint32_t max_head_bytes = 64U << 10;
constexpr std::uint64_t max_body_bytes = 1U << 20;
constexpr std::uint64_t max_control_body_bytes = 64U << 20; // a fault may have a very large answer

} // namespace

connection::connection(tcp::socket socket, const answer_function& answer, std::size_t& open_connections)
    : stream_(std::move(socket)), timer_(stream_.get_executor()), answer_(answer),
      open_connections_(open_connections) {
  ++open_connections_;
}

connection::~connection() {
  --open_connections_;
}

void connection::do_read_head() {
  parser_.emplace();
  parser_->header_limit(max_head_bytes);
  parser_->body_limit(max_control_body_bytes);
  stream_.expires_after(idle_limit);
  http::async_read_header(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_read_head(error); });
}

void connection::on_read_head(beast::error_code error) {
  if (error == http::error::body_limit)
    return refuse(http::status::payload_too_large);
  if (error == http::error::end_of_stream)
    return close();
  if (error)
    return error.category() == http::make_error_code(http::error::bad_method).category()
               ? refuse(http::status::bad_request)
               : close();
  if (parser_->is_done())
    return do_answer();
  const auto target = parser_->get().target();
  if (!std::string_view(target.data(), target.size()).starts_with(control_prefix)) {
    if (parser_->content_length().value_or(0) > max_body_bytes)
      return refuse(http::status::payload_too_large);
    parser_->body_limit(max_body_bytes);
  }
  do_read_body();
}

void connection::do_read_body() {
  stream_.expires_after(transfer_limit);
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_read_body(error); });
}

void connection::on_read_body(beast::error_code error) {
  if (error == http::error::body_limit)
    return refuse(http::status::payload_too_large);
  if (error)
    return close();
  do_answer();
}

void connection::do_answer() {
  auto& call = parser_->get();
  const auto method = call.method_string();
  const auto target = call.target();
  reply_ = answer_(
      make_request({method.data(), method.size()}, {target.data(), target.size()}, std::move(call.body())));
  if (reply_.delay.count() > 0)
    return do_wait(reply_.delay);
  do_write();
}

void connection::do_wait(std::chrono::milliseconds delay) {
  timer_.expires_after(delay);
  timer_.async_wait([self = shared_from_this()](beast::error_code error) {
    if (!error)
      self->do_write();
  });
}

void connection::do_write() {
  if (reply_.reset)
    return do_reset();
  const auto& call = parser_->get();
  response_ = response(static_cast<http::status>(reply_.status), call.version());
  response_.set(http::field::content_type, reply_.content_type);
  if (!reply_.location.empty())
    response_.set(http::field::location, reply_.location);
  const bool without_body = call.method() == http::verb::head || reply_.status == 204 || reply_.status == 304;
  if (!without_body)
    response_.body() = std::move(reply_.body);
  response_.keep_alive(call.keep_alive() && !without_body);
  response_.prepare_payload();
  stream_.expires_after(transfer_limit);
  http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
    self->reply_.until_written.reset();
    if (error || !self->response_.keep_alive())
      return self->close();
    self->do_read_head();
  });
}

void connection::do_reset() {
  beast::error_code ignored;
  // Closing a socket that does not linger sends RST instead of FIN.
  stream_.socket().set_option(boost::asio::socket_base::linger(true, 0), ignored);
  stream_.socket().close(ignored);
}

void connection::refuse(http::status status) {
  response_ = response(status, 11);
  response_.keep_alive(false);
  response_.prepare_payload();
  stream_.expires_after(transfer_limit);
  http::async_write(stream_, response_,
                    [self = shared_from_this()](beast::error_code, std::size_t) { self->close(); });
}

void connection::close() {
  beast::error_code ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  stream_.socket().close(ignored);
}

} // namespace weappd::simulator
