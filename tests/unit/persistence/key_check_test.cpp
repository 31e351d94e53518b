#include "persistence/key_check.hpp"

#include "../../contract/store_kit.hpp"
#include "persistence/sealed.hpp"

#include <gmock/gmock.h>

using namespace weappd;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// Keys with one lookup key of this name, and equal names mean equal keys.
key_set keys_with_lookup(const std::string& id, const std::vector<std::string>& encryption = {"k1"}) {
  auto keys = test_keys(encryption);
  keys.lookup = keyring({key_of(id, id.back())}, id);
  return keys;
}

key_marks marks_of(const key_set& keys, bool was_used = false) {
  return key_check(keys, test_random()).missing({}, was_used);
}

std::vector<std::string> problems_of(const key_set& keys, const key_marks& known) {
  return key_check(keys, test_random()).problems(known);
}

/// A user's openid as a server with these keys stores it.
stored_openid stored_with(const key_set& keys, const std::string& who) {
  sealed_columns columns(keys, test_random());
  const app_key app{"demo"};
  const auto row = columns.hash(app, openid(who));
  return {.app = app, .row = row, .box = columns.seal(openid(who), app, row)};
}

std::vector<std::string> problems_of(const key_set& keys, const std::vector<stored_openid>& openids) {
  return key_check(keys, test_random()).problems(openids);
}

std::vector<std::string> ids_in(const std::vector<key_mark>& marks) {
  std::vector<std::string> ids;
  for (const auto& mark : marks)
    ids.push_back(mark.key_id);
  return ids;
}

} // namespace

TEST(key_check, the_keys_that_made_the_marks_are_those_of_the_store) {
  EXPECT_THAT(problems_of(test_keys(), marks_of(test_keys())), IsEmpty());
  EXPECT_TRUE(key_check(test_keys(), test_random()).missing(marks_of(test_keys()), false).empty());
}

TEST(key_check, another_lookup_key_is_refused_also_under_the_same_name) {
  const auto known = marks_of(keys_with_lookup("l1"));
  EXPECT_THAT(problems_of(keys_with_lookup("l2"), known),
              ElementsAre(AllOf(HasSubstr("keys.lookup_file: its active key 'l2'"), HasSubstr("'l1'"),
                                HasSubstr("put back the file"))));
  auto same_name = test_keys();
  same_name.lookup = keyring({key_of("l1", 'x')}, "l1");
  EXPECT_THAT(problems_of(same_name, known), ElementsAre(HasSubstr("keys.lookup_file")));
}

TEST(key_check, a_lookup_key_may_get_another_name_and_retired_ones_beside_it) {
  auto renamed = test_keys();
  renamed.lookup = keyring({key_of("l0", '0'), key_of("renamed", 'l')}, "renamed");
  auto original = test_keys();
  original.lookup = keyring({key_of("l1", 'l')}, "l1");
  EXPECT_THAT(problems_of(renamed, marks_of(original)), IsEmpty());
}

TEST(key_check, a_lookup_key_that_was_retired_is_to_be_made_active_again) {
  auto rotated = test_keys();
  rotated.lookup = keyring({key_of("l1", '1'), key_of("l2", '2')}, "l2");
  EXPECT_THAT(problems_of(rotated, marks_of(keys_with_lookup("l1"))),
              ElementsAre(AllOf(HasSubstr("'l1'"), HasSubstr("mark it active again"))));
}

TEST(key_check, an_encryption_key_that_is_gone_or_another_one_is_refused) {
  const auto known = marks_of(test_keys({"k1"}));
  EXPECT_THAT(problems_of(test_keys({"k2"}), known),
              ElementsAre(AllOf(HasSubstr("keys.encryption_file: there is no key 'k1'"),
                                HasSubstr("put its line back, marked retired"))));
  auto same_name = test_keys();
  same_name.encryption = keyring({key_of("k1", 'x')}, "k1");
  EXPECT_THAT(problems_of(same_name, known), ElementsAre(HasSubstr("keys.encryption_file: its key 'k1'")));
}

TEST(key_check, all_that_is_wrong_is_told) {
  EXPECT_THAT(problems_of(keys_with_lookup("l2", {"k2"}), marks_of(keys_with_lookup("l1"))),
              ElementsAre(HasSubstr("keys.lookup_file"), HasSubstr("keys.encryption_file")));
}

TEST(key_check, a_new_encryption_key_is_marked_and_the_old_one_stays_marked) {
  const auto first = marks_of(test_keys({"k1"}));
  const auto rotated = test_keys({"k2", "k1"});
  EXPECT_THAT(problems_of(rotated, first), IsEmpty());
  const auto second = key_check(rotated, test_random()).missing(first, false);
  EXPECT_FALSE(second.lookup);
  EXPECT_THAT(ids_in(second.encryption), ElementsAre("k2"));
  EXPECT_THAT(problems_of(rotated, second), IsEmpty());
}

TEST(key_check, a_key_that_has_sealed_nothing_may_go) {
  EXPECT_THAT(ids_in(marks_of(test_keys({"k2", "k1"})).encryption), ElementsAre("k2"));
  EXPECT_THAT(ids_in(marks_of(test_keys({"k2", "k1"}), true).encryption), ElementsAre("k2", "k1"))
      << "in a store from before the marks, any may have";
}

TEST(key_check, a_store_without_marks_is_judged_by_its_openids) {
  const auto keys = keys_with_lookup("l1");
  const std::vector openids{stored_with(keys, "one"), stored_with(keys, "two")};
  EXPECT_THAT(problems_of(keys, openids), IsEmpty());
  EXPECT_THAT(problems_of(keys, std::vector<stored_openid>{}), IsEmpty());
  EXPECT_THAT(problems_of(keys_with_lookup("l2"), openids), ElementsAre(HasSubstr("keys.lookup_file")));
  EXPECT_THAT(problems_of(keys_with_lookup("l1", {"k2"}), openids),
              ElementsAre(HasSubstr("keys.encryption_file: there is no key 'k1'")));
  auto same_name = keys;
  same_name.encryption = keyring({key_of("k1", 'x')}, "k1");
  EXPECT_THAT(problems_of(same_name, openids), ElementsAre(HasSubstr("keys.encryption_file: its key 'k1'")));
}

TEST(key_check, the_oldest_openid_says_which_lookup_key_is_that_of_the_store) {
  const auto keys = keys_with_lookup("l1");
  const auto wrong = keys_with_lookup("l2");
  const std::vector openids{stored_with(keys, "old"), stored_with(wrong, "new")};
  EXPECT_THAT(problems_of(keys, openids), IsEmpty()) << "a wrong key was used for a while";
  EXPECT_THAT(problems_of(wrong, openids), ElementsAre(HasSubstr("keys.lookup_file")));
}

TEST(key_check, a_damaged_row_keeps_no_server_down) {
  auto bent = stored_with(test_keys(), "one");
  bent.box.back() = static_cast<char>(bent.box.back() ^ 1);
  auto empty = stored_with(test_keys(), "two");
  empty.box.clear();
  EXPECT_THAT(problems_of(test_keys(), {bent, empty, stored_with(test_keys(), "three")}), IsEmpty());
}
