#include "tests/unit/http/server/bridge_fixture.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

TEST(bridge_answers, carry_what_every_answer_has) {
  bridge b;
  const auto answer = b.get("/fast?n=1");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.reason, "OK");
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
  EXPECT_TRUE(answer.header("Date").ends_with(" GMT"));
  EXPECT_EQ(answer.header("Connection"), "");
  EXPECT_EQ(echo_of(answer), "n=1");
  EXPECT_EQ(answer.json()["request_id"], answer.header("X-Request-Id"));
}

TEST(bridge_answers, to_pipelined_requests_come_in_order_however_long_each_takes) {
  bridge b;
  auto client = b.connect();
  std::string bytes;
  const std::vector<std::string> paths{"/after/40?n=0", "/fast?n=1",     "/after/5?n=2", "/detached?n=3",
                                       "/after/0?n=4",  "/after/20?n=5", "/fast?n=6",    "/after/1?n=7"};
  for (const auto& path : paths)
    bytes += get_bytes(path);
  client.send(bytes);
  for (std::size_t i = 0; i < paths.size(); ++i)
    EXPECT_EQ(echo_of(client.read_response()), "n=" + std::to_string(i));
}

TEST(bridge_answers, to_pipelined_requests_that_come_in_pieces_are_the_same) {
  bridge b;
  const auto bytes =
      get_bytes("/after/1?n=0") +
      "POST /fast?n=1 HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
      "2\r\n\r\n{}" +
      get_bytes("/fast?n=2");
  for (std::size_t cut = 1; cut < bytes.size(); cut += 7) {
    auto client = b.connect();
    ASSERT_TRUE(client.send_cut(bytes, cut));
    for (int i = 0; i < 3; ++i)
      ASSERT_EQ(echo_of(client.read_response()), "n=" + std::to_string(i)) << "cut at " << cut;
  }
}

TEST(bridge_answers, of_64_connections_are_in_order_and_exactly_one_each) {
  bridge b;
  constexpr int connections = 64, rounds = 8;
  const std::vector<std::string> kinds{"/fast",    "/after/3", "/detached", "/after/0",
                                       "/limited", "/after/1", "/fast",     "/detached"};
  std::vector<kit::raw_connection> clients;
  for (int c = 0; c < connections; ++c)
    clients.push_back(b.connect());
  const auto name = [](int c, int round, std::size_t i) {
    return "c" + std::to_string(c) + "r" + std::to_string(round) + "i" + std::to_string(i);
  };
  for (int round = 0; round < rounds; ++round) {
    for (int c = 0; c < connections; ++c) {
      std::string bytes;
      for (std::size_t i = 0; i < kinds.size(); ++i) {
        const bool last = round + 1 == rounds && i + 1 == kinds.size();
        const auto& kind = kinds[(i + static_cast<std::size_t>(c)) % kinds.size()];
        bytes += get_bytes(kind + "?" + name(c, round, i), last ? "Connection: close\r\n" : "");
      }
      ASSERT_TRUE(clients[static_cast<std::size_t>(c)].send(bytes));
    }
    for (int c = 0; c < connections; ++c)
      for (std::size_t i = 0; i < kinds.size(); ++i)
        ASSERT_EQ(echo_of(clients[static_cast<std::size_t>(c)].read_response()), name(c, round, i));
  }
  for (auto& client : clients)
    EXPECT_EQ(client.read_until_close(), "");
  clients.clear();
  EXPECT_TRUE(eventually([&] { return b.is_at_rest() && b.connections() == 0; }));
  EXPECT_EQ(b.log().size(), connections * rounds * kinds.size());
}

TEST(bridge_answers, that_become_ready_all_at_once_reach_each_its_connection) {
  bridge b;
  constexpr std::size_t connections = 300;
  std::vector<kit::raw_connection> clients;
  for (std::size_t c = 0; c < connections; ++c) {
    clients.push_back(b.connect());
    const auto n = std::to_string(c);
    clients.back().send(get_bytes("/held?first" + n) + get_bytes("/after/0?second" + n) +
                        get_bytes("/fast?third" + n));
  }
  ASSERT_TRUE(eventually([&] { return b.held() == connections; }));
  b.answer_all_held();
  for (std::size_t c = 0; c < connections; ++c) {
    const auto n = std::to_string(c);
    ASSERT_EQ(echo_of(clients[c].read_response()), "first" + n);
    ASSERT_EQ(echo_of(clients[c].read_response()), "second" + n);
    ASSERT_EQ(echo_of(clients[c].read_response()), "third" + n);
  }
}

