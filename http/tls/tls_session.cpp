#include "http/tls/tls_session.hpp"

#include <boost/asio/buffer.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace weappd::http {
namespace {

constexpr std::size_t piece = 4096; // what a typical request needs

int write_wire(BIO* bio, const char* bytes, int size) {
  auto& wire = *static_cast<tls_session::wire*>(BIO_get_data(bio));
  wire.outgoing.append(bytes, static_cast<std::size_t>(size));
  return size;
}

int read_wire(BIO* bio, char* bytes, int size) {
  auto& wire = *static_cast<tls_session::wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (wire.incoming.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const auto taken = std::min(wire.incoming.size(), static_cast<std::size_t>(size));
  std::memcpy(bytes, wire.incoming.data(), taken);
  wire.incoming.remove_prefix(taken);
  return static_cast<int>(taken);
}

long control_wire(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0; // nothing is held back
}

const BIO_METHOD* wire_method() {
  static const std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> method = [] {
    std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> made(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "weappd wire"), BIO_meth_free);
    BIO_meth_set_write(made.get(), write_wire);
    BIO_meth_set_read(made.get(), read_wire);
    BIO_meth_set_ctrl(made.get(), control_wire);
    return made;
  }();
  return method.get();
}

const char* reason_of_failure() {
  const auto* reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason != nullptr ? reason : "unknown";
}

} // namespace

void tls_session::free_ssl::operator()(SSL* one) const noexcept {
  SSL_free(one);
}

std::unique_ptr<tls_session> tls_session::open(SSL_CTX& context, handshake_watch& watch) {
  ssl_ptr ssl(SSL_new(&context));
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(wire_method()), BIO_free);
  if (!ssl || !bio)
    return nullptr;
  std::unique_ptr<tls_session> made(new tls_session(std::move(ssl), watch));
  BIO_set_data(bio.get(), &made->wire_);
  BIO_set_init(bio.get(), 1);
  auto* const both_ways = bio.release();
  SSL_set_bio(made->ssl_.get(), both_ways, both_ways);
  SSL_set_accept_state(made->ssl_.get());
  return made;
}

tls_session::tls_session(ssl_ptr ssl, handshake_watch& watch) : watch_(watch), ssl_(std::move(ssl)) {}

tls_session::~tls_session() {
  if (phase_ == phase::handshake)
    watch_.abandoned();
}

void tls_session::receive(std::string_view bytes, boost::beast::flat_buffer& plain) {
  wire_.incoming = bytes;
  if (phase_ == phase::handshake)
    shake_hands();
  if (phase_ == phase::open)
    read_records(plain);
}

void tls_session::shake_hands() {
  ERR_clear_error();
  const auto result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    phase_ = phase::open;
    watch_.done(SSL_session_reused(ssl_.get()) == 1);
  } else if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) {
    watch_.failed(reason_of_failure());
    fail();
  }
}

/// Until it wants more of the wire than there is: nothing but the beginning of a record stays behind.
void tls_session::read_records(boost::beast::flat_buffer& plain) {
  for (;;) {
    const auto room = plain.prepare(std::min(piece, plain.max_size() - plain.size()));
    if (room.size() == 0)
      return fail(); // more at once than the caller said it would give us
    ERR_clear_error();
    std::size_t size = 0;
    const auto result = SSL_read_ex(ssl_.get(), room.data(), room.size(), &size);
    if (result == 1) {
      plain.commit(size);
      continue;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return;
    case SSL_ERROR_ZERO_RETURN:
      phase_ = phase::over;
      return;
    default:
      return fail();
    }
  }
}

bool tls_session::send(std::string_view plain) {
  ERR_clear_error();
  std::size_t written = 0;
  return (phase_ == phase::open || phase_ == phase::over) &&
         SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) == 1;
}

void tls_session::say_goodbye() {
  if (phase_ != phase::open && phase_ != phase::over)
    return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

void tls_session::give_up() {
  watch_.timed_out();
  fail();
}

void tls_session::fail() {
  phase_ = phase::failed;
  ERR_clear_error();
}

} // namespace weappd::http
