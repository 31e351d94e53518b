#include "config/certificate.hpp"

#include "config/private_file.hpp"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <cstddef>
#include <ctime>
#include <string_view>
#include <utility>

namespace weappd {
namespace {

constexpr std::size_t max_pem_bytes = 262'144;
constexpr std::size_t max_chain = 16;
constexpr int least_security_bits = 112; // RSA and DH of 2048 bits, curves of 224

using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;

bio_ptr bio_over(const secret& text) {
  const auto& bytes = text.reveal();
  return {BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())), BIO_free};
}

/// OpenSSL would ask at the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

std::shared_ptr<X509> next_certificate(BIO& in) {
  return {PEM_read_bio_X509(&in, nullptr, no_passphrase, nullptr), X509_free};
}

std::chrono::sys_seconds moment_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return {};
  return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

std::string subject_of(const X509& leaf) {
  const bio_ptr out(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(out.get(), X509_get_subject_name(&leaf), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string fingerprint_of(const X509& leaf) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(&leaf, EVP_sha256(), digest.data(), &size);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  return text;
}

/// Words for the operator when the text does not hold certificates from the first to the last.
std::string read_chain(const secret& text, certificate& out) {
  const auto in = bio_over(text);
  out.leaf = next_certificate(*in);
  if (!out.leaf)
    return "holds no certificate in PEM";
  while (auto next = next_certificate(*in)) {
    if (out.chain.size() == max_chain)
      return "holds more than " + std::to_string(max_chain + 1) + " certificates";
    out.chain.push_back(std::move(next));
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
    return "holds a certificate that cannot be read, behind " + std::to_string(out.chain.size() + 1) +
           " that can";
  return {};
}

std::string read_key(const secret& text, certificate& out) {
  const auto in = bio_over(text);
  out.key = {PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free};
  if (out.key)
    return EVP_PKEY_get_security_bits(out.key.get()) < least_security_bits
               ? "holds a key that is too weak; allowed: RSA from 2048 bits, or a curve from 224"
               : std::string{};
  const std::string_view bytes = text.reveal();
  return bytes.find("ENCRYPTED") != std::string_view::npos
             ? "holds a key with a passphrase; allowed: one without, which only its owner can read"
             : "holds no private key in PEM";
}

} // namespace

loaded_certificate load_certificate(const tls_options& values) {
  loaded_certificate out;
  certificate made;
  const auto complain = [&out](const char* option, const std::string& path, const std::string& what) {
    out.problems.push_back({option, std::string("the file '").append(path).append("' ").append(what)});
  };
  const auto take = [&](const char* option, const std::string& path, const private_text& file,
                        std::string (*read)(const secret&, certificate&)) {
    const auto problem = file.problem.empty() ? read(file.text, made) : file.problem;
    if (!problem.empty())
      complain(option, path, problem);
  };
  take("http.tls.certificate_file", values.certificate_file,
       read_open_file(values.certificate_file, max_pem_bytes), read_chain);
  take("http.tls.key_file", values.key_file, read_private_file(values.key_file, max_pem_bytes), read_key);
  if (out.problems.empty() && X509_check_private_key(made.leaf.get(), made.key.get()) != 1)
    complain("http.tls.key_file", values.key_file,
             "holds another key than that of the certificate in '" + values.certificate_file + "'");
  ERR_clear_error();
  if (!out.problems.empty())
    return out;
  made.subject = subject_of(*made.leaf);
  made.fingerprint = made.all_fingerprints = fingerprint_of(*made.leaf);
  for (const auto& one : made.chain)
    made.all_fingerprints += ' ' + fingerprint_of(*one);
  made.not_before = moment_of(X509_get0_notBefore(made.leaf.get()));
  made.not_after = moment_of(X509_get0_notAfter(made.leaf.get()));
  out.value = std::move(made);
  return out;
}

} // namespace weappd
