#include "tests/kit/net/tls_connection.hpp"

#include "tests/kit/net/self_signed.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <csignal>

namespace weappd::kit {
namespace {

void give_up_after(int socket, std::chrono::milliseconds patience) {
  const timeval limit{patience.count() / 1000, patience.count() % 1000 * 1000};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

std::string reason() {
  const auto* words = ERR_reason_error_string(ERR_peek_last_error());
  return words != nullptr ? words : "the connection ended";
}

} // namespace

void tls_connection::free_context::operator()(SSL_CTX* one) const noexcept {
  SSL_CTX_free(one);
}
void tls_connection::free_ssl::operator()(SSL* one) const noexcept {
  SSL_free(one);
}

tls_connection::tls_connection(std::uint16_t port, const tls_wishes& wishes, milliseconds patience)
    : raw_connection(port, patience), context_(SSL_CTX_new(TLS_client_method())) {
  std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
  give_up_after(descriptor_number(), patience);
  SSL_CTX_set_security_level(context_.get(), 0); // the server is who has to refuse
  SSL_CTX_set_min_proto_version(context_.get(), wishes.version);
  SSL_CTX_set_max_proto_version(context_.get(), wishes.version);
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_fd(ssl_.get(), descriptor_number());
  if (!wishes.protocols.empty())
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(wishes.protocols.data()),
                        static_cast<unsigned>(wishes.protocols.size()));
  if (wishes.session)
    SSL_set_session(ssl_.get(), wishes.session.get());
  raw_connection::send(wishes.before);
  ERR_clear_error();
  if (SSL_connect(ssl_.get()) != 1)
    throw tls_refused(reason());
}

tls_connection::~tls_connection() = default;

bool tls_connection::send(std::string_view bytes) {
  ERR_clear_error();
  return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) ==
         static_cast<int>(bytes.size());
}

void tls_connection::say_goodbye() {
  SSL_shutdown(ssl_.get());
}

bool tls_connection::has_heard_goodbye() const {
  return heard_goodbye_;
}

void tls_connection::update_keys() {
  SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED);
}

bool tls_connection::renegotiate() {
  return SSL_renegotiate(ssl_.get()) == 1 && SSL_do_handshake(ssl_.get()) == 1;
}

bool tls_connection::receive(milliseconds patience) {
  pollfd one{descriptor_number(), POLLIN, 0};
  if (SSL_pending(ssl_.get()) == 0 && poll(&one, 1, static_cast<int>(patience.count())) != 1)
    return false;
  std::array<char, 16384> chunk;
  ERR_clear_error();
  const auto got = SSL_read(ssl_.get(), chunk.data(), static_cast<int>(chunk.size()));
  if (got > 0) {
    received({chunk.data(), static_cast<std::size_t>(got)});
    return true;
  }
  const auto error = SSL_get_error(ssl_.get(), got);
  heard_goodbye_ = error == SSL_ERROR_ZERO_RETURN;
  if (error != SSL_ERROR_WANT_READ)
    received_end();
  return true;
}

std::string tls_connection::version() const {
  return SSL_get_version(ssl_.get());
}

std::string tls_connection::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string tls_connection::cipher() const {
  return SSL_get_cipher_name(ssl_.get());
}

bool tls_connection::was_resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

std::shared_ptr<SSL_SESSION> tls_connection::session() const {
  return {SSL_get1_session(ssl_.get()), SSL_SESSION_free};
}

std::string tls_connection::fingerprint() const {
  const std::unique_ptr<X509, decltype(&X509_free)> cert(SSL_get1_peer_certificate(ssl_.get()), X509_free);
  return fingerprint_of(*cert);
}

} // namespace weappd::kit
