#include "persistence/consent_entry.hpp"

#include <gtest/gtest.h>

using namespace weappd;

namespace {

consent_entry accepted(std::uint32_t client, std::uint32_t platform) {
  consent_entry out;
  out.last = consent_answer::accept;
  out.client_count = client;
  out.platform_count = platform;
  return out;
}

} // namespace

TEST(consent_entry, believes_the_source_that_counted_more) {
  EXPECT_EQ(accepted(3, 1).credits(), 3u);
  EXPECT_EQ(accepted(1, 3).credits(), 3u);
  EXPECT_EQ(accepted(0, 0).credits(), 0u);
}

TEST(consent_entry, never_has_less_than_nothing) {
  auto entry = accepted(1, 0);
  entry.used = 1;
  entry.reserved = 4'294'967'295;
  EXPECT_EQ(entry.credits(), 0u);
}

TEST(consent_entry, gives_back_no_more_than_is_reserved) {
  auto entry = accepted(1, 0);
  entry.apply({.reserved = -1});
  EXPECT_EQ(entry.reserved, 0u);
  EXPECT_EQ(entry.credits(), 1u);
}

TEST(consent_entry, spends_what_was_reserved_and_never_more_than_was_given) {
  auto entry = accepted(2, 0);
  entry.apply({.reserved = 3});
  entry.apply({.reserved = -1, .used = 1});
  EXPECT_EQ(entry.reserved, 2u);
  EXPECT_EQ(entry.used, 1u);
  entry.deny(entry.given());
  entry.apply({.reserved = -2, .used = 2});
  EXPECT_EQ(entry.reserved, 0u);
  EXPECT_EQ(entry.used, 2u);
}

TEST(consent_entry, has_nothing_after_a_denial_but_what_comes_later) {
  auto entry = accepted(2, 0);
  entry.deny(entry.given());
  EXPECT_EQ(entry.used, 2u);
  ++entry.client_count;
  EXPECT_EQ(entry.credits(), 1u);
}

TEST(consent_entry, keeps_what_was_given_since_the_attempt_that_was_denied_began) {
  auto entry = accepted(3, 0);
  entry.deny(2);
  EXPECT_EQ(entry.credits(), 1u);
  entry.deny(1);
  EXPECT_EQ(entry.credits(), 1u) << "an older denial gives nothing back";
  entry.deny(9);
  EXPECT_EQ(entry.used, 3u) << "never more than were given";
}

TEST(consent_entry, makes_no_credits_of_what_was_accepted_for_good) {
  consent_entry entry;
  const auto accept_for = [&](consent_need need) {
    EXPECT_TRUE(entry.record({"t", need, consent_answer::accept}, consent_source::client, {}));
  };
  accept_for(consent_need::long_term);
  accept_for(consent_need::long_term);
  EXPECT_EQ(entry.given(), 2u);
  EXPECT_TRUE(entry.balance("t").unlimited);
  accept_for(consent_need::one_time); // the configuration was mended
  EXPECT_EQ(entry.credits(), 1u);
}

TEST(consent_entry, of_a_long_term_template_is_closed_by_a_denial) {
  auto entry = accepted(0, 0);
  entry.need = consent_need::long_term;
  EXPECT_TRUE(entry.balance("t").unlimited);
  EXPECT_TRUE(entry.allows(consent_need::long_term));
  EXPECT_FALSE(entry.allows(consent_need::one_time));
  entry.deny(entry.given());
  EXPECT_FALSE(entry.balance("t").unlimited);
  EXPECT_FALSE(entry.allows(consent_need::long_term));
  EXPECT_TRUE(entry.allows(consent_need::none));
}
