#include "messages/error.hpp"
#include "tests/kit/net/raw_http.hpp"
#include "tests/kit/net/self_signed.hpp"
#include "tests/kit/net/tls_connection.hpp"
#include "tests/kit/net/wire_case.hpp"
#include "tests/kit/server/temporary_folder.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

/// The cases of README.md in this folder, over loopback against a running server.
namespace weappd {
namespace {

constexpr std::string_view canary = "GET /canary HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr std::size_t max_cuts = 300;

std::uint64_t public_code_of(std::string_view name) {
  for (const auto& one : all_errors())
    if (one.name == name)
      return one.public_code;
  ADD_FAILURE() << "no error is called " << name;
  return 0;
}

class wire : public testing::Test {
protected:
  static void SetUpTestSuite() {
    const auto identity = kit::self_signed::make("IP:127.0.0.1");
    server = std::make_unique<kit::test_server>([&identity](options& values) {
      values.http.tls.port = 0;
      values.http.tls.certificate_file = identity.certificate_file(files / "certificate.pem");
      values.http.tls.key_file = identity.key_file(files / "key.pem");
    });
    cases = kit::load_wire_cases(WEAPPD_SOURCE_DIR "/tests/wire/cases");
  }
  static void TearDownTestSuite() { server.reset(); }

  /// Runs `body` on each case with a fresh connection; a broken one is a failure of that case alone.
  static void for_each_case(const std::function<void(const kit::wire_case&)>& body) {
    ASSERT_GT(cases.size(), 250u);
    for (const auto& one : cases) {
      SCOPED_TRACE(one.file + ": " + one.title);
      try {
        body(one);
      } catch (const std::exception& error) {
        ADD_FAILURE() << "waited for " << error.what();
      }
    }
  }

  static kit::raw_connection connect() { return kit::raw_connection(server->port()); }

  static void expect_failure_body(const kit::http_response& answer, std::string_view error) {
    const auto body = answer.json();
    ASSERT_TRUE(body.is_object()) << answer.body;
    EXPECT_EQ(body.value("code", std::uint64_t{0}), public_code_of(error)) << answer.body;
    EXPECT_EQ(body.value("request_id", ""), answer.header("X-Request-Id"));
    EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  }

  static void expect_answers(const kit::wire_case& one, kit::raw_connection& client) {
    for (std::size_t i = 0; i < one.answers.size(); ++i) {
      const auto& expected = one.answers[i];
      const auto answer = one.may_continue ? client.read_final_response(expected.bodiless)
                                           : client.read_response(expected.bodiless);
      EXPECT_EQ(answer.status, expected.status) << "answer " << i << ": " << answer.body;
      if (!expected.error.empty())
        expect_failure_body(answer, expected.error);
      const bool last = one.closes && i + 1 == one.answers.size();
      EXPECT_EQ(answer.header("Connection") == "close", last) << "answer " << i;
    }
  }

  /// Nothing more comes after a close; where the connection serves on, the canary gets the only further
  /// answer.
  static void expect_end(const kit::wire_case& one, kit::raw_connection& client) {
    if (one.closes)
      EXPECT_TRUE(client.is_closed_in_silence());
    else
      EXPECT_EQ(client.read_response().status, 404) << "the canary";
  }

  static inline const kit::temporary_folder files;
  static inline std::unique_ptr<kit::test_server> server;
  static inline std::vector<kit::wire_case> cases;
};

TEST_F(wire, every_case_gets_the_exact_answer) {
  for_each_case([](const kit::wire_case& one) {
    auto client = connect();
    client.send(one.bytes);
    expect_answers(one, client);
    if (!one.closes)
      client.send(canary);
    expect_end(one, client);
  });
}

TEST_F(wire, every_case_gets_the_same_answer_over_TLS) {
  for_each_case([](const kit::wire_case& one) {
    kit::tls_connection client(server->server().https_port());
    client.send(one.bytes);
    expect_answers(one, client);
    if (!one.closes)
      client.send(canary);
    expect_end(one, client);
    EXPECT_TRUE(!one.closes || client.has_heard_goodbye());
  });
}

TEST_F(wire, every_case_gets_the_same_answer_wherever_it_is_cut) {
  for_each_case([](const kit::wire_case& one) {
    const auto step = std::max<std::size_t>(1, (one.bytes.size() + max_cuts - 1) / max_cuts);
    for (std::size_t cut = 1; cut < one.bytes.size() && !HasFailure(); cut += step) {
      SCOPED_TRACE("cut at " + std::to_string(cut));
      auto client = connect();
      client.send_cut(one.bytes, cut);
      expect_answers(one, client);
      if (!one.closes)
        client.send(canary);
      expect_end(one, client);
    }
  });
}

TEST_F(wire, a_canary_behind_a_case_is_never_answered_once_the_case_was_refused) {
  for_each_case([](const kit::wire_case& one) {
    auto client = connect();
    client.send(one.bytes + std::string(canary));
    expect_answers(one, client);
    expect_end(one, client);
  });
}

TEST_F(wire, the_server_still_serves_after_all_that) {
  EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200);
}

} // namespace
} // namespace weappd
