#include "config/crypto/base64url.hpp"
#include "config/load.hpp"
#include "config/private_file.hpp"

#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include <sys/wait.h>
#include <unistd.h>

namespace weappd {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

options with_store(const std::string& path) {
  options values;
  values.store.path = path;
  return values;
}

std::string one_key(const std::string& id, char c) {
  return id + " active " + crypto::base64url_encode(std::string(32, c)) + "\n";
}

class load_keys_of_a_server : public testing::Test {
protected:
  temporary_folder folder;
  options values = with_store(folder / "var/weappd.db");
  crypto::system_random random;
};

TEST_F(load_keys_of_a_server, makes_them_on_the_first_start_and_finds_them_on_the_next) {
  const auto first = load_keys(values, random);
  EXPECT_EQ(render_problems(first.problems), "");
  for (const auto* name : {"signing", "encryption", "lookup"})
    EXPECT_EQ(mode_of(folder / ("var/weappd.db." + std::string(name) + ".keys")), 0600u) << name;
  EXPECT_EQ(mode_of(folder / "var"), 0700u);
  EXPECT_EQ(folder.count(), 3u);
  EXPECT_FALSE(first.keys.signing.active().bytes == first.keys.lookup.active().bytes);

  const auto second = load_keys(values, random);
  EXPECT_EQ(render_problems(second.problems), "");
  EXPECT_TRUE(second.keys.signing.active().bytes == first.keys.signing.active().bytes);
  EXPECT_TRUE(second.keys.encryption.active().bytes == first.keys.encryption.active().bytes);
  EXPECT_TRUE(second.keys.lookup.active().bytes == first.keys.lookup.active().bytes);
}

TEST_F(load_keys_of_a_server, says_in_each_file_whether_its_keys_may_change) {
  ASSERT_THAT(load_keys(values, random).problems, IsEmpty());
  const auto text_of = [&](const std::string& name) {
    return read_private_file(folder / ("var/weappd.db." + name + ".keys"), 65'536).text.reveal();
  };
  EXPECT_THAT(text_of("signing"), HasSubstr("To rotate: add a line"));
  EXPECT_THAT(text_of("encryption"), HasSubstr("To rotate: add a line"));
  EXPECT_THAT(text_of("lookup"), HasSubstr("The active key must never change"));
  EXPECT_THAT(text_of("lookup"), Not(HasSubstr("To rotate")));
}

TEST_F(load_keys_of_a_server, does_not_replace_lost_keys_of_a_store_that_is_there) {
  ASSERT_THAT(load_keys(values, random).problems, IsEmpty());
  folder.write("var/weappd.db", "a store");
  for (const auto* name : {"signing", "encryption", "lookup"})
    std::filesystem::remove(folder / ("var/weappd.db." + std::string(name) + ".keys"));

  const auto problems = load_keys(values, random).problems;
  ASSERT_EQ(problems.size(), 2u) << "signing keys could be made anew";
  EXPECT_EQ(problems[0].path, "keys.encryption_file");
  EXPECT_THAT(problems[0].text, HasSubstr("restore it from a copy"));
  EXPECT_EQ(problems[1].path, "keys.lookup_file");
  EXPECT_EQ(folder.count(), 1u) << "where something is wrong nothing is made";
}

TEST_F(load_keys_of_a_server, are_looked_for_without_making_any) {
  EXPECT_THAT(key_problems(values), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder / "var"));
  values.keys.lookup_file = folder / "missing";
  values.keys.signing_file = folder.write("s", "s1 active short\n");
  EXPECT_EQ(render_problems(key_problems(values)), render_problems(load_keys(values, random).problems));
  EXPECT_EQ(key_problems(values).size(), 2u);
}

TEST_F(load_keys_of_a_server, have_no_place_beside_a_store_that_is_a_folder) {
  values.store.path = folder / "store";
  std::filesystem::create_directory(values.store.path);
  const auto problems = load_keys(values, random).problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].path, "store.path");
  EXPECT_THAT(problems[0].text, HasSubstr("is a folder; allowed: the name of a file, such as"));
  EXPECT_FALSE(std::filesystem::exists(values.store.path + ".signing.keys"));
}

TEST_F(load_keys_of_a_server, reads_the_files_that_are_named_and_never_makes_them) {
  values.keys.signing_file = folder.write("s", one_key("s1", 's'));
  values.keys.encryption_file = folder.write("e", one_key("e1", 'e'));
  values.keys.lookup_file = folder / "missing";
  const auto loaded = load_keys(values, random);
  EXPECT_EQ(loaded.keys.signing.active().id, "s1");
  EXPECT_EQ(loaded.keys.encryption.active().id, "e1");
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_EQ(loaded.problems[0].path, "keys.lookup_file");
  EXPECT_THAT(loaded.problems[0].text, HasSubstr("No such file"));
  EXPECT_FALSE(std::filesystem::exists(folder / "missing"));
}

TEST_F(load_keys_of_a_server, names_every_file_that_does_not_fit) {
  values.keys.signing_file = folder.write("s", one_key("s1", 's'), 0640);
  values.keys.encryption_file = folder.write("e", "e1 active short\ne2 retired short\n");
  values.keys.lookup_file = folder.write("l", "");
  const auto problems = load_keys(values, random).problems;
  const auto text = render_problems(problems);
  EXPECT_EQ(problems.size(), 4u) << text;
  EXPECT_THAT(
      text, HasSubstr("keys.signing_file: the file '" + values.keys.signing_file + "' is open to its group"));
  EXPECT_THAT(text, HasSubstr("does not fit: line 1"));
  EXPECT_THAT(text, HasSubstr("does not fit: line 2"));
  EXPECT_THAT(text, HasSubstr("keys.lookup_file"));
}

TEST_F(load_keys_of_a_server, says_when_they_cannot_be_made) {
  folder.write("var", "a file where the folder should be");
  const auto problems = load_keys(values, random).problems;
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_THAT(problems[0].text, HasSubstr("Not a directory"));
}

TEST_F(load_keys_of_a_server, several_processes_at_once_end_with_the_same_keys) {
  constexpr int processes = 8;
  std::array<int, 2> start{}, answers{};
  ASSERT_EQ(::pipe(start.data()), 0);
  ASSERT_EQ(::pipe(answers.data()), 0);
  for (int i = 0; i < processes; ++i) {
    if (::fork() != 0)
      continue;
    ::close(start[1]);
    char nothing = 0;
    const auto released = ::read(start[0], &nothing, 1); // all run on when the parent closes the pipe
    const auto loaded = load_keys(values, random);
    const bool fine = released == 0 && loaded.problems.empty();
    const auto& key = fine ? loaded.keys.lookup.active().bytes.reveal() : std::string(32, '?');
    ::_exit(::write(answers[1], key.data(), key.size()) == 32 ? 0 : 1);
  }
  ::close(start[0]);
  ::close(start[1]);
  ::close(answers[1]);
  for (int i = 0; i < processes; ++i)
    ::wait(nullptr);

  const auto expected = load_keys(values, random).keys.lookup.active().bytes.reveal();
  std::string key(32, '\0');
  int answered = 0;
  while (::read(answers[0], key.data(), key.size()) == 32) {
    EXPECT_EQ(key, expected);
    ++answered;
  }
  ::close(answers[0]);
  EXPECT_EQ(answered, processes);
  EXPECT_EQ(folder.count(), 3u);
}

} // namespace
} // namespace weappd
