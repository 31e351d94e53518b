#include "config/private_file.hpp"

#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

namespace weappd {
namespace {

using testing::HasSubstr;

TEST(private_file, is_read_as_it_is) {
  const temporary_folder folder;
  for (const std::string& text : {std::string(), std::string("a\0b\n", 4), std::string(100, 'x')}) {
    const auto read = read_private_file(folder.write("f", text), 100);
    EXPECT_EQ(read.problem, "");
    EXPECT_EQ(read.text.reveal(), text);
  }
}

TEST(private_file, is_refused_with_any_bit_for_group_or_others) {
  const temporary_folder folder;
  for (const ::mode_t bit : {0040, 0020, 0010, 0004, 0002, 0001}) {
    const auto read = read_private_file(folder.write("f", "secret words", 0600 | bit), 100);
    EXPECT_THAT(read.problem, HasSubstr("chmod 600")) << bit;
    EXPECT_TRUE(read.text.empty());
  }
  EXPECT_EQ(read_private_file(folder.write("f", "secret words", 0400), 100).problem, "");
}

TEST(private_file, says_why_it_cannot_be_read) {
  const temporary_folder folder;
  EXPECT_THAT(read_private_file(folder / "missing", 100).problem, HasSubstr("No such file"));
  EXPECT_THAT(read_private_file(folder / "", 100).problem, HasSubstr("not a regular file"));
  EXPECT_THAT(read_private_file(folder.write("long", std::string(101, 'x')), 100).problem,
              HasSubstr("longer than 100"));
}

TEST(private_file, a_pipe_in_its_place_does_not_stop_the_start) {
  const temporary_folder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(read_private_file(folder / "pipe", 100).problem, HasSubstr("not a regular file"));
}

TEST(private_file, is_created_with_its_folders_for_its_owner_alone) {
  const temporary_folder folder;
  const auto path = folder / "a/b/keys";
  EXPECT_EQ(create_private_file(path, secret("words"), "draft").result, create_result::created);
  EXPECT_EQ(text_of(path), "words");
  EXPECT_EQ(mode_of(path), 0600u);
  EXPECT_EQ(mode_of(folder / "a"), 0700u);
  EXPECT_EQ(folder.count(), 1u) << "no draft stays behind";
}

TEST(private_file, that_is_there_already_is_never_replaced) {
  const temporary_folder folder;
  const auto path = folder.write("keys", "first");
  EXPECT_EQ(create_private_file(path, secret("second"), "draft").result, create_result::exists_already);
  EXPECT_EQ(text_of(path), "first");
  EXPECT_EQ(folder.count(), 1u);
}

TEST(private_file, that_cannot_be_created_says_why) {
  const temporary_folder folder;
  folder.write("file", "");
  const auto made = create_private_file(folder / "file/keys", secret("words"), "draft");
  EXPECT_EQ(made.result, create_result::failed);
  EXPECT_THAT(made.problem, HasSubstr("Not a directory"));
}

} // namespace
} // namespace weappd
