#include "persistence/sealed.hpp"

#include "../../contract/store_kit.hpp"

using namespace weappd;

namespace {

const app_key demo{"demo"};
const app_key other{"other"};
const openid who("o6_bmjrPTlm6_2sgVt7hMZOPfL2M");
const unionid across("o6_bmasdasdsad6_2sgVt7hMZOPfL");

sealed_columns columns(const std::vector<std::string>& key_ids = {"k1"}) {
  return sealed_columns(test_keys(key_ids), test_random());
}

} // namespace

TEST(sealed_columns, every_column_opens_in_its_own_row) {
  auto sealed = columns();
  const auto openid_row = sealed.hash(demo, who);
  const auto unionid_row = sealed.hash(across);
  EXPECT_EQ(sealed.open_openid(sealed.seal(who, demo, openid_row), demo, openid_row), who);
  EXPECT_EQ(sealed.open_unionid(sealed.seal(across, unionid_row), unionid_row), across);
  EXPECT_EQ(sealed.open_session_key(sealed.seal(secret("key"), {7}, demo), {7}, demo), secret("key"));
  EXPECT_EQ(sealed.open_phone(sealed.seal(phone_number("138"), {7}), {7}), phone_number("138"));
  EXPECT_EQ(sealed.open_content(sealed.seal_content("packed", {7}), {7}), "packed");
  EXPECT_EQ(sealed.open_answer(sealed.seal_answer(secret("body"), openid_row), openid_row), secret("body"));
}

TEST(sealed_columns, a_box_does_not_open_in_another_row) {
  auto sealed = columns();
  const auto row = sealed.hash(demo, who);
  const auto other_row = sealed.hash(other, who);
  EXPECT_FALSE(sealed.open_openid(sealed.seal(who, demo, row), demo, other_row));
  EXPECT_FALSE(sealed.open_openid(sealed.seal(who, demo, row), other, row));
  EXPECT_FALSE(sealed.open_unionid(sealed.seal(across, row), other_row));
  EXPECT_FALSE(sealed.open_session_key(sealed.seal(secret("key"), {7}, demo), {8}, demo));
  EXPECT_FALSE(sealed.open_session_key(sealed.seal(secret("key"), {7}, demo), {7}, other));
  EXPECT_FALSE(sealed.open_phone(sealed.seal(phone_number("138"), {7}), {8}));
  EXPECT_FALSE(sealed.open_content(sealed.seal_content("packed", {7}), {8}));
  EXPECT_FALSE(sealed.open_answer(sealed.seal_answer(secret("body"), row), other_row));
}

TEST(sealed_columns, guards_are_hashed_by_scope_and_key) {
  auto sealed = columns();
  const auto hash = [&](const char* scope, const char* key) {
    return sealed.hash(duplicate_guard{scope, key, {}});
  };
  EXPECT_EQ(hash("a", "bc"), hash("a", "bc"));
  EXPECT_NE(hash("a", "bc"), hash("ab", "c"));
  EXPECT_NE(hash("a", "bc"), sealed.hash({"a"}, openid("bc")));
}

TEST(sealed_columns, a_box_does_not_open_in_another_column) {
  auto sealed = columns();
  const auto row = sealed.hash(across);
  EXPECT_FALSE(sealed.open_unionid(sealed.seal(who, demo, row), row));
  EXPECT_FALSE(sealed.open_phone(sealed.seal(secret("key"), {7}, demo), {7}));
}

TEST(sealed_columns, the_hash_of_an_openid_depends_on_the_app_and_on_where_its_name_ends) {
  auto sealed = columns();
  EXPECT_EQ(sealed.hash(demo, who), sealed.hash(demo, who));
  EXPECT_NE(sealed.hash(demo, who), sealed.hash(other, who));
  EXPECT_NE(sealed.hash({"a"}, openid("bc")), sealed.hash({"ab"}, openid("c")));
}

TEST(sealed_columns, one_text_as_openid_and_as_unionid_has_two_hashes) {
  auto sealed = columns();
  EXPECT_NE(sealed.hash(app_key{}, openid("same")), sealed.hash(unionid(std::string("\0same", 5))));
}

TEST(sealed_columns, hashes_do_not_depend_on_the_encryption_keys) {
  EXPECT_EQ(columns({"k1"}).hash(demo, who), columns({"k2", "k1"}).hash(demo, who));
}

TEST(sealed_columns, a_retired_key_opens_and_the_active_one_seals) {
  const auto box = columns({"k1"}).seal(phone_number("138"), {7});
  auto rotated = columns({"k2", "k1"});
  EXPECT_EQ(rotated.open_phone(box, {7}), phone_number("138"));
  EXPECT_EQ(crypto::sealed_box::key_id_of(rotated.seal(phone_number("138"), {7})), "k2");
  EXPECT_FALSE(columns({"k2"}).open_phone(box, {7}));
}
