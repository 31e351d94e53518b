#include "config/crypto/access_token.hpp"

#include "config/crypto/base64url.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace weappd::crypto {
namespace {

constexpr std::int64_t issued = 1'700'000'000;
constexpr std::int64_t expires = issued + 7'200;

secret key_bytes(char c) {
  return secret(std::string(32, c));
}
const keyring ring({{"k1", key_bytes('a')}}, "k1");

const access_claims good_claims{.user = "7300000000000000001",
                                .session = "00112233445566778899aabbccddeeff",
                                .token = "ffeeddccbbaa99887766554433221100",
                                .app = "demo",
                                .role = "user",
                                .issued_at = issued,
                                .expires_at = expires};

std::string good_token() {
  return token_signer(ring, "weappd", "weappd-api").sign(good_claims);
}

token_failure judge(std::string_view token, std::int64_t now = issued) {
  token_verifier verifier(ring, "weappd", "weappd-api");
  return verifier.verify(token, now).failure;
}

/// A token with a right signature of key k1 over any header and payload: what a thief could not make.
std::string forge(std::string_view header, std::string_view payload) {
  const auto text = base64url_encode(header) + "." + base64url_encode(payload);
  const auto mac = hmac_sha256(key_bytes('a').reveal())(text);
  return text + "." + base64url_encode({reinterpret_cast<const char*>(mac.data()), mac.size()});
}
constexpr std::string_view good_header = R"({"alg":"HS256","typ":"JWT","kid":"k1"})";
std::string forge_claims(std::string_view payload) {
  return forge(good_header, payload);
}

/// The payload of good_token, with `from` replaced by `to`.
std::string changed_payload(std::string_view from, std::string_view to) {
  std::string payload =
      R"({"iss":"weappd","aud":"weappd-api","sub":"1","sid":"2","jti":"3","app":"demo","role":"user",)"
      R"("iat":1700000000,"exp":1700007200})";
  const auto at = payload.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return payload.replace(at, from.size(), to);
}

TEST(access_token, what_was_signed_comes_back) {
  token_verifier verifier(ring, "weappd", "weappd-api");
  const auto token = good_token();
  const auto result = verifier.verify(token, issued);
  ASSERT_TRUE(result);
  EXPECT_EQ(result.claims.user, good_claims.user);
  EXPECT_EQ(result.claims.session, good_claims.session);
  EXPECT_EQ(result.claims.token, good_claims.token);
  EXPECT_EQ(result.claims.app, good_claims.app);
  EXPECT_EQ(result.claims.role, good_claims.role);
  EXPECT_EQ(result.claims.issued_at, issued);
  EXPECT_EQ(result.claims.expires_at, expires);
}

TEST(access_token, of_a_service_client_has_neither_session_nor_app) {
  const auto token = token_signer(ring, "weappd", "weappd-api")
                         .sign({.user = "client:shop_1",
                                .session = "",
                                .token = "t",
                                .app = "",
                                .role = "service",
                                .issued_at = issued,
                                .expires_at = expires});
  token_verifier verifier(ring, "weappd", "weappd-api");
  const auto result = verifier.verify(token, issued);
  ASSERT_TRUE(result);
  EXPECT_EQ(result.claims.user, "client:shop_1");
  EXPECT_EQ(result.claims.session, "");
  EXPECT_EQ(result.claims.app, "");
  EXPECT_EQ(result.claims.role, "service");
}

TEST(access_token, is_a_jwt_with_the_claims_of_the_contract) {
  const auto token = good_token();
  const auto dot = token.find('.');
  EXPECT_EQ(base64url_decode(token.substr(0, dot)), good_header);
  EXPECT_EQ(base64url_decode(token.substr(dot + 1, token.rfind('.') - dot - 1)),
            R"({"iss":"weappd","aud":"weappd-api","sub":"7300000000000000001",)"
            R"("sid":"00112233445566778899aabbccddeeff","jti":"ffeeddccbbaa99887766554433221100",)"
            R"("app":"demo","role":"user","iat":1700000000,"exp":1700007200})");
  EXPECT_EQ(good_token(), token);
}

TEST(access_token, ends_with_the_second_that_it_names) {
  const auto token = good_token();
  EXPECT_EQ(judge(token, expires - 1), token_failure::none);
  EXPECT_EQ(judge(token, expires), token_failure::expired);
  EXPECT_EQ(judge(token, expires + 1), token_failure::expired);
}

TEST(access_token, may_be_issued_a_minute_in_the_future_and_no_more) {
  const auto token = good_token();
  EXPECT_EQ(judge(token, issued - 60), token_failure::none);
  EXPECT_EQ(judge(token, issued - 61), token_failure::wrong_claims);
}

TEST(access_token, is_refused_with_any_bit_flipped) {
  token_verifier verifier(ring, "weappd", "weappd-api");
  const auto token = good_token();
  for (std::size_t bit = 0; bit < 8 * token.size(); ++bit) {
    auto changed = token;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(verifier.verify(changed, issued)) << bit;
  }
  EXPECT_TRUE(verifier.verify(token, issued)) << "and the good one still works";
}

TEST(access_token, that_was_seen_before_is_judged_as_strictly_as_one_that_was_not) {
  token_verifier verifier(ring, "weappd", "weappd-api");
  const auto token = good_token();
  ASSERT_TRUE(verifier.verify(token, issued)); // now its signature is remembered
  EXPECT_EQ(verifier.verify(token, expires).failure, token_failure::expired);
  EXPECT_EQ(verifier.verify(token, issued - 61).failure, token_failure::wrong_claims);
  for (std::size_t bit = 0; bit < 8 * token.size(); ++bit) {
    auto changed = token;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(verifier.verify(changed, issued)) << bit;
  }
  EXPECT_EQ(verifier.verify(token + "A", issued).failure, token_failure::bad_signature);
  const auto again = verifier.verify(token, issued);
  ASSERT_TRUE(again);
  EXPECT_EQ(again.claims.user, good_claims.user);
}

TEST(access_token, is_refused_when_cut_anywhere_or_made_longer) {
  token_verifier verifier(ring, "weappd", "weappd-api");
  const auto token = good_token();
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_FALSE(verifier.verify(std::string_view(token).substr(0, size), issued)) << size;
  for (const auto* more : {"A", "=", ".", " ", "\n", ".x"})
    EXPECT_FALSE(verifier.verify(token + more, issued)) << more;
}

TEST(access_token, every_other_algorithm_is_refused_although_the_signature_fits) {
  const auto payload = changed_payload("weappd", "weappd");
  ASSERT_EQ(judge(forge(good_header, payload)), token_failure::none) << "the forger forges well";
  for (const auto* header :
       {R"({"alg":"none","typ":"JWT","kid":"k1"})", R"({"alg":"NoNe","typ":"JWT","kid":"k1"})",
        R"({"alg":"RS256","typ":"JWT","kid":"k1"})", R"({"alg":"HS384","typ":"JWT","kid":"k1"})",
        R"({"alg":"hs256","typ":"JWT","kid":"k1"})", R"({"typ":"JWT","kid":"k1"})"})
    EXPECT_EQ(judge(forge(header, payload)), token_failure::malformed) << header;
  const auto text = base64url_encode(R"({"alg":"none"})") + "." + base64url_encode(payload);
  EXPECT_EQ(judge(text + "."), token_failure::malformed);
}

TEST(access_token, a_header_with_other_members_or_an_unknown_key_is_refused) {
  const auto payload = changed_payload("weappd", "weappd");
  for (const auto* header :
       {R"({"alg":"HS256","typ":"JWT","kid":"k1","crit":["x"],"x":1})",
        R"({"alg":"HS256","typ":"JWT","kid":"k1","jku":"http://127.0.0.1/keys"})",
        R"({"alg":"HS256","typ":"JWT","kid":"k1","jwk":{"kty":"oct","k":"YQ"}})",
        R"({"alg":"HS256","typ":"JWT","kid":"k1","x5u":"http://127.0.0.1/cert"})",
        R"({"alg":"HS256","typ":"JWT","kid":"k2"})", R"({"alg":"HS256","typ":"JWT","kid":""})",
        R"({"alg":"HS256","typ":"JWT","kid":"../../dev/null"})",
        R"({"alg":"HS256","typ":"JWT","kid":"' OR 1"})", R"({"alg":"HS256","typ":"at+jwt","kid":"k1"})",
        R"({"alg":"HS256","kid":"k1"})", R"({"alg":"HS256","kid":"k1","typ":"JWT"})",
        R"({ "alg":"HS256","typ":"JWT","kid":"k1"})"})
    EXPECT_EQ(judge(forge(header, payload)), token_failure::malformed) << header;
}

TEST(access_token, other_shapes_are_malformed) {
  const auto token = good_token();
  const auto last_dot = token.rfind('.');
  const auto parts_missing = token.substr(0, last_dot);
  for (const auto& text :
       {std::string(), std::string("."), std::string(".."), parts_missing, token + ".x", " " + token,
        "\"" + token + "\"", std::string(16'384, 'A'), token + std::string(16'384, 'A')})
    EXPECT_EQ(judge(text), token_failure::malformed) << text.substr(0, 80);
}

TEST(access_token, a_signature_has_one_text_only) {
  const auto token = good_token();
  const auto start = token.rfind('.') + 1;
  const auto body = token.substr(0, start);
  const auto signature = token.substr(start);
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/= ";
  int accepted = 0;
  for (const char c :
       alphabet) // the last character holds four bits of the signature and two that must be zero
    accepted += judge(body + signature.substr(0, 42) + c) == token_failure::none;
  EXPECT_EQ(accepted, 1);
  for (const auto& other : {std::string(), signature + "=", signature.substr(1), signature + signature})
    EXPECT_EQ(judge(body + other), token_failure::bad_signature) << other;
}

TEST(access_token, unknown_further_members_are_allowed) {
  EXPECT_EQ(judge(forge_claims(changed_payload(R"("role")", R"("plan":"x","level":-3,"role")"))),
            token_failure::none);
}

TEST(access_token, signed_by_us_but_not_for_this_is_wrong_claims) {
  const std::pair<const char*, const char*> changes[] = {
      {R"("weappd",)", R"("weappe",)"},                 // iss
      {R"("weappd",)", R"(["weappd"],)"},               // iss as a list
      {"weappd-api", "other-api"},                      // aud
      {R"("iss":"weappd",)", ""},                       // missing
      {R"("aud":"weappd-api",)", ""},                   //
      {R"("sub":"1",)", ""},                            //
      {R"("sid":"2",)", ""},                            //
      {R"("jti":"3",)", ""},                            //
      {R"("app":"demo",)", ""},                         //
      {R"("role":"user",)", ""},                        //
      {R"("iat":1700000000,)", ""},                     //
      {R"(,"exp":1700007200)", ""},                     //
      {R"("sub":"1")", R"("sub":1)"},                   // wrong type
      {R"("exp":1700007200)", R"("exp":"1700007200")"}, //
      {R"("exp":1700007200)", R"("exp":-1)"},           //
      {R"("exp":1700007200)", R"("exp":1e308)"},        //
      {R"("exp":1700007200)", R"("exp":1700007200.5)"}, //
      {R"("iat":1700000000)", R"("iat":-1)"},           //
      {R"("iat":1700000000)", R"("iat":1700000061)"},   // from the future
      {R"("sub":"1")", R"("sub":"1","sub":"2")"},       // twice
      {R"("sub":"1")", R"("sub":"\u0031")"},            // escaped
      {R"("sub":"1")", R"("sub":{"id":"1"})"},          // nested
  };
  for (const auto& [from, to] : changes)
    EXPECT_EQ(judge(forge_claims(changed_payload(from, to))), token_failure::wrong_claims)
        << from << " -> " << to;
  for (const auto* payload : {"", "{}", "[]", "null", "not json"})
    EXPECT_EQ(judge(forge_claims(payload)), token_failure::wrong_claims) << payload;
}

TEST(access_token, of_another_server_is_refused) {
  const auto token = good_token();
  EXPECT_EQ(token_verifier(ring, "other", "weappd-api").verify(token, issued).failure,
            token_failure::wrong_claims);
  EXPECT_EQ(token_verifier(ring, "weappd", "other").verify(token, issued).failure,
            token_failure::wrong_claims);
  const keyring same_name({{"k1", key_bytes('b')}}, "k1");
  EXPECT_EQ(token_verifier(same_name, "weappd", "weappd-api").verify(token, issued).failure,
            token_failure::bad_signature);
}

TEST(access_token, of_a_retired_key_is_good_until_the_key_is_gone) {
  const auto old = good_token();
  const keyring rotated({{"k1", key_bytes('a')}, {"k2", key_bytes('b')}}, "k2");
  const auto fresh = token_signer(rotated, "weappd", "weappd-api").sign(good_claims);
  EXPECT_NE(fresh, old);
  token_verifier both(rotated, "weappd", "weappd-api");
  EXPECT_TRUE(both.verify(old, issued));
  EXPECT_TRUE(both.verify(fresh, issued));

  const keyring afterwards({{"k2", key_bytes('b')}}, "k2");
  token_verifier later(afterwards, "weappd", "weappd-api");
  EXPECT_EQ(later.verify(old, issued).failure, token_failure::malformed);
  EXPECT_TRUE(later.verify(fresh, issued));
}

TEST(access_token, is_never_made_from_what_would_need_escapes) {
  token_signer signer(ring, "weappd", "weappd-api");
  for (const std::string text : {"a\"b", "a\\b", "a b", "a\nb", "\xc3\xa4", "a,b", "a{b", "\x7f"}) {
    auto claims = good_claims;
    claims.app = text;
    EXPECT_EQ(signer.sign(claims), "") << text;
    EXPECT_EQ(token_signer(ring, text, "weappd-api").sign(good_claims), "") << text;
    EXPECT_EQ(token_signer(ring, "weappd", text).sign(good_claims), "") << text;
  }
  auto claims = good_claims;
  claims.expires_at = -1;
  EXPECT_EQ(signer.sign(claims), "");
  claims = good_claims;
  const std::string long_name(2'000, 'a');
  claims.app = long_name;
  EXPECT_EQ(signer.sign(claims), "") << "longer than a verifier reads";
  EXPECT_EQ(judge(""), token_failure::malformed);
}

TEST(access_token, every_character_that_is_signable_comes_back) {
  std::string all;
  for (int c = 0; c < 256; ++c)
    if (is_signable(std::string(1, static_cast<char>(c))))
      all += static_cast<char>(c);
  EXPECT_EQ(all, "-./0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
  auto claims = good_claims;
  claims.app = all;
  token_verifier verifier(ring, "weappd", "weappd-api");
  const auto token = token_signer(ring, "weappd", "weappd-api").sign(claims);
  EXPECT_EQ(verifier.verify(token, issued).claims.app, all);
}

} // namespace
} // namespace weappd::crypto
