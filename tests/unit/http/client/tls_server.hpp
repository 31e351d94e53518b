#pragma once

#include "tests/unit/http/client/raw_server.hpp"

#include <boost/asio/ssl.hpp>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

namespace weappd {

/// A key and a certificate for it that nobody but itself has signed.
struct self_signed {
  std::string key_pem;
  std::string certificate_pem;

  /// `name` as OpenSSL writes subject alternative names: "IP:127.0.0.1".
  static self_signed make(const std::string& name) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> cert(X509_new(), X509_free);
    if (!key || !cert)
      throw std::runtime_error("OpenSSL");
    X509_set_version(cert.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert.get()), 3600);
    X509_set_pubkey(cert.get(), key.get());
    auto* subject = X509_get_subject_name(cert.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"),
                               -1, -1, 0);
    X509_set_issuer_name(cert.get(), subject);
    auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
    X509_add_ext(cert.get(), extension, -1);
    X509_EXTENSION_free(extension);
    if (X509_sign(cert.get(), key.get(), EVP_sha256()) == 0)
      throw std::runtime_error("OpenSSL");
    return {pem([&](BIO* out) {
              PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            }),
            pem([&](BIO* out) { PEM_write_bio_X509(out, cert.get()); })};
  }

  /// Writes the certificate to a file and answers its path.
  [[nodiscard]] std::string certificate_file(const std::string& path) const {
    std::ofstream(path) << certificate_pem;
    return path;
  }

private:
  template <class Write>
  static std::string pem(Write write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    write(memory.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(memory.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

/// Answers every request over TLS with 200 and "hello".
class tls_server {
public:
  explicit tls_server(const self_signed& identity) : server_([this](auto& socket, int) { serve(socket); }) {
    context_.use_private_key(boost::asio::buffer(identity.key_pem), boost::asio::ssl::context::pem);
    context_.use_certificate(boost::asio::buffer(identity.certificate_pem), boost::asio::ssl::context::pem);
  }
  [[nodiscard]] std::string url() const { return server_.url("https"); }
  [[nodiscard]] int requests() const { return requests_; }

private:
  void serve(raw_server::tcp::socket& socket) {
    boost::asio::ssl::stream<raw_server::tcp::socket&> stream(socket, context_);
    stream.handshake(boost::asio::ssl::stream_base::server);
    std::string text;
    boost::asio::read_until(stream, boost::asio::dynamic_buffer(text), "\r\n\r\n");
    ++requests_;
    boost::asio::write(stream,
                       boost::asio::buffer(std::string_view(
                           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")));
    raw_server::wait_for_end(socket);
  }

  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
  std::atomic<int> requests_ = 0;
  raw_server server_; // last: its thread uses the others
};

} // namespace weappd