TEST(bridge_answers, to_HEAD_have_the_fields_of_GET_and_no_body) {
  bridge b;
  auto client = b.connect();
  client.send("HEAD /fast?n=1 HTTP/1.1\r\nHost: h\r\n\r\n" + get_bytes("/fast?n=2"));
  const auto head = client.read_response(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_NE(head.header("Content-Length"), "0");
  EXPECT_EQ(echo_of(client.read_response()), "n=2");
  client.send("HEAD /nowhere HTTP/1.1\r\nHost: h\r\n\r\n" + get_bytes("/fast?n=3"));
  EXPECT_EQ(client.read_response(true).status, 404);
  EXPECT_EQ(echo_of(client.read_response()), "n=3");
}

TEST(bridge_answers, end_the_connection_of_a_1_0_client_unless_it_asked_to_keep_it) {
  bridge b;
  auto kept = b.connect();
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /fast HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.read_response().header("Connection"), "keep-alive");
  }
  auto once = b.connect();
  once.send("GET /fast HTTP/1.0\r\nHost: h\r\n\r\n");
  EXPECT_EQ(once.read_response().header("Connection"), "close");
  EXPECT_TRUE(once.is_closed_in_silence());
}

TEST(bridge_answers, end_the_connection_when_the_client_asks_for_it_and_nothing_behind_is_served) {
  bridge b;
  auto client = b.connect();
  client.send(get_bytes("/after/1?n=1", "Connection: close\r\n") + get_bytes("/fast?n=2"));
  const auto answer = client.read_response();
  EXPECT_EQ(echo_of(answer), "n=1");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.is_closed_in_silence());
  EXPECT_EQ(b.log().size(), 1u);
}

TEST(bridge_answers, tell_404_and_405_apart_and_say_what_is_allowed) {
  bridge b;
  const auto unknown = b.get("/nowhere");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.json()["code"], describe(ec::route_not_found).public_code);
  EXPECT_EQ(unknown.json()["request_id"], unknown.header("X-Request-Id"));
  EXPECT_EQ(unknown.header("Allow"), "");
  const auto wrong = b.request("DELETE", "/fast");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.header("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(wrong.json()["code"], describe(ec::method_not_allowed).public_code);
}

TEST(bridge_answers, refuse_a_body_that_is_no_plain_json) {
  bridge b;
  EXPECT_EQ(b.request("POST", "/fast", "{}").status, 200);
  EXPECT_EQ(b.request("POST", "/fast", "{}", {{"Content-Encoding", "identity"}}).status, 200);
  EXPECT_EQ(b.request("POST", "/fast", "{}", {{"Content-Type", "text/plain"}}).status, 415);
  EXPECT_EQ(b.request("POST", "/fast", "{}", {{"Content-Encoding", "gzip"}}).status, 415);
  EXPECT_EQ(b.request("POST", "/fast").status, 415);
  EXPECT_EQ(b.request("POST", "/any", "x", {{"Content-Type", "text/plain"}}).status, 200);
}

TEST(bridge_answers, keep_a_good_request_id_of_the_client_and_replace_a_bad_one) {
  bridge b;
  EXPECT_EQ(b.get("/fast", {{"X-Request-Id", "abc-DEF_1.2"}}).header("X-Request-Id"), "abc-DEF_1.2");
  EXPECT_EQ(b.get("/nowhere", {{"X-Request-Id", "abc-DEF_1.2"}}).json()["request_id"], "abc-DEF_1.2");
  for (const std::string& bad :
       {std::string("short"), std::string(65, 'a'), std::string("with space"), std::string("quote\"quote")}) {
    const auto made = b.get("/fast", {{"X-Request-Id", bad}}).header("X-Request-Id");
    EXPECT_EQ(made.size(), 32u) << bad;
    EXPECT_EQ(made.find_first_not_of("0123456789abcdef"), std::string::npos) << bad;
  }
  EXPECT_NE(b.get("/fast").header("X-Request-Id"), b.get("/fast").header("X-Request-Id"));
}

TEST(bridge_answers, give_failures_as_problem_json_to_who_asks_for_it) {
  bridge b;
  const kit::field_list wish{{"Accept", "application/problem+json"}};
  for (const auto* path : {"/nowhere", "/nobody", "/throws"}) {
    const auto answer = b.get(path, wish);
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json") << path;
    EXPECT_EQ(answer.json()["status"], answer.status) << path;
    EXPECT_EQ(answer.json()["request_id"], answer.header("X-Request-Id")) << path;
  }
  EXPECT_EQ(b.get("/fast", wish).header("Content-Type"), "application/json; charset=utf-8");
}

TEST(bridge_answers, to_OPTIONS_name_the_methods_without_a_body) {
  bridge b;
  auto client = b.connect();
  client.send("OPTIONS /fast HTTP/1.1\r\nHost: h\r\n\r\n" + get_bytes("/fast?n=1"));
  const auto answer = client.read_response();
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(answer.header("Content-Length"), "");
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(echo_of(client.read_response()), "n=1");
  EXPECT_EQ(b.request("OPTIONS", "*").status, 204);
  EXPECT_EQ(b.request("OPTIONS", "/nowhere").status, 404);
}

