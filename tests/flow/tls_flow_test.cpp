#include "tests/flow/answers.hpp"
#include "tests/flow/program.hpp"
#include "tests/kit/net/self_signed.hpp"
#include "tests/kit/net/tls_connection.hpp"
#include "tests/kit/server/eventually.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

/// The real program with https, as OpenSSL's own client, curl and an operator see it.
namespace weappd {
namespace {

using kit::self_signed;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

struct tls_flow : testing::Test {
  tls_flow() { install(identity); }

  /// Puts certificate and key where the server looks for them.
  void install(const self_signed& one) const {
    (void)one.certificate_file(certificate_path);
    (void)one.key_file(key_path);
  }
  [[nodiscard]] std::vector<std::string> arguments(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"--simulate",
                                 "--set",
                                 "http.tls.port=0",
                                 "--set",
                                 "http.tls.certificate_file=" + certificate_path,
                                 "--set",
                                 "http.tls.key_file=" + key_path};
    all.insert(all.end(), more.begin(), more.end());
    return kit::serve_in(folder, all);
  }
  [[nodiscard]] kit::running_weappd serve(const std::vector<std::string>& more = {}) const {
    return {weappd_program(), {.arguments = arguments(more), .environment = {}, .folder = {}}};
  }

  /// What a shell command writes, errors too.
  static std::string shell(const std::string& command) {
    kit::process child("/bin/sh", {.arguments = {"-c", command + " 2>&1"}, .environment = {}, .folder = {}});
    return child.read_rest();
  }
  /// openssl s_client with one request.
  [[nodiscard]] std::string s_client(const kit::running_weappd& server, const std::string& options) const {
    return shell("printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | "
                 "openssl s_client -connect 127.0.0.1:" +
                 std::to_string(server.tls_port()) + " -CAfile " + certificate_path + " -ign_eof " + options);
  }
  [[nodiscard]] std::string curl(const kit::running_weappd& server, const std::string& options,
                                 const std::string& path = "/healthz") const {
    return shell("curl -sS -i --max-time 20 --cacert " + certificate_path + " " + options +
                 " https://127.0.0.1:" + std::to_string(server.tls_port()) + path);
  }
  /// Which key sealed the ticket of a session that s_client has written.
  static std::string ticket_key_of(const std::string& session) {
    const auto text = shell("openssl sess_id -noout -text -in " + session);
    const auto at = text.find("0000 - ");
    return at == std::string::npos ? std::string{} : text.substr(at, 54);
  }

