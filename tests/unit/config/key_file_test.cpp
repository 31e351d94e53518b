#include "config/key_file.hpp"

#include "config/crypto/base64url.hpp"
#include "crypto/fixed_random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weappd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string key_text(char c) {
  return crypto::base64url_encode(std::string(32, c));
}

TEST(key_file, reads_active_and_retired_keys_and_skips_comments) {
  const auto read = parse_key_file("# a comment\n\n  old \t retired  " + key_text('o') + " \r\n" +
                                   "new  active  " + key_text('n'));
  EXPECT_THAT(read.problems, IsEmpty());
  ASSERT_TRUE(read.keys);
  EXPECT_EQ(read.keys->all().size(), 2u);
  EXPECT_EQ(read.keys->active().id, "new");
  EXPECT_EQ(read.keys->active().bytes.reveal(), std::string(32, 'n'));
  ASSERT_NE(read.keys->find("old"), nullptr);
  EXPECT_EQ(read.keys->find("old")->bytes.reveal(), std::string(32, 'o'));
  EXPECT_EQ(read.keys->find("other"), nullptr);
}

TEST(key_file, every_mistake_is_named_with_its_line_and_without_the_key) {
  const auto read = parse_key_file("a  active\n" // two fields
                                   "b  active  " +
                                   key_text('b') +
                                   " x\n" // four fields
                                   "c!  active  " +
                                   key_text('c') +
                                   "\n" // id
                                   "d  actif  " +
                                   key_text('d') +
                                   "\n"                     // state
                                   "e  retired  tooshort\n" //
                                   "f  retired  " +
                                   key_text('f') +
                                   "=\n" // padding
                                   "d  retired  " +
                                   key_text('g') + "\n"); // twice
  EXPECT_FALSE(read.keys);
  EXPECT_THAT(read.problems,
              ElementsAre(HasSubstr("line 1: needs three fields"), HasSubstr("line 2: needs three fields"),
                          HasSubstr("line 3: the id must be"), HasSubstr("line 4: the second field"),
                          HasSubstr("line 5: the key must be 32 bytes"),
                          HasSubstr("line 6: the key must be 32 bytes"),
                          HasSubstr("line 7: the id 'd' is there already")));
  for (const auto& problem : read.problems)
    for (const char c : {'b', 'c', 'd', 'f', 'g'})
      EXPECT_EQ(problem.find(key_text(c).substr(0, 8)), std::string::npos) << problem;
}

TEST(key_file, exactly_one_key_is_active) {
  EXPECT_THAT(parse_key_file("").problems, ElementsAre(HasSubstr("no key")));
  EXPECT_THAT(parse_key_file("# nothing\n").problems, ElementsAre(HasSubstr("no key")));
  EXPECT_THAT(parse_key_file("a retired " + key_text('a')).problems, ElementsAre(HasSubstr("here it is 0")));
  EXPECT_THAT(parse_key_file("a active " + key_text('a') + "\nb active " + key_text('b')).problems,
              ElementsAre(HasSubstr("here it is 2")));
}

TEST(key_file, holds_sixteen_keys_and_no_more) {
  std::string text = "k0 active " + key_text('0') + "\n";
  for (int i = 1; i < 16; ++i)
    text += "k" + std::to_string(i) + " retired " + key_text('x') + "\n";
  EXPECT_TRUE(parse_key_file(text).keys);
  EXPECT_THAT(parse_key_file(text + "k16 retired " + key_text('x')).problems,
              ElementsAre(HasSubstr("more than 16")));
}

TEST(key_file, an_id_has_up_to_32_characters) {
  EXPECT_TRUE(parse_key_file(std::string(32, 'a') + " active " + key_text('a')).keys);
  EXPECT_FALSE(parse_key_file(std::string(33, 'a') + " active " + key_text('a')).keys);
}

TEST(key_file, a_new_one_can_be_read_and_is_like_no_other) {
  crypto::fixed_random random;
  const auto first = parse_key_file(new_key_file(random, "sign", rotate_keys).reveal());
  const auto second = parse_key_file(new_key_file(random, "sign", rotate_keys).reveal());
  ASSERT_TRUE(first.keys);
  ASSERT_TRUE(second.keys);
  EXPECT_EQ(first.keys->all().size(), 1u);
  EXPECT_FALSE(first.keys->active().bytes == second.keys->active().bytes);
  EXPECT_NE(first.keys->active().id, second.keys->active().id);
}

} // namespace
} // namespace weappd
