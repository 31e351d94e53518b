#include "actors/secret_checker.hpp"

#include "tests/kit/actors/world.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

TEST(secret_checker, answers_no_to_what_is_no_hash) {
  world w;
  const auto checker = w.spawn(secret_checker);
  for (const auto* hash : {"", "not a hash"}) {
    const auto checked = w.ask<secret_checked>(checker, check_secret{secret("demo-secret"), hash});
    ASSERT_TRUE(checked);
    EXPECT_FALSE(checked->fits);
  }
}

} // namespace
} // namespace weappd