TEST(bridge_answers, let_a_configured_origin_in_and_no_other) {
  bridge b([](options& o) { o.http.cors.origins = {"https://good.example"}; });
  const kit::field_list preflight{{"Origin", "https://good.example"},
                                  {"Access-Control-Request-Method", "POST"}};
  const auto allowed = b.request("OPTIONS", "/fast", {}, preflight);
  EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "https://good.example");
  EXPECT_EQ(allowed.header("Access-Control-Allow-Methods"), "GET, HEAD, POST");
  EXPECT_NE(allowed.header("Access-Control-Allow-Headers"), "");
  const auto real = b.get("/fast", {{"Origin", "https://good.example"}});
  EXPECT_EQ(real.header("Access-Control-Allow-Origin"), "https://good.example");
  EXPECT_EQ(real.header("Vary"), "Origin");
  EXPECT_EQ(b.get("/nowhere", {{"Origin", "https://good.example"}}).header("Access-Control-Allow-Origin"),
            "https://good.example");
  const auto other =
      b.request("OPTIONS", "/fast", {},
                {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(other.status, 204);
  EXPECT_EQ(other.header("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(other.header("Access-Control-Allow-Methods"), "");
  EXPECT_EQ(other.header("Vary"), "Origin");
  b.refuse_new_requests(); // nobody gets an actor any more
  EXPECT_EQ(b.request("OPTIONS", "/fast", {}, preflight).header("Access-Control-Allow-Origin"),
            "https://good.example");
}

TEST(bridge_answers, let_a_configured_origin_read_why_a_request_was_refused_before_any_route) {
  bridge b([](options& o) {
    o.http.cors.origins = {"https://good.example"};
    o.http.max_body_bytes = 4;
    o.http.header_timeout_ms = 200;
    o.http.body_timeout_ms = 200;
  });
  const std::string from_good = "Origin: https://good.example\r\n";
  const auto sent = [&](const std::string& bytes) {
    auto client = b.connect();
    client.send(bytes);
    return client.read_response();
  };
  const std::string post = "POST /any HTTP/1.1\r\nHost: h\r\n";
  for (const auto& [bytes, status] :
       {std::pair(post + from_good + "Content-Length: 5\r\n\r\n", 413),
        std::pair(post + from_good + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 413),
        std::pair(get_bytes("/a/../b", from_good), 400),
        std::pair(post + from_good + "Content-Length: 2\r\n\r\n{", 408)}) {
    const auto answer = sent(bytes);
    EXPECT_EQ(answer.status, status) << bytes;
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "https://good.example") << status;
    EXPECT_EQ(answer.header("Vary"), "Origin") << status;
  }
  // Whose head did not come to its end, or who is a stranger, is named to nobody.
  for (const auto& [bytes, status] :
       {std::pair(post + from_good, 408),
        std::pair(post + "Origin: https://evil.example\r\nContent-Length: 5\r\n\r\n", 413)}) {
    const auto answer = sent(bytes);
    EXPECT_EQ(answer.status, status) << bytes;
    EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "") << status;
    EXPECT_EQ(answer.header("Vary"), "Origin") << status;
  }
}

TEST(bridge_answers, let_any_origin_in_when_told_so) {
  bridge b([](options& o) { o.http.cors.origins = {"*"}; });
  EXPECT_EQ(b.get("/fast", {{"Origin", "https://a.example"}}).header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(b.get("/fast").header("Access-Control-Allow-Origin"), "");
}

TEST(bridge_answers, say_100_once_to_a_client_that_waits_for_it) {
  bridge b;
  const std::string head = "POST /fast HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                           "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  auto client = b.connect();
  for (int i = 0; i < 2; ++i) {
    client.send(head);
    EXPECT_EQ(client.read_response().status, 100);
    client.send_cut("{  }", 1);
    EXPECT_EQ(client.read_response().status, 200);
  }
}

TEST(bridge_answers, say_no_100_to_a_client_that_did_not_wait) {
  bridge b;
  const std::string head = "POST /fast HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                           "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  auto client = b.connect();
  client.send_cut(head + "{  }", head.size() + 1);
  EXPECT_EQ(client.read_response().status, 200);
}

TEST(bridge_answers, are_logged_with_route_status_and_size) {
  bridge b;
  const auto answer = b.get("/fast", {{"X-Request-Id", "logged-01"}});
  EXPECT_EQ(b.request("HEAD", "/fast").status, 200);
  EXPECT_EQ(b.get("/secret/path").status, 404);
  const auto seen = b.log();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0].request_id, "logged-01");
  EXPECT_EQ(seen[0].method, "GET");
  EXPECT_EQ(seen[0].route, "fast");
  EXPECT_EQ(seen[0].status, 200);
  EXPECT_EQ(seen[0].bytes, answer.body.size());
  EXPECT_EQ(seen[1].method, "HEAD");
  EXPECT_EQ(seen[1].bytes, 0u);
  EXPECT_EQ(seen[2].route, "");
  EXPECT_EQ(seen[2].error, "route_not_found");
}

} // namespace
} // namespace weappd::http::test
