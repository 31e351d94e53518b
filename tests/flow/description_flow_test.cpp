// What the server says of its API, and that all other flow tests saw nothing else.
#include "http/api/description.hpp"
#include "tests/flow/answers.hpp"
#include "tests/flow/api_contract.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weappd {
namespace {

// -- every exchange of every test of this program

void hold_against_description(const kit::exchange& seen) {
  static const api_contract contract(nlohmann::json::parse(http::api_document()));
  for (const auto& breach : contract.breaches(seen))
    ADD_FAILURE() << "http/openapi.json says otherwise: " << seen.method << ' ' << seen.path << ": " << breach
                  << "\nrequest: " << seen.body << "\nanswer: " << seen.answer.status << ' '
                  << seen.answer.body;
}

struct described_exchanges : testing::Environment {
  void SetUp() override { kit::observe_exchanges(hold_against_description); }
  void TearDown() override { kit::observe_exchanges(nullptr); }
};
const auto* const in_all_tests =
    testing::AddGlobalTestEnvironment(new described_exchanges); // gtest's from now on

// -- that the check sees what is wrong

kit::http_response answer_of(int status, const nlohmann::json& body,
                             const std::string& type = "application/json") {
  return {.status = status, .reason = {}, .headers = {{"Content-Type", type}}, .body = body.dump()};
}

std::vector<std::string> breaches(std::string_view method, std::string_view path,
                                  const kit::http_response& answer, std::string_view body = {}) {
  return api_contract(nlohmann::json::parse(http::api_document()))
      .breaches({.method = method, .path = path, .body = body, .answer = answer});
}

nlohmann::json success_of(const nlohmann::json& data, int code = 200) {
  return {{"code", code}, {"message", "ok"}, {"data", data}, {"request_id", "0123456789abcdef"}};
}

nlohmann::json failure_of(std::uint64_t code) {
  return {{"code", code}, {"message", "no"}, {"data", nullptr}, {"request_id", "0123456789abcdef"}};
}

TEST(api_contract, takes_what_is_described_and_what_it_knows_nothing_of) {
  EXPECT_EQ(
      breaches("POST", "/api/v1/auth/logout", answer_of(200, success_of(nlohmann::json::object()))).size(),
      0U);
  EXPECT_EQ(breaches("GET", "/api/v1/messages/17?x=1", answer_of(404, failure_of(2000040003))).size(), 0U);
  EXPECT_EQ(breaches("GET", "/mine", answer_of(299, "anything")).size(), 0U);
}

TEST(api_contract, finds_what_is_not_described) {
  EXPECT_NE(breaches("POST", "/api/v1/auth/logout", answer_of(200, success_of({{"more", 1}}))).size(), 0U);
  EXPECT_NE(breaches("POST", "/api/v1/auth/logout", answer_of(200, nlohmann::json::object())).size(), 0U);
  EXPECT_NE(
      breaches("POST", "/api/v1/auth/logout", answer_of(201, success_of(nlohmann::json::object()))).size(),
      0U);
  EXPECT_NE(breaches("POST", "/api/v1/auth/logout",
                     answer_of(200, success_of(nlohmann::json::object()), "text/html"))
                .size(),
            0U);
  EXPECT_NE(breaches("POST", "/api/v1/auth/logout", answer_of(404, failure_of(2000040003))).size(), 0U);
  EXPECT_NE(breaches("POST", "/api/v1/auth/logout", answer_of(200, success_of(nlohmann::json::object())),
                     R"({"where":1})")
                .size(),
            0U);
  EXPECT_NE(breaches("GET", "/api/v1/messages/17", answer_of(200, success_of({{"id", 17}}))).size(), 0U);
}

TEST(api_document, gives_examples_that_fit) {
  const auto document = nlohmann::json::parse(http::api_document());
  std::size_t examples = 0;
  for (const auto& [path, operations] : document["paths"].items())
    for (const auto& [verb, operation] : operations.items()) {
      const auto body =
          operation.value("/requestBody/content/application~1json/example"_json_pointer, nlohmann::json());
      for (const auto& [status, response] : operation["responses"].items()) {
        const auto example =
            response.value("/content/application~1json/example"_json_pointer, nlohmann::json());
        if (example.is_null())
          continue;
        const auto found = breaches(verb, path, answer_of(std::stoi(status), example),
                                    body.is_null() ? std::string() : body.dump());
        EXPECT_EQ(found, std::vector<std::string>()) << verb << ' ' << path;
        ++examples;
      }
    }
  EXPECT_GE(examples, 10U);
}

// -- the endpoints

std::set<std::string> operations_in(const nlohmann::json& description) {
  std::set<std::string> names;
  for (const auto& operations : description["paths"])
    for (const auto& operation : operations)
      names.insert(operation.value("operationId", "?"));
  return names;
}

TEST(description, tells_what_can_be_asked_of_the_listener_that_is_asked) {
  kit::test_server server([](options& values) {
    values.admin.port = 0;
    values.admin.token = secret("0123456789abcdef0123456789abcdef");
  });
  const auto for_all = server.http().get("/openapi.json").json();
  const auto for_operators = kit::http_client(server.server().admin_port()).get("/openapi.json").json();
  const auto open = operations_in(for_all);
  EXPECT_TRUE(open.contains("auth.login") && open.contains("messages.send") && open.contains("openapi"));
  EXPECT_FALSE(open.contains("metrics") || open.contains("admin.reload"));
  const auto operators = operations_in(for_operators);
  EXPECT_TRUE(operators.contains("metrics") && operators.contains("admin.reload"));
  EXPECT_FALSE(operators.contains("auth.login"));
}

TEST(description, is_not_there_where_the_configuration_says_so) {
  kit::test_server server([](options& values) { values.http.docs = false; });
  EXPECT_EQ(server.http().get("/openapi.json").status, 404);
  EXPECT_EQ(server.http().get("/docs").status, 404);
}

TEST(description, names_the_routes_of_an_extension) {
  extension other;
  other.routes = [](std::vector<http::route>& all) {
    all.push_back({.name = "shop.stock",
                   .verb = http::method::get,
                   .pattern = "/shop/{id}/stock",
                   .handle = [](http::request_actor&) {}});
  };
  kit::test_server server({}, other);
  const auto described = server.http().get("/openapi.json").json()["paths"]["/shop/{id}/stock"]["get"];
  EXPECT_EQ(described["operationId"], "shop.stock");
  EXPECT_EQ(described["parameters"][0]["name"], "id");
}

TEST(docs_page, may_run_its_own_script_and_nothing_else) {
  kit::test_server server;
  const auto page = server.http().get("/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  const auto policy = page.header("Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'sha256-")) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(server.http().request("HEAD", "/docs").body, "");
}

} // namespace
} // namespace weappd