  static std::string fingerprint_at(const kit::running_weappd& server) {
    return kit::tls_connection(server.tls_port()).fingerprint();
  }
  [[nodiscard]] std::string log() const {
    std::ifstream file(folder / "log");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  [[nodiscard]] bool has_logged(const std::string& words) const {
    return kit::eventually([&] { return log().find(words) != std::string::npos; });
  }

  kit::temporary_folder folder;
  self_signed identity = self_signed::make("IP:127.0.0.1");
  std::string certificate_path = folder / "certificate.pem";
  std::string key_path = folder / "key.pem";
};

TEST_F(tls_flow, the_ready_line_says_where_https_is) {
  const auto server = serve();
  EXPECT_THAT(server.ready_line(), MatchesRegex("weappd ready http=127\\.0\\.0\\.1:[0-9]+ "
                                                "https=127\\.0\\.0\\.1:[0-9]+ sim=127\\.0\\.0\\.1:[0-9]+"));
  EXPECT_EQ(kit::http_client(server.port()).get("/healthz").status, 200);
  EXPECT_TRUE(has_logged("tls.certificate_loaded"));
}

TEST_F(tls_flow, https_can_be_the_only_one) {
  auto server = serve({"--set", "http.port=-1"});
  EXPECT_THAT(server.ready_line(),
              MatchesRegex("weappd ready https=127\\.0\\.0\\.1:[0-9]+ sim=127\\.0\\.0\\.1:[0-9]+"));
  EXPECT_THAT(curl(server, ""), HasSubstr("HTTP/1.1 200"));
  server.child().signal(SIGTERM);
  EXPECT_EQ(server.child().wait().value().code, 0);
}

TEST_F(tls_flow, a_user_logs_in_over_it) {
  const auto server = serve();
  kit::wechat_control wechat(server.simulator_port());
  kit::tls_connection client(server.tls_port());
  const auto body = R"({"code":")" + wechat.make_code() + R"("})";
  client.send(
      "POST /api/v1/auth/login HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body);
  const auto login = client.read_response();
  ASSERT_TRUE(succeeded(login)) << login.body;
  client.send("GET /api/v1/users/me HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " +
              data_of(login).value("access_token", "") + "\r\n\r\n");
  EXPECT_TRUE(succeeded(client.read_response()));
}

TEST_F(tls_flow, openssl_speaks_both_versions_with_it) {
  const auto server = serve();
  for (const auto& [option, version] : {std::pair{"-tls1_2", "TLSv1.2"}, {"-tls1_3", "TLSv1.3"}}) {
    const auto said = s_client(server, std::string(option) + " -alpn h2,http/1.1 -verify_return_error");
    EXPECT_THAT(said, AllOf(HasSubstr(std::string("New, ") + version), HasSubstr("ALPN protocol: http/1.1"),
                            HasSubstr("Verify return code: 0 (ok)"), HasSubstr("Compression: NONE")));
    EXPECT_THAT(said, AllOf(HasSubstr("HTTP/1.1 200 OK"), HasSubstr(R"("status":"ok")")));
    EXPECT_THAT(said, HasSubstr("closed")) << "a clean end";
    EXPECT_THAT(said, Not(HasSubstr("unexpected eof"))) << "also in the eyes of OpenSSL 3";
  }
}

TEST_F(tls_flow, openssl_is_refused_with_what_is_too_old_or_is_not_ours) {
  const auto server = serve();
  EXPECT_THAT(s_client(server, "-tls1_1 -cipher DEFAULT@SECLEVEL=0"), HasSubstr("alert protocol version"));
  EXPECT_THAT(s_client(server, "-alpn h2"), HasSubstr("alert no application protocol"));
  EXPECT_THAT(s_client(server, "-tls1_2 -cipher AES128-SHA"), HasSubstr("alert handshake failure"))
      << "no forward secrecy";
  EXPECT_THAT(s_client(server, ""), HasSubstr("HTTP/1.1 200 OK")) << "and then it worked again";
  EXPECT_TRUE(has_logged("tls.handshake_failed"));
}

TEST_F(tls_flow, openssl_resumes_its_sessions) {
  const auto server = serve();
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    const auto session = folder / ("session" + version);
    EXPECT_THAT(s_client(server, version + " -sess_out " + session), HasSubstr("New, TLSv1."));
    const auto said = s_client(server, version + " -sess_in " + session);
    EXPECT_THAT(said, AllOf(HasSubstr("Reused, TLSv1."), HasSubstr("HTTP/1.1 200 OK")));
  }
}

TEST_F(tls_flow, openssl_resumes_a_session_over_a_rotation_of_the_ticket_keys) {
  const auto server = serve({"--set", "http.tls.ticket_rotation_s=4"});
  const auto old = folder / "old";
  const auto next = folder / "next";
  const auto fetch = [&](const std::string& file) {
    (void)s_client(server, "-tls1_3 -sess_out " + file);
    return ticket_key_of(file);
  };
  const auto first = fetch(old);
  ASSERT_NE(first, "");
  ASSERT_TRUE(kit::eventually([&] {
    const auto key = fetch(next);
    if (key == first) // the youngest ticket of the first key is as old as one turn of this
      std::filesystem::rename(next, old);
    return key != first && !key.empty();
  }));
  const auto said = s_client(server, "-tls1_3 -sess_in " + old);
  EXPECT_THAT(said, AllOf(HasSubstr("Reused, TLSv1.3"), HasSubstr("HTTP/1.1 200 OK")));
}

TEST_F(tls_flow, curl_is_served) {
  const auto server = serve({"--set", "http.hsts_s=86400"});
  for (const auto* version : {"--tlsv1.2 --tls-max 1.2", "--tlsv1.3"}) {
    const auto said = curl(server, version);
    EXPECT_THAT(said,
                AllOf(HasSubstr("HTTP/1.1 200 OK"), HasSubstr("Strict-Transport-Security: max-age=86400"),
                      HasSubstr("Content-Security-Policy: default-src 'none'")));
  }
  EXPECT_THAT(curl(server, "-o /dev/null -w '%{http_version} %{num_connects}' "), HasSubstr("1.1 1"));
  EXPECT_THAT(curl(server, "",
                   "/healthz https://127.0.0.1:" + std::to_string(server.tls_port()) +
                       "/readyz -w '%{num_connects};'"),
              HasSubstr("0;"))
      << "the second request has the connection of the first";
  EXPECT_THAT(curl(server, "-X POST -H 'Content-Type: application/json' -d '{}'", "/api/v1/auth/login"),
              AllOf(HasSubstr("HTTP/1.1 400"), HasSubstr("1000010001")));
}

TEST_F(tls_flow, a_new_certificate_is_taken_under_traffic_without_a_failed_request) {
  auto server = serve();
  std::atomic<bool> enough = false;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  const auto request = [&](kit::tls_connection& client) {
    try {
      client.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
      ++(client.read_response().status == 200 ? good : bad);
    } catch (const std::exception&) {
      ++bad;
    }
  };
  std::vector<std::thread> users;
  for (int i = 0; i < 2; ++i) {
    users.emplace_back([&] { // keeps its connection
      kit::tls_connection client(server.tls_port());
      while (!enough)
        request(client);
    });
    users.emplace_back([&] { // comes anew each time
      while (!enough) {
        try {
          kit::tls_connection client(server.tls_port());
          request(client);
        } catch (const std::exception&) {
          ++bad;
        }
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    const auto next = self_signed::make("IP:127.0.0.1");
    install(next);
    server.child().signal(SIGHUP);
    EXPECT_TRUE(kit::eventually([&] { return fingerprint_at(server) == next.fingerprint(); })) << i;
  }
  enough = true;
  for (auto& each : users)
    each.join();
  EXPECT_EQ(bad, 0);
  EXPECT_GT(good, 20);
  EXPECT_TRUE(has_logged("tls.certificate_replaced"));
}

TEST_F(tls_flow, what_does_not_fit_is_not_taken_and_the_log_says_why) {
  auto server = serve();
  const auto hang_up = [&] { server.child().signal(SIGHUP); };
  (void)self_signed::make("IP:127.0.0.1").key_file(key_path);
  hang_up();
  EXPECT_TRUE(has_logged("holds another key than that of the certificate"));
  EXPECT_TRUE(has_logged("tls.certificate_kept"));
  EXPECT_EQ(fingerprint_at(server), identity.fingerprint());
  std::filesystem::remove(certificate_path);
  hang_up();
  EXPECT_TRUE(has_logged("cannot be opened"));
  EXPECT_EQ(fingerprint_at(server), identity.fingerprint());
  install(self_signed::make("IP:127.0.0.1", {.from = -std::chrono::hours(2), .to = -std::chrono::hours(1)}));
  hang_up();
  EXPECT_TRUE(has_logged("the certificate is valid from"));
  EXPECT_EQ(fingerprint_at(server), identity.fingerprint());
  install(identity);
  hang_up();
  EXPECT_TRUE(has_logged("tls.certificate_unchanged"));
  EXPECT_TRUE(has_logged("config.reloaded"));
  EXPECT_THAT(log(), Not(HasSubstr(R"("applied":)"))) << "the same as before";
  const auto good = self_signed::make("IP:127.0.0.1");
  install(good);
  hang_up();
  EXPECT_TRUE(kit::eventually([&] { return fingerprint_at(server) == good.fingerprint(); }))
      << "and then it worked again";
  EXPECT_TRUE(has_logged(R"("applied":"http.tls.certificate_file")"));
  EXPECT_THAT(log(), Not(HasSubstr("PRIVATE KEY")));
}

TEST_F(tls_flow, a_server_without_https_has_nothing_to_read_again) {
  auto server = serve({"--set", "http.tls.port=-1"});
  server.child().signal(SIGHUP);
  EXPECT_EQ(kit::http_client(server.port()).get("/healthz").status, 200);
  server.child().signal(SIGTERM);
  EXPECT_EQ(server.child().wait().value().code, 0);
}

TEST_F(tls_flow, an_expired_certificate_does_not_keep_the_server_down) {
  install(self_signed::make("IP:127.0.0.1", {.from = -std::chrono::hours(2), .to = -std::chrono::hours(1)}));
  const auto server = serve();
  EXPECT_TRUE(has_logged("tls.certificate_out_of_time"));
  EXPECT_EQ(kit::http_client(server.port()).get("/healthz").status, 200);
}

TEST_F(tls_flow, an_expired_certificate_does_not_hold_up_a_reload) {
  install(self_signed::make("IP:127.0.0.1", {.from = -std::chrono::hours(2), .to = -std::chrono::hours(1)}));
  auto server = serve();
  server.child().signal(SIGHUP);
  EXPECT_TRUE(has_logged("config.reloaded"));
  EXPECT_THAT(log(), Not(HasSubstr("config.kept")));
}

TEST_F(tls_flow, a_configuration_without_https_lets_the_certificate_in_use_be) {
  const auto configuration = folder / "weappd.yaml";
  const auto app = std::string("apps: {demo: {app_id: wx0, secret: s}}\n");
  std::ofstream(configuration) << app + "http: {tls: {certificate_file: " + certificate_path +
                                      ", key_file: " + key_path + ", port: 0}}\n";
  kit::running_weappd server(weappd_program(),
                             {.arguments = kit::serve_in(folder, {"--simulate", "--config", configuration}),
                              .environment = {},
                              .folder = {}});
  std::ofstream(configuration) << app + "limits: {per_ip: {limit: 77}}\n";
  server.child().signal(SIGHUP);
  EXPECT_TRUE(has_logged(R"("applied":"limits.per_ip.limit","needs_restart":"http.tls.port")"));
  EXPECT_EQ(fingerprint_at(server), identity.fingerprint());
}

TEST_F(tls_flow, files_that_do_not_fit_stop_the_start_with_option_and_file) {
  std::filesystem::permissions(key_path, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  const auto words =
      AllOf(HasSubstr("http.tls.key_file: the file '" + key_path + "'"), HasSubstr("mode 0604"));
  const auto start = run_to_the_end(arguments());
  EXPECT_EQ(start.code, 2);
  EXPECT_THAT(start.errors, words);
  auto check = arguments();
  check.front() = "check-config";
  const auto checked = run_to_the_end(check);
  EXPECT_EQ(checked.code, 2);
  EXPECT_THAT(checked.errors, words);
}

} // namespace
} // namespace weappd
