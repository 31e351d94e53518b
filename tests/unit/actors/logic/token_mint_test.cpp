#include "actors/logic/token_mint.hpp"

#include "config/crypto/access_token.hpp"
#include "tests/kit/actors/world.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr timestamp mint_start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 8h + 250ms;

session_record some_row() {
  session_record row;
  row.id.bytes.fill(7);
  row.user = {1234567890123};
  row.app = {"demo"};
  row.created_at = row.refreshed_at = mint_start;
  row.refresh_expires_at = mint_start + 30 * 24h;
  row.generation = 3;
  return row;
}

struct token_mint_test : ::testing::Test {
  auth_options auth;
  token_mint mint{world_keys(), auth};
  crypto::token_verifier verifier{world_keys().signing, auth.issuer, auth.audience};
};

TEST_F(token_mint_test, an_access_token_says_what_the_row_says) {
  const auto token = mint.access_token(some_row(), user_role::operator_);
  const auto now = std::chrono::floor<std::chrono::seconds>(mint_start).time_since_epoch().count();
  const auto verified = verifier.verify(token.reveal(), now);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified.claims.user, "1234567890123");
  EXPECT_EQ(verified.claims.session, "07070707070707070707070707070707");
  EXPECT_EQ(verified.claims.app, "demo");
  EXPECT_EQ(verified.claims.role, "operator");
  EXPECT_EQ(verified.claims.issued_at, now);
  EXPECT_EQ(verified.claims.expires_at, now + 7'200);
  EXPECT_EQ(verified.claims.token.size(), 16u);
}

TEST_F(token_mint_test, a_service_token_names_the_client_and_nobody_else) {
  seeded_random random(3);
  const auto token = mint.service_token({"shop-php"}, mint_start, random);
  const auto now = std::chrono::floor<std::chrono::seconds>(mint_start).time_since_epoch().count();
  const auto verified = verifier.verify(token.reveal(), now);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified.claims.user, "client:shop-php");
  EXPECT_EQ(verified.claims.session, "");
  EXPECT_EQ(verified.claims.app, "");
  EXPECT_EQ(verified.claims.role, "service");
  EXPECT_EQ(verified.claims.issued_at, now);
  EXPECT_EQ(verified.claims.expires_at, now + auth.service_ttl_s);
  EXPECT_EQ(verified.claims.token.size(), 16u);
  EXPECT_FALSE(token == mint.service_token({"shop-php"}, mint_start, random));
}

TEST_F(token_mint_test, a_client_id_that_cannot_be_signed_gives_no_token) {
  seeded_random random(3);
  EXPECT_TRUE(mint.service_token({"a\"b"}, mint_start, random).empty());
}

TEST_F(token_mint_test, the_same_row_gives_equal_bytes_also_after_a_restart) {
  token_mint restarted(world_keys(), auth);
  EXPECT_EQ(mint.access_token(some_row(), user_role::user),
            restarted.access_token(some_row(), user_role::user));
}

TEST_F(token_mint_test, each_generation_has_its_own_token_id) {
  auto next = some_row();
  ++next.generation;
  EXPECT_FALSE(mint.access_token(some_row(), user_role::user) == mint.access_token(next, user_role::user));
}

} // namespace
} // namespace weappd
