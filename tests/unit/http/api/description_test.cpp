// http/openapi.json and the table of routes say the same.
#include "http/api/description.hpp"
#include "http/api/routes.hpp"
#include "messages/error.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace weappd::http::test {
namespace {

using nlohmann::json;

const json& document() {
  static const json parsed = json::parse(api_document());
  return parsed;
}

std::vector<route> all_routes() {
  auto all = public_routes();
  for (const auto& one : admin_listener_routes())
    if (std::ranges::none_of(all, [&](const route& known) { return known.name == one.name; }))
      all.push_back(one);
  return all;
}

/// "get /healthz" to its operation.
std::map<std::string, json> described() {
  std::map<std::string, json> found;
  for (const auto& [path, operations] : document()["paths"].items())
    for (const auto& [verb, operation] : operations.items())
      found.emplace(verb + ' ' + path, operation);
  return found;
}

std::string place_of(const route& one) {
  std::string place(to_string(one.verb));
  std::ranges::transform(place, place.begin(), [](unsigned char c) { return std::tolower(c); });
  return place.append(" ").append(one.pattern);
}

json security_of(const route& one) {
  const auto user = json{{"user", json::array()}};
  switch (one.allowed) {
  case access::open:
    return json::array();
  case access::client:
    return json::array({user});
  case access::any:
    return json::array({user, {{"service", json::array()}}});
  case access::operators:
    return json::array({{{"operator", json::array()}}});
  case access::service:
    break;
  }
  return json::array(
      {{{"service", json::array({one.needs == scope::token_read ? "token:read" : "messages:send"})}}});
}

std::set<std::string> parameters_of(const json& operation, std::string_view where) {
  std::set<std::string> names;
  for (auto one : operation.value("parameters", json::array())) {
    if (one.contains("$ref"))
      one = document()[json::json_pointer(one["$ref"].get<std::string>().substr(1))];
    if (one["in"] == where)
      names.insert(one["name"].get<std::string>());
  }
  return names;
}

std::set<std::string> parameter_of(const route& one) {
  const auto begin = one.pattern.find('{');
  if (begin == std::string_view::npos)
    return {};
  return {std::string(one.pattern.substr(begin + 1, one.pattern.find('}') - begin - 1))};
}

TEST(api_document, describes_every_route_and_no_other) {
  std::set<std::string> routed;
  for (const auto& one : all_routes())
    routed.insert(place_of(one));
  std::set<std::string> told;
  for (const auto& [place, operation] : described())
    told.insert(place);
  EXPECT_EQ(told, routed);
}

TEST(api_document, says_of_every_route_what_the_table_says) {
  auto told = described();
  for (const auto& one : all_routes()) {
    const auto place = place_of(one);
    const auto& operation = told[place];
    EXPECT_EQ(operation["operationId"], one.name) << place;
    EXPECT_EQ(operation["security"], security_of(one)) << place;
    EXPECT_EQ(operation.contains("requestBody"), one.body != body_kind::none) << place;
    if (one.body != body_kind::none) {
      EXPECT_EQ(operation["requestBody"]["required"], one.body == body_kind::json) << place;
    }
    EXPECT_EQ(parameters_of(operation, "path"), parameter_of(one)) << place;
    const bool keeps_answers = one.verb == method::post && one.pattern.starts_with("/api/");
    EXPECT_EQ(parameters_of(operation, "header").contains("Idempotency-Key"), keeps_answers) << place;
    EXPECT_FALSE(operation.value("summary", "").empty()) << place;
  }
}

TEST(api_document, names_errors_that_there_are_and_all_of_them) {
  std::set<std::string> named;
  for (const auto& name : document()["x-errors"])
    named.insert(name.get<std::string>());
  for (const auto& [place, operation] : described())
    for (const auto& name : operation["x-errors"])
      named.insert(name.get<std::string>());
  std::set<std::string> known;
  for (const auto& one : all_errors())
    if (one.public_code != 0)
      known.emplace(one.name);
  EXPECT_EQ(named, known);
}

TEST(api_document, has_a_target_for_each_reference) {
  const auto flat = document().flatten();
  for (const auto& [place, value] : flat.items())
    if (place.ends_with("/$ref")) {
      EXPECT_TRUE(document().contains(json::json_pointer(value.get<std::string>().substr(1))))
          << place << value;
    }
}

TEST(describe_api, tells_of_these_routes_alone_with_version_and_error_codes) {
  const std::vector<route> routes{
      {.name = "healthz", .verb = method::get, .pattern = "/healthz"},
      {.name = "stock", .verb = method::put, .pattern = "/shop/{id}/stock"},
  };
  const auto told = json::parse(describe_api(api_document(), routes, "1.2.3"));
  EXPECT_EQ(told["info"]["version"], "1.2.3");
  EXPECT_EQ(told["paths"].size(), 2U);
  EXPECT_EQ(told["paths"]["/healthz"], document()["paths"]["/healthz"]);
  EXPECT_EQ(told["paths"]["/shop/{id}/stock"]["put"]["operationId"], "stock");
  EXPECT_EQ(told["tags"].size(), 1U);
  EXPECT_EQ(told["x-error-codes"][0]["code"], 1000010001);
  EXPECT_EQ(told["x-error-codes"][0]["name"], "invalid_parameter");
}

// echo -n ' a ' | openssl dgst -sha256 -binary | basenc --base64url
TEST(docs_policy, allows_one_style_and_one_script_by_their_hashes) {
  const auto policy = docs_policy("<style> a </style><p><script> a </script>");
  EXPECT_EQ(policy, "default-src 'none'; script-src 'sha256-y_fzAATzZnywk7PHtVFpqQ4_AET26j_5PT91Qnpy43c='; "
                    "style-src 'sha256-y_fzAATzZnywk7PHtVFpqQ4_AET26j_5PT91Qnpy43c='; connect-src 'self'; "
                    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
}

} // namespace
} // namespace weappd::http::test
