// Who may ask what, for every endpoint that http/openapi.json describes: each is asked by everybody.
#include "http/api/description.hpp"
#include "tests/flow/answers.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace weappd {
namespace {

constexpr auto operators_word = "0123456789abcdef0123456789abcdef";
constexpr auto other_client = "stock";

/// One endpoint of the description.
struct described_call {
  std::string method;
  std::string path; ///< with an id that nobody has in the place of each parameter
  nlohmann::json operation;

  [[nodiscard]] bool has_body() const { return operation.contains("requestBody"); }
  [[nodiscard]] bool has_query() const {
    const auto parameters = operation.value("parameters", nlohmann::json::array());
    return std::ranges::any_of(parameters, [](const nlohmann::json& one) {
      return one.value("in", "") == "query" || one.value("$ref", "") == "#/components/parameters/Page";
    });
  }
};

/// What the listener behind that port says of itself.
std::vector<described_call> calls_of(std::uint16_t port) {
  static const std::regex parameter("\\{[a-z_]+\\}");
  std::vector<described_call> calls;
  const auto description = kit::http_client(port).get("/openapi.json").json();
  for (const auto& [path, operations] : description["paths"].items())
    for (const auto& [verb, operation] : operations.items()) {
      std::string method(verb);
      std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::toupper(c); });
      calls.push_back({method, std::regex_replace(path, parameter, "17"), operation});
    }
  return calls;
}

/// A server, and the tokens of everybody who may come.
struct access_flow : testing::Test {
  kit::test_server server{[](options& values) {
    values.admin.port = 0;
    values.admin.token = secret(operators_word);
    values.clients[other_client] = values.clients["demo"];
    values.clients[other_client].scopes = {};
  }};
  std::map<std::string, std::string> tokens{
      {"nobody", ""}, {"forger", "e30.e30.AAAA"}, {"operator", operators_word}};

  access_flow() {
    auto phone = server.phone();
    phone.login(server.wechat().make_code("o-alice"));
    tokens["user"] = phone.access_token;
    for (const auto* id : {"demo", other_client}) {
      kit::service_client client(server.port(), id);
      client.log_in();
      tokens[id] = client.access_token;
    }
  }

  /// The body is refused by whoever looks at it, so nothing happens.
  static kit::http_response call(kit::http_client& with, const described_call& what,
                                 const std::string& token) {
    kit::field_list fields;
    if (!token.empty())
      fields.emplace_back("Authorization", "Bearer " + token);
    return with.request(what.method, what.path, what.has_body() ? R"({"unheard_of":1})" : "", fields);
  }
};

/// 401, 403, or 0: let in.
int refusal(const std::string& who, const nlohmann::json& security) {
  if (security.empty())
    return 0;
  const std::string kind = who == "demo" || who == other_client ? "service" : who;
  for (const auto& one : security)
    if (const auto scopes = one.find(kind); scopes != one.end())
      return who == other_client && !scopes->empty() ? 403 : 0;
  const bool is_known = kind == "user" || kind == "service";
  const bool is_for_operators = security[0].contains("operator");
  return is_known && !is_for_operators ? 403 : 401;
}

testing::AssertionResult is_refused_with(const kit::http_response& answer, int status) {
  if (status == 0 ? answer.status != 401 && answer.status != 403 : answer.status == status)
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << "wanted " << status << ", got " << answer.status << ": "
                                     << answer.body;
}

TEST_F(access_flow, every_endpoint_lets_in_whom_its_description_names_and_nobody_else) {
  std::size_t asked = 0;
  for (const auto port : {server.port(), server.server().admin_port()}) {
    kit::http_client listener(port);
    for (const auto& what : calls_of(port))
      for (const auto& [who, token] : tokens) {
        EXPECT_TRUE(is_refused_with(call(listener, what, token), refusal(who, what.operation["security"])))
            << who << ": " << what.method << ' ' << what.path;
        ++asked;
      }
  }
  EXPECT_GE(asked, 6U * 30);
}

TEST_F(access_flow, nothing_of_operators_is_on_the_public_listener) {
  auto open = server.http();
  for (const auto& what : calls_of(server.server().admin_port()))
    if (what.path.starts_with("/admin")) {
      for (const auto& [who, token] : tokens)
        EXPECT_EQ(call(open, what, token).status, 404) << who << ": " << what.method << ' ' << what.path;
    }
}

/// Of a caller whom everything lets in.
std::string caller_of(const nlohmann::json& security) {
  if (security.empty())
    return "nobody";
  if (security[0].contains("user"))
    return "user";
  return security[0].contains("operator") ? "operator" : "demo";
}

TEST_F(access_flow, every_endpoint_refuses_a_member_or_parameter_that_it_does_not_know) {
  std::size_t bodies = 0;
  for (const auto port : {server.port(), server.server().admin_port()}) {
    kit::http_client listener(port);
    for (auto what : calls_of(port)) {
      const auto& token = tokens.at(caller_of(what.operation["security"]));
      const nlohmann::json unknown = {{"field", "unheard_of"}, {"problem", "unknown_field"}};
      const auto is_told = [&](const kit::http_response& answer) {
        const auto details = answer.json().value("details", nlohmann::json::array());
        return answer.status == 400 && std::ranges::find(details, unknown) != details.end();
      };
      if (what.has_body()) {
        EXPECT_TRUE(is_told(call(listener, what, token))) << what.path;
        ++bodies;
      }
      if (what.has_query()) {
        what.path += "?unheard_of=1";
        EXPECT_TRUE(is_told(call(listener, what, token))) << what.path;
      }
    }
  }
  EXPECT_GE(bodies, 10U);
}

TEST_F(access_flow, what_is_somebody_elses_is_as_if_it_were_not_there) {
  auto bob = server.phone();
  const auto session = text_of(bob.login(server.wechat().make_code("o-bob")), "session_id");
  auto http = server.http();
  const auto remove = [&](const std::string& id) {
    auto answer =
        http.request("DELETE", "/api/v1/auth/sessions/" + id, {},
                     {{"Authorization", "Bearer " + tokens["user"]}, {"X-Request-Id", "the-same-one"}});
    return std::to_string(answer.status) + ' ' + answer.body;
  };
  auto nobodys = session;
  std::ranges::reverse(nobodys);
  const auto refused = remove(session);
  EXPECT_TRUE(refused.starts_with("404 ")) << refused;
  EXPECT_EQ(refused, remove(nobodys)) << "no difference that tells that it is there";
  EXPECT_EQ(bob.me().status, 200);
}

} // namespace
} // namespace weappd
