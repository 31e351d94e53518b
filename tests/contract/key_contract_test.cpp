#include "store_contract.hpp"

using namespace weappd;

namespace {

class key_contract : public store_contract {
protected:
  auto open_with(const key_set& keys) { return store_kind_named(GetParam()).open_with(folder.path(), keys); }
};

INSTANTIATE_TEST_SUITE_P(stores, key_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

key_set with_another_lookup_key() {
  auto keys = test_keys();
  keys.lookup = keyring({key_of("l2", '2')}, "l2");
  return keys;
}

} // namespace

TEST_P(key_contract, a_store_is_not_opened_with_another_lookup_key) {
  const auto user = make_user();
  const auto opened = open_with(with_another_lookup_key());
  ASSERT_EQ(code_of(opened), ec::storage_unavailable);
  EXPECT_NE(detail_of(opened.error()).find("keys.lookup_file"), std::string::npos);
  ASSERT_EQ(code_of(open_with(test_keys())), ec::none) << "nothing was changed";
  EXPECT_EQ(load(user).user.id, user);
}

TEST_P(key_contract, a_store_is_not_opened_without_a_key_that_sealed_its_columns) {
  make_user();
  const auto opened = open_with(test_keys({"k2"}));
  ASSERT_EQ(code_of(opened), ec::storage_unavailable);
  EXPECT_NE(detail_of(opened.error()).find("keys.encryption_file"), std::string::npos);
}

TEST_P(key_contract, an_encryption_key_is_rotated_as_often_as_one_likes) {
  make_user();
  EXPECT_EQ(code_of(open_with(test_keys({"k2", "k1"}))), ec::none);
  EXPECT_EQ(code_of(open_with(test_keys({"k3", "k2", "k1"}))), ec::none);
  EXPECT_EQ(code_of(open_with(test_keys({"k3", "k1"}))), ec::storage_unavailable) << "k2 was active, too";
}
