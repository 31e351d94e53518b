#include "config/crypto/access_token.hpp"
#include "config/crypto/base64url.hpp"
#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>

/// What an access token says, and which ones are refused.
namespace weappd {
namespace {

using testing::MatchesRegex;

std::int64_t now_s() {
  using namespace std::chrono;
  return floor<seconds>(system_clock::now()).time_since_epoch().count();
}

/// One part of a JWT, decoded.
nlohmann::json part_of(const std::string& token, int index) {
  std::size_t begin = 0;
  for (int i = 0; i < index; ++i)
    begin = token.find('.', begin) + 1;
  const auto text = crypto::base64url_decode(token.substr(begin, token.find('.', begin) - begin));
  return text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
}

named_key key_of(const std::string& id, char byte) {
  return {id, secret(std::string(32, byte))};
}

struct access_token_flow : testing::Test {
  access_token_flow() { EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code()))); }

  /// A token with the claims of the phone's session, signed by somebody else's key.
  std::string forged(const keyring& ring, const std::string& issuer = "weappd") const {
    return crypto::token_signer(ring, issuer, "weappd-api")
        .sign({.user = phone.user_id,
               .session = phone.session_id,
               .token = "x",
               .app = "demo",
               .role = "operator",
               .issued_at = now_s(),
               .expires_at = now_s() + 600});
  }

  testing::AssertionResult is_refused(const std::string& authorization) {
    const auto answer = phone.get("/api/v1/users/me", {{"Authorization", authorization}});
    if (auto failed = failed_with(answer, 401, 1000030003); !failed)
      return failed << " for " << authorization;
    if (answer.header("WWW-Authenticate") != "Bearer error=\"invalid_token\"")
      return testing::AssertionFailure() << "WWW-Authenticate: " << answer.header("WWW-Authenticate");
    return testing::AssertionSuccess();
  }

  kit::test_server server;
  kit::mini_program phone = server.phone();
};

TEST_F(access_token_flow, it_says_who_in_which_session_of_which_app_and_until_when) {
  const auto before = now_s();
  ASSERT_TRUE(succeeded(phone.refresh()));
  const auto header = part_of(phone.access_token, 0);
  EXPECT_TRUE(has_members(header, {"alg", "typ", "kid"}));
  EXPECT_EQ(header["alg"], "HS256");
  EXPECT_EQ(header["typ"], "JWT");
  const auto claims = part_of(phone.access_token, 1);
  EXPECT_TRUE(has_members(claims, {"iss", "aud", "sub", "sid", "iat", "exp", "jti", "app", "role"}));
  EXPECT_EQ(claims["iss"], "weappd");
  EXPECT_EQ(claims["aud"], "weappd-api");
  EXPECT_EQ(claims["sub"], phone.user_id);
  EXPECT_EQ(claims["sid"], phone.session_id);
  EXPECT_EQ(claims["app"], "demo");
  EXPECT_EQ(claims["role"], "user");
  EXPECT_GE(claims["iat"], before);
  EXPECT_LE(claims["iat"], now_s());
  EXPECT_EQ(claims["exp"].get<std::int64_t>() - claims["iat"].get<std::int64_t>(), 7200);
  EXPECT_FALSE(claims["jti"].get<std::string>().empty());
}

TEST_F(access_token_flow, no_two_tokens_have_one_name) {
  const auto first = part_of(phone.access_token, 1)["jti"];
  ASSERT_TRUE(succeeded(phone.refresh()));
  EXPECT_NE(part_of(phone.access_token, 1)["jti"], first);
}

TEST_F(access_token_flow, none_at_all_is_refused_without_naming_an_error) {
  auto http = server.http();
  const auto answer = http.get("/api/v1/users/me");
  EXPECT_TRUE(failed_with(answer, 401, 1000030003));
  EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
}

TEST_F(access_token_flow, whatever_is_not_our_token_is_refused) {
  const auto& good = phone.access_token;
  auto changed = good;
  changed[changed.find('.') + 5] ^= 1;
  for (const auto& bad :
       std::vector<std::string>{"Bearer", "Bearer x", "Bearer a.b.c", "Basic " + good, good,
                                "Bearer " + good + "x", "Bearer " + good.substr(0, good.size() - 1),
                                "Bearer " + changed, "Bearer " + good.substr(0, good.rfind('.') + 1),
                                "Bearer " + phone.refresh_token, "Bearer " + good + " " + good})
    EXPECT_TRUE(is_refused(bad));
  EXPECT_TRUE(succeeded(phone.me()));
}

