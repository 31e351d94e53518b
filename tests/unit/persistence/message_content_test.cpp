#include "persistence/message_content.hpp"

#include <gtest/gtest.h>

using namespace weappd;

namespace {

const field_values unusual{
    {"thing1", std::string("a\0b\n\t", 5)}, {"", ""}, {"thing1", std::string(70'000, 'x')}};

} // namespace

TEST(message_content, is_unpacked_as_it_was) {
  for (const auto& data : {field_values{}, unusual}) {
    const auto content = unpack_content(pack_content("pages/a?b=1", data));
    ASSERT_TRUE(content);
    EXPECT_EQ(content->page, "pages/a?b=1");
    EXPECT_EQ(content->data, data);
  }
}

TEST(message_content, that_was_cut_anywhere_but_behind_a_field_is_refused) {
  const auto page = pack_content("p", {});
  const auto whole = pack_content("p", {{"ab", "c"}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(unpack_content(whole.substr(0, size)).has_value(), size == page.size()) << size;
}

TEST(message_content, with_a_length_beyond_its_end_is_refused) {
  EXPECT_FALSE(unpack_content("\xff\xff\xff\xff"));
  EXPECT_FALSE(unpack_content(pack_content("p", {}) + std::string("\x02\x00\x00\x00"
                                                                  "a",
                                                                  5)));
}
