#include "http/server/router.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

void handle(request_actor&) {}

const router& example() {
  static const router routes({
      {.name = "list", .pattern = "/things", .handle = handle},
      {.name = "add", .verb = method::post, .pattern = "/things", .handle = handle},
      {.name = "one", .pattern = "/things/{id}", .handle = handle},
      {.name = "remove", .verb = method::delete_, .pattern = "/things/{id}", .handle = handle},
      {.name = "special", .pattern = "/things/special", .handle = handle},
      {.name = "retry", .verb = method::post, .pattern = "/things/{id}/retry", .handle = handle},
      {.name = "token", .pattern = "/apps/{app}/access_token", .handle = handle},
      {.name = "report",
       .verb = method::post,
       .pattern = "/apps/{app}/access_token/report",
       .handle = handle},
  });
  return routes;
}

std::string_view name_of(const router::match& match) {
  return match.found != nullptr ? match.found->name : std::string_view("-");
}

TEST(router, finds_a_route_by_method_and_path) {
  EXPECT_EQ(name_of(example().find(method::get, "/things")), "list");
  EXPECT_EQ(name_of(example().find(method::post, "/things")), "add");
}

TEST(router, finds_the_route_of_GET_for_HEAD) {
  EXPECT_EQ(name_of(example().find(method::head, "/things")), "list");
  EXPECT_EQ(name_of(example().find(method::head, "/things/7/retry")), "-");
}

TEST(router, gives_the_parameter_as_it_was_sent) {
  const auto match = example().find(method::get, "/things/a%20b");
  EXPECT_EQ(name_of(match), "one");
  EXPECT_EQ(match.parameter, "a%20b");
  EXPECT_EQ(example().find(method::post, "/things/7/retry").parameter, "7");
  EXPECT_EQ(name_of(example().find(method::post, "/things/7/retry")), "retry");
}

TEST(router, tells_patterns_apart_that_begin_alike) {
  const auto token = example().find(method::get, "/apps/demo/access_token");
  EXPECT_EQ(name_of(token), "token");
  EXPECT_EQ(token.parameter, "demo");
  const auto report = example().find(method::post, "/apps/demo/access_token/report");
  EXPECT_EQ(name_of(report), "report");
  EXPECT_EQ(report.parameter, "demo");
  EXPECT_EQ(example().find(method::post, "/apps/demo/access_token").allow, "GET, HEAD, OPTIONS");
}

TEST(router, prefers_a_fixed_path_to_a_parameter) {
  EXPECT_EQ(name_of(example().find(method::get, "/things/special")), "special");
}

TEST(router, takes_exactly_one_segment_that_is_not_empty_for_a_parameter) {
  for (const auto* path : {"/things/", "/things/1/2", "/things//retry", "/things/1/2/retry", "/other/1"})
    EXPECT_EQ(example().find(method::get, path).allow, "") << path;
}

TEST(router, finds_nothing_for_paths_that_only_resemble_a_route) {
  for (const auto* path : {"", "/", "/thing", "/things2", "/Things", "*"}) {
    EXPECT_EQ(name_of(example().find(method::get, path)), "-") << path;
    EXPECT_EQ(example().find(method::get, path).allow, "") << path;
  }
}

TEST(router, says_what_is_allowed_where_the_method_is_not) {
  const auto match = example().find(method::put, "/things");
  EXPECT_EQ(name_of(match), "-");
  EXPECT_EQ(match.allow, "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(example().find(method::get, "/things/7/retry").allow, "POST, OPTIONS");
  EXPECT_EQ(example().find(method::patch, "/things/7").allow, "GET, HEAD, DELETE, OPTIONS");
}

} // namespace
} // namespace weappd::http::test
