#include "tests/flow/answers.hpp"
#include "tests/flow/message_flow.hpp"
#include "tests/flow/program.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

/// The request filter in a whole server.
namespace weappd {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string filter_operator_token = "operator-token-of-filter-0123456789abcdef";
const std::string script = "<script>alert(1)</script> hush";
const std::string quote_path = "/api/v1/auth/sessions/%27%20OR%20%271%27=%271";

void with_filter(options& values) {
  values.admin.port = 0;
  values.admin.token = secret(filter_operator_token);
}

struct filter_flow : message_flow {
  filter_flow() : message_flow(with_filter), configured(kit::test_options(server.folder())) {
    with_filter(configured);
    server.server().reload_from([this] { return loaded_options{configured, {}}; });
    EXPECT_EQ(phone.login(server.wechat().make_code("o-filter")).status, 200);
  }
  reload_report reload() { return server.server().reload(); }
  kit::http_response operators(const std::string& path) {
    return kit::http_client(server.server().admin_port())
        .get(path, {{"Authorization", "Bearer " + filter_operator_token}});
  }
  /// How often a rule has matched; an empty text if that was never.
  std::string count_of(const std::string& rule, const std::string& mode) {
    const auto metrics = operators("/metrics").body;
    const auto name = "weappd_filter_matches_total{mode=\"" + mode + "\",rule=\"" + rule + "\"} ";
    const auto at = metrics.find(name);
    return at == std::string::npos
               ? ""
               : metrics.substr(at + name.size(), metrics.find('\n', at) - at - name.size());
  }
  std::string nickname() { return text_of(phone.me(), "nickname"); }