TEST_F(access_token_flow, an_unsigned_token_is_refused) {
  const auto payload = phone.access_token.substr(phone.access_token.find('.'));
  const auto none = crypto::base64url_encode(R"({"alg":"none","typ":"JWT"})");
  EXPECT_TRUE(is_refused("Bearer " + none + payload));
  EXPECT_TRUE(is_refused("Bearer " + none + payload.substr(0, payload.rfind('.') + 1)));
}

TEST_F(access_token_flow, a_token_of_another_key_is_refused_even_under_our_name) {
  const auto our_name = part_of(phone.access_token, 0)["kid"].get<std::string>();
  EXPECT_TRUE(is_refused("Bearer " + forged(keyring({key_of(our_name, 'x')}, our_name))));
  EXPECT_TRUE(is_refused("Bearer " + forged(keyring({key_of("other", 'x')}, "other"))));
}

TEST_F(access_token_flow, a_token_for_another_issuer_or_audience_is_refused) {
  server.restart([](options& values) { values.auth.issuer = "other-issuer"; });
  auto later = server.phone();
  EXPECT_TRUE(failed_with(later.get("/api/v1/users/me", {{"Authorization", "Bearer " + phone.access_token}}),
                          401, 1000030003));
  server.restart([](options& values) {
    values.auth.issuer = "weappd";
    values.auth.audience = "other-audience";
  });
  later = server.phone();
  EXPECT_TRUE(failed_with(later.get("/api/v1/users/me", {{"Authorization", "Bearer " + phone.access_token}}),
                          401, 1000030003));
  server.restart([](options& values) { values.auth.audience = "weappd-api"; });
  later = server.phone();
  EXPECT_TRUE(succeeded(later.get("/api/v1/users/me", {{"Authorization", "Bearer " + phone.access_token}})));
}

TEST_F(access_token_flow, the_scheme_is_read_in_any_case) {
  EXPECT_TRUE(succeeded(phone.get("/api/v1/users/me", {{"Authorization", "bearer " + phone.access_token}})));
}

// -- rotation of the signing key

struct key_rotation_flow : access_token_flow {
  [[nodiscard]] std::string key_file() const { return server.folder() / "weappd.db.signing.keys"; }

  [[nodiscard]] std::string read_keys() const {
    std::ifstream file(key_file());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write_keys(const std::string& text) const { std::ofstream(key_file()) << text; }

  static std::string line_of(const std::string& id, const std::string& state, char byte) {
    return id + " " + state + " " + crypto::base64url_encode(std::string(32, byte)) + "\n";
  }
};

TEST_F(key_rotation_flow, a_new_key_logs_nobody_out_and_a_removed_one_needs_a_refresh) {
  auto old_keys = read_keys();
  const auto old_name = part_of(phone.access_token, 0)["kid"].get<std::string>();
  const auto active = old_keys.rfind(" active ");
  ASSERT_NE(active, std::string::npos) << old_keys;
  write_keys(old_keys.replace(active, 8, " retired ") + line_of("new-key", "active", 'n'));
  server.restart();
  auto later = server.phone();
  later.access_token = phone.access_token;
  later.refresh_token = phone.refresh_token;
  EXPECT_TRUE(succeeded(later.me())) << "signed by the old key";
  ASSERT_TRUE(succeeded(later.refresh()));
  EXPECT_EQ(part_of(later.access_token, 0)["kid"], "new-key");
  EXPECT_NE(old_name, "new-key");
  EXPECT_TRUE(succeeded(later.me()));

  write_keys(line_of("new-key", "active", 'n'));
  server.restart();
  auto last = server.phone();
  last.access_token = phone.access_token;
  last.refresh_token = later.refresh_token;
  EXPECT_TRUE(failed_with(last.me(), 401, 1000030003)) << "its key is gone";
  ASSERT_TRUE(succeeded(last.refresh()));
  EXPECT_TRUE(succeeded(last.me()));
}

TEST(access_token_life, an_expired_token_is_refused_and_a_refresh_helps) {
  kit::test_server server([](options& values) { values.auth.access_ttl_s = 2; });
  auto phone = server.phone();
  const auto login = phone.login(server.wechat().make_code());
  ASSERT_TRUE(succeeded(login));
  EXPECT_EQ(data_of(login)["expires_in"], 2);
  ASSERT_TRUE(kit::eventually([&] { return phone.me().status != 200; }));
  const auto expired = phone.me();
  EXPECT_TRUE(failed_with(expired, 401, 1000030003));
  EXPECT_EQ(expired.header("WWW-Authenticate"), "Bearer error=\"invalid_token\"");
  // More than once on a machine that stands still for longer than a token lives.
  EXPECT_TRUE(kit::eventually([&] { return phone.refresh().status == 200 && phone.me().status == 200; }));
}

} // namespace
} // namespace weappd
