#include "tests/kit/net/self_signed.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace weappd::kit {
namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;

template <class Write>
std::string pem_of(Write write) {
  const bio_ptr memory(BIO_new(BIO_s_mem()), BIO_free);
  write(memory.get());
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

key_ptr make_key(self_signed::key_kind kind) {
  switch (kind) {
  case self_signed::key_kind::rsa_2048:
    return {EVP_RSA_gen(2048), EVP_PKEY_free};
  case self_signed::key_kind::rsa_1024:
    return {EVP_RSA_gen(1024), EVP_PKEY_free};
  default:
    return {EVP_EC_gen("P-256"), EVP_PKEY_free};
  }
}

} // namespace

self_signed self_signed::make(const std::string& name) {
  return make(name, {});
}

self_signed self_signed::make(const std::string& name, const wishes& other) {
  const auto key = make_key(other.key);
  const x509_ptr cert(X509_new(), X509_free);
  if (!key || !cert)
    throw std::runtime_error("OpenSSL");
  X509_set_version(cert.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), other.from.count());
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), other.to.count());
  X509_set_pubkey(cert.get(), key.get());
  auto* subject = X509_get_subject_name(cert.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(other.common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(cert.get(), subject);
  auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name.c_str());
  X509_add_ext(cert.get(), extension, -1);
  X509_EXTENSION_free(extension);
  if (X509_sign(cert.get(), key.get(), EVP_sha256()) == 0)
    throw std::runtime_error("OpenSSL");
  return {pem_of([&](BIO* out) {
            PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          }),
          pem_of([&](BIO* out) { PEM_write_bio_X509(out, cert.get()); })};
}

std::string self_signed::certificate_file(const std::string& path) const {
  std::ofstream(path) << certificate_pem;
  return path;
}

std::string self_signed::key_file(const std::string& path) const {
  std::ofstream(path) << key_pem;
  std::filesystem::permissions(path,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return path;
}

std::string self_signed::fingerprint() const {
  const bio_ptr in(BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())),
                   BIO_free);
  const x509_ptr cert(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  return fingerprint_of(*cert);
}

std::string fingerprint_of(const X509& certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(&certificate, EVP_sha256(), digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    std::array<char, 3> two{};
    std::snprintf(two.data(), two.size(), "%02x", digest[i]);
    text += two.data();
  }
  return text;
}

} // namespace weappd::kit
