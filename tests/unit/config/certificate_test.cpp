#include "config/certificate.hpp"

#include "tests/kit/net/self_signed.hpp"
#include "tests/unit/config/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace weappd {
namespace {

using kit::self_signed;
using testing::AllOf;
using testing::HasSubstr;

const std::string encrypted_key =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";

struct certificate_files : testing::Test {
  /// All problems, in one text.
  [[nodiscard]] std::string problems() const {
    const auto loaded = load_certificate(values);
    EXPECT_EQ(loaded.problems.empty(), loaded.value.has_value());
    return render_problems(loaded.problems);
  }
  void write(const std::string& path, const std::string& text) const { std::ofstream(path) << text; }

  temporary_folder folder;
  self_signed identity = self_signed::make("DNS:api.example", {.common_name = "api.example"});
  tls_options values = [this] {
    tls_options files;
    files.certificate_file = identity.certificate_file(folder / "certificate.pem");
    files.key_file = identity.key_file(folder / "key.pem");
    return files;
  }();
};

TEST_F(certificate_files, that_fit_are_read) {
  const auto loaded = load_certificate(values);
  ASSERT_TRUE(loaded.value) << render_problems(loaded.problems);
  EXPECT_EQ(loaded.value->subject, "CN=api.example");
  EXPECT_EQ(loaded.value->fingerprint, identity.fingerprint());
  EXPECT_TRUE(loaded.value->chain.empty());
  EXPECT_EQ(loaded.value->all_fingerprints, identity.fingerprint());
  const auto now = std::chrono::system_clock::now();
  EXPECT_LT(loaded.value->not_before, now);
  EXPECT_GT(loaded.value->not_after, now + std::chrono::minutes(58));
  EXPECT_LT(loaded.value->not_after, now + std::chrono::minutes(62));
}

TEST_F(certificate_files, may_hold_those_that_lead_to_the_root) {
  write(values.certificate_file, identity.certificate_pem + self_signed::make("DNS:a").certificate_pem +
                                     self_signed::make("DNS:b").certificate_pem);
  const auto loaded = load_certificate(values);
  ASSERT_TRUE(loaded.value) << render_problems(loaded.problems);
  EXPECT_EQ(loaded.value->chain.size(), 2U);
  EXPECT_EQ(loaded.value->all_fingerprints.size(), 3U * 64 + 2) << "of the leaf and the chain";
}

TEST_F(certificate_files, that_are_missing_are_both_named) {
  values.certificate_file = "/nowhere/certificate.pem";
  values.key_file = "/nowhere/key.pem";
  EXPECT_THAT(
      problems(),
      AllOf(HasSubstr("http.tls.certificate_file: the file '/nowhere/certificate.pem' cannot be opened"),
            HasSubstr("http.tls.key_file: the file '/nowhere/key.pem' cannot be opened")));
}

TEST_F(certificate_files, that_hold_something_else_are_refused) {
  write(values.certificate_file, "not a certificate");
  EXPECT_THAT(problems(), HasSubstr("holds no certificate in PEM"));
  write(values.certificate_file,
        identity.certificate_pem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(problems(), HasSubstr("holds a certificate that cannot be read, behind 1 that can"));
  write(values.certificate_file, identity.certificate_pem);
  write(values.key_file, "not a key");
  EXPECT_THAT(problems(),
              HasSubstr("http.tls.key_file: the file '" + values.key_file + "' holds no private key"));
  write(values.key_file, identity.certificate_pem);
  EXPECT_THAT(problems(), HasSubstr("holds no private key"));
}

TEST_F(certificate_files, of_too_many_certificates_are_refused) {
  std::string text;
  for (int i = 0; i < 18; ++i)
    text += identity.certificate_pem;
  write(values.certificate_file, text);
  EXPECT_THAT(problems(), HasSubstr("holds more than 17 certificates"));
}

TEST_F(certificate_files, whose_key_wants_a_passphrase_are_refused_without_asking) {
  write(values.key_file, encrypted_key);
  EXPECT_THAT(problems(), HasSubstr("holds a key with a passphrase"));
}

TEST_F(certificate_files, whose_key_others_can_read_are_refused) {
  std::filesystem::permissions(values.key_file, std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_THAT(problems(), HasSubstr("is open to its group or to others (mode 0640)"));
}

TEST_F(certificate_files, that_do_not_belong_together_are_refused) {
  (void)self_signed::make("DNS:other").key_file(values.key_file);
  EXPECT_THAT(problems(), HasSubstr("holds another key than that of the certificate in '" +
                                    values.certificate_file + "'"));
}

TEST_F(certificate_files, whose_key_is_weak_are_refused) {
  const auto weak = self_signed::make("DNS:weak", {.key = self_signed::key_kind::rsa_1024});
  (void)weak.certificate_file(values.certificate_file);
  (void)weak.key_file(values.key_file);
  EXPECT_THAT(problems(), HasSubstr("holds a key that is too weak"));
}

TEST_F(certificate_files, of_any_time_are_read) {
  const auto old =
      self_signed::make("DNS:old", {.from = -std::chrono::hours(48), .to = -std::chrono::hours(24)});
  (void)old.certificate_file(values.certificate_file);
  (void)old.key_file(values.key_file);
  EXPECT_EQ(problems(), "") << "what that means is for the caller to say";
}

TEST_F(certificate_files, never_show_in_a_problem) {
  write(values.key_file, "canary canary");
  EXPECT_EQ(problems().find("canary canary"), std::string::npos);
}

} // namespace
} // namespace weappd
