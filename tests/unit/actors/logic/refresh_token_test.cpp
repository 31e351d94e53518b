#include "actors/logic/refresh_token.hpp"

#include "tests/kit/actors/seeded_random.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace weappd {
namespace {

constexpr user_id user{42};
const std::string lookup_key(32, 'k');

/// A session with its whole history of tokens, the first one first.
struct history {
  refresh_chain chain{lookup_key};
  session_record row;
  std::vector<secret> tokens;

  explicit history(std::uint32_t refreshes) {
    seeded_random random(7);
    row.user = user;
    random.fill(row.id.bytes);
    tokens.push_back(chain.first(user, row.id, random));
    row.refresh_hash = chain.hash(tokens.back());
    for (std::uint32_t i = 0; i < refreshes; ++i) {
      tokens.push_back(chain.successor(tokens.back(), user, row.id));
      row.previous_refresh_hash = row.refresh_hash;
      row.refresh_hash = chain.hash(tokens.back());
      ++row.generation;
    }
  }
};

TEST(refresh_chain, a_successor_depends_on_the_token_alone_also_after_a_restart) {
  history h(1);
  refresh_chain restarted(lookup_key);
  EXPECT_EQ(restarted.successor(h.tokens[0], user, h.row.id), h.tokens[1]);
  EXPECT_EQ(restarted.hash(h.tokens[1]), h.row.refresh_hash);
}

TEST(refresh_chain, another_key_gives_other_hashes_and_successors) {
  history h(1);
  refresh_chain other(std::string(32, 'x'));
  EXPECT_FALSE(other.successor(h.tokens[0], user, h.row.id) == h.tokens[1]);
  EXPECT_NE(other.hash(h.tokens[1]), h.row.refresh_hash);
}

TEST(refresh_chain, tokens_of_a_session_never_repeat) {
  history h(500);
  std::set<std::string> seen;
  for (const auto& token : h.tokens) {
    seen.insert(token.reveal());
    const auto parts = parse_refresh_token(token.reveal());
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->user, user);
    EXPECT_EQ(parts->session, h.row.id);
  }
  EXPECT_EQ(seen.size(), h.tokens.size());
}

TEST(refresh_chain, the_age_of_each_token_is_known) {
  history h(5);
  EXPECT_EQ(h.chain.age_of(h.tokens[5], h.row), 0u);
  EXPECT_EQ(h.chain.age_of(h.tokens[4], h.row), 1u);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_EQ(h.chain.age_of(h.tokens[i], h.row), 5 - i) << i;
}

TEST(refresh_chain, a_token_that_is_not_given_out_yet_is_unknown) {
  history h(2);
  const auto future = h.chain.successor(h.tokens.back(), user, h.row.id);
  EXPECT_EQ(h.chain.age_of(future, h.row), std::nullopt);
}

TEST(refresh_chain, before_the_first_refresh_there_is_no_previous_token) {
  history h(0);
  EXPECT_EQ(h.chain.age_of(h.tokens[0], h.row), 0u);
  EXPECT_EQ(h.chain.age_of(secret("x"), h.row), std::nullopt);
  // The all-zero previous hash means "none" and matches nothing.
  EXPECT_EQ(h.row.previous_refresh_hash, keyed_hash{});
}

TEST(refresh_chain, foreign_and_garbled_tokens_are_unknown) {
  history h(3);
  seeded_random random(8);
  session_id other_session;
  random.fill(other_session.bytes);
  EXPECT_EQ(h.chain.age_of(h.chain.first(user, h.row.id, random), h.row), std::nullopt);
  EXPECT_EQ(h.chain.age_of(h.chain.first(user, other_session, random), h.row), std::nullopt);
  EXPECT_EQ(h.chain.age_of(h.chain.first({43}, h.row.id, random), h.row), std::nullopt);
  EXPECT_EQ(h.chain.age_of(secret(""), h.row), std::nullopt);
  EXPECT_EQ(h.chain.age_of(secret(std::string(100'000, 'A')), h.row), std::nullopt);
}

TEST(refresh_chain, the_first_token_leads_to_the_newest) {
  for (const std::uint32_t refreshes : {0U, 1U, 7U, refresh_chain::memory}) {
    history h(refreshes);
    const auto newest = h.chain.newest(h.tokens.front(), h.row);
    ASSERT_TRUE(newest) << refreshes;
    EXPECT_EQ(*newest, h.tokens.back());
  }
}

TEST(refresh_chain, no_other_token_and_no_first_one_beyond_the_bound_leads_to_the_newest) {
  history h(2);
  EXPECT_FALSE(h.chain.newest(h.tokens[1], h.row));
  EXPECT_FALSE(h.chain.newest(h.tokens[2], h.row));
  EXPECT_FALSE(h.chain.newest(secret("x"), h.row));
  history old(refresh_chain::memory + 1);
  EXPECT_FALSE(old.chain.newest(old.tokens.front(), old.row));
}

TEST(refresh_chain, ancestors_are_recognised_up_to_the_bound) {
  history h(refresh_chain::memory + 2);
  EXPECT_EQ(h.chain.age_of(h.tokens[1], h.row), refresh_chain::memory + 1);
  EXPECT_EQ(h.chain.age_of(h.tokens[0], h.row), std::nullopt);
}

} // namespace
} // namespace weappd