  options configured;
  kit::mini_program phone = server.phone();
};

TEST_F(filter_flow, a_shadow_lets_pass_and_counts_and_logs_without_the_text) {
  EXPECT_TRUE(succeeded(phone.change_me({{"nickname", script}})));
  EXPECT_EQ(nickname(), script);
  EXPECT_EQ(phone.request("DELETE", quote_path).status, 404) << "the handler's own answer";
  EXPECT_EQ(shop.get("/api/v1/messages?status=%27+union+select+1,2").status, 400);
  EXPECT_EQ(count_of("xss_script", "shadow"), "1");
  EXPECT_EQ(count_of("sql_tautology", "shadow"), "1");
  EXPECT_EQ(count_of("sql_union", "shadow"), "1");
  server.stop();
  EXPECT_THAT(server.log(), HasSubstr(R"("event":"filter.would_refuse","rule":"xss_script","where":"body",)"
                                      R"("route":"users.me_change")"));
  EXPECT_THAT(server.log(), HasSubstr(R"("rule":"sql_tautology","where":"path")"));
  EXPECT_THAT(server.log(), HasSubstr(R"("rule":"sql_union","where":"query")"));
  EXPECT_THAT(server.log(), Not(HasSubstr("hush")));
}

TEST_F(filter_flow, enforcing_refuses_before_the_handler_and_everything_else_works) {
  const auto before = nickname();
  configured.filter.mode = filter_mode::enforce;
  EXPECT_THAT(reload().applied, Contains("filter.mode"));
  EXPECT_TRUE(failed_with(phone.change_me({{"nickname", script}}), 403, 9000020001));
  EXPECT_EQ(nickname(), before);
  EXPECT_TRUE(failed_with(phone.request("DELETE", quote_path), 403, 9000020001));
  EXPECT_TRUE(failed_with(shop.get("/api/v1/messages?status=%27+union+select+1,2"), 403, 9000020001));
  EXPECT_EQ(count_of("xss_script", "enforce"), "1");

  const auto sent = server.wechat().count_delivered();
  const auto attack = order_paid(user("o-victim"), "' OR '1'='1");
  EXPECT_TRUE(failed_with(shop.post_message(attack, {{"Idempotency-Key", "k1"}}), 403, 9000020001));
  EXPECT_EQ(server.wechat().count_delivered(), sent);
  EXPECT_EQ(shop.post_message(order_paid(user("o-victim")), {{"Idempotency-Key", "k1"}}).status, 202)
      << "the key was not used up";

  EXPECT_TRUE(succeeded(phone.change_me({{"nickname", "O'Brien 小明 <3"}})));
  EXPECT_TRUE(works());
}

TEST_F(filter_flow, a_reload_changes_a_rule_and_a_bad_one_keeps_all) {
  configured.filter.rules["cats"] = {.where = {"body"}, .pattern = "cat", .mode = rule_mode::enforce};
  EXPECT_THAT(reload().applied, Contains("filter.rules.cats"));
  EXPECT_EQ(phone.change_me({{"nickname", "a Cat"}}).status, 403);

  configured.filter.rules["cats"].pattern = "cat(";
  const auto refused = reload();
  ASSERT_EQ(refused.problems.size(), 1u);
  EXPECT_EQ(refused.problems[0], "filter.rules.cats.pattern: 'cat(' is not a pattern: missing ): cat(");
  EXPECT_THAT(refused.applied, IsEmpty());
  EXPECT_EQ(phone.change_me({{"nickname", "a Cat"}}).status, 403) << "the old ones are in force";

  configured.filter.rules["cats"] = {
      .pattern = "cat", .routes = {"messages.send"}, .mode = rule_mode::enforce};
  EXPECT_THAT(reload().applied, Contains("filter.rules.cats.routes"));
  EXPECT_EQ(phone.change_me({{"nickname", "a Cat"}}).status, 200);
  configured.filter.mode = filter_mode::off;
  configured.filter.rules.clear();
  EXPECT_THAT(reload().applied, Contains("filter.mode"));
  const auto counted = count_of("xss_script", "shadow");
  EXPECT_EQ(phone.change_me({{"nickname", script}}).status, 200);
  EXPECT_EQ(count_of("xss_script", "shadow"), counted);
}

TEST_F(filter_flow, header_fields_are_looked_at_when_they_are_named) {
  const auto ask = [&] { return phone.get("/api/v1/users/me", {{"user-agent", script}}); };
  configured.filter.mode = filter_mode::enforce;
  reload();
  EXPECT_EQ(ask().status, 200) << "nobody reads it";
  configured.filter.headers = {"User-Agent"};
  reload();
  auto other = server.phone();
  other.access_token = phone.access_token;
  EXPECT_EQ(other.get("/api/v1/users/me", {{"user-agent", script}}).status, 403);
  EXPECT_EQ(
      other.get("/api/v1/users/me", {{"user-agent", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0)"}}).status,
      200);
}

TEST(check_config, names_a_rule_of_the_filter_and_what_re2_says_of_its_pattern) {
  const std::vector<std::string> start{"check-config", "--config",
                                       WEAPPD_SOURCE_DIR "/config/weappd.example.yaml", "--set"};
  const auto run = [&](const std::string& assignment) {
    auto arguments = start;
    arguments.push_back(assignment);
    return run_to_the_end(arguments);
  };
  EXPECT_EQ(run("filter.rules.cats.pattern=c.t").code, 0);
  const auto bad = run("filter.rules.cats.pattern=c[a");
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.errors, HasSubstr("filter.rules.cats.pattern: 'c[a' is not a pattern: missing ]: [a"));
  EXPECT_THAT(run("filter.rules.parent_folder.routes=auth.logn").errors,
              HasSubstr("filter.rules.parent_folder.routes: there is no route 'auth.logn'"));
}

TEST_F(filter_flow, operators_are_never_refused) {
  configured.filter.rules["everything"] = {.pattern = ".", .mode = rule_mode::enforce};
  reload();
  EXPECT_EQ(phone.change_me({{"nickname", "x"}}).status, 403);
  EXPECT_EQ(operators("/admin/v1/bans?limit=1").status, 200) << "they can take it back";
  EXPECT_EQ(phone.me().status, 200) << "there is nothing to look at";
}

} // namespace
} // namespace weappd
