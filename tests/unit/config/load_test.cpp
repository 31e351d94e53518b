#include "config/load.hpp"

#include "config/crypto/secret_hash.hpp"
#include "config/templates/compose.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace weappd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr auto one_app = "apps: {demo: {app_id: wx1, secret: s1}}\n";

class load_options_from : public testing::Test {
protected:
  loaded_options from_yaml(const std::string& yaml) {
    return load({folder.write("weappd.yaml", yaml), {}, {}});
  }
  /// What is loaded must be without problems.
  static loaded_options load(const config_sources& sources, bool simulate = false) {
    auto loaded = load_options(sources, simulate);
    EXPECT_EQ(render_problems(loaded.problems), "");
    return loaded;
  }
  temporary_folder folder;
};

TEST_F(load_options_from, nothing_but_an_app_gives_the_defaults) {
  const auto values = from_yaml(one_app).values;
  EXPECT_EQ(values.http.port, 8080);
  EXPECT_EQ(values.limits.size(), 4u);
  EXPECT_EQ(values.apps.at("demo").kind, app_kind::mini_program);
  EXPECT_EQ(values.apps.at("demo").app_secret.reveal(), "s1");
  EXPECT_EQ(values.default_app, "demo");
}

TEST_F(load_options_from, a_file_sets_options_of_every_type) {
  const auto values = from_yaml(R"(
http:
  address: "::1"
  port: 9000
  metrics: true
  trusted_proxies: [10.0.0.0/8, "::1"]
  cors:
    origins:
      - https://example.com
  tls: {min_version: 1.3}
metrics: {port: 0}
apps:
  shop: {kind: mini_program, app_id: 123, secret: 456}
  news: {kind: official_account, app_id: wx2, secret: "se'cret\\"}
log: {level: debug, access: false, file: ""}
limits:
  login: {burst: 7}
  upload: {limit: 5, window_s: 10}
)")
                          .values;
  EXPECT_EQ(values.http.address, "::1");
  EXPECT_EQ(values.http.port, 9000);
  EXPECT_TRUE(values.http.metrics);
  EXPECT_THAT(values.http.trusted_proxies, ElementsAre("10.0.0.0/8", "::1"));
  EXPECT_THAT(values.http.cors.origins, ElementsAre("https://example.com"));
  EXPECT_EQ(values.http.tls.min_version, tls_version::v1_3);
  EXPECT_EQ(values.metrics.port, 0);
  EXPECT_EQ(values.apps.at("shop").app_id, "123") << "a text needs no quotes";
  EXPECT_EQ(values.apps.at("news").kind, app_kind::official_account);
  EXPECT_EQ(values.apps.at("news").app_secret.reveal(), "se'cret\\");
  EXPECT_EQ(values.log.level, "debug");
  EXPECT_FALSE(values.log.access);
  EXPECT_EQ(values.limits.at("login").burst, 7u);
  EXPECT_EQ(values.limits.at("login").limit, 5u) << "what is not given stays";
  EXPECT_EQ(values.limits.at("login").match.routes, (std::vector<std::string>{"auth.login", "auth.service"}));
  EXPECT_EQ(values.limits.at("upload").limit, 5u);
  EXPECT_EQ(values.limits.at("upload").burst, 1u);
  EXPECT_EQ(values.limits.size(), 5u);
}

TEST_F(load_options_from, the_environment_wins_over_the_file_and_set_over_both) {
  const auto values =
      load({folder.write("weappd.yaml",
                         std::string(one_app) + "http: {port: 1, max_in_flight: 1, max_connections: 1}\n"),
            {{"WEAPPD_HTTP__PORT", "2"}, {"WEAPPD_HTTP__MAX_IN_FLIGHT", "2"}},
            {"http.port=3", "http.port=4"}})
          .values;
  EXPECT_EQ(values.http.max_connections, 1u);
  EXPECT_EQ(values.http.max_in_flight, 2u);
  EXPECT_EQ(values.http.port, 4) << "of two --set the later one wins";
}

TEST_F(load_options_from, apps_and_limits_can_come_from_the_environment_alone) {
  const auto values = load({{},
                            {{"WEAPPD_APPS__SHOP_2__APP_ID", "wx1"},
                             {"WEAPPD_APPS__SHOP_2__SECRET", "a=b"},
                             {"WEAPPD_LIMITS__PER_IP__BURST", "3"},
                             {"WEAPPD_DEFAULT_APP", ""}},
                            {"log.file=a=b"}})
                          .values;
  EXPECT_EQ(values.apps.at("shop_2").app_secret.reveal(), "a=b");
  EXPECT_EQ(values.default_app, "shop_2");
  EXPECT_EQ(values.limits.at("per_ip").burst, 3u);
  EXPECT_EQ(values.log.file, "a=b");
}

TEST_F(load_options_from, a_list_in_one_text_has_commas_or_is_a_flow_sequence) {
  const auto proxies = [&](const std::string& text) {
    return load({folder.write("weappd.yaml", one_app), {}, {"http.trusted_proxies=" + text}})
        .values.http.trusted_proxies;
  };
  EXPECT_THAT(proxies("10.0.0.1"), ElementsAre("10.0.0.1"));
  EXPECT_THAT(proxies("10.0.0.1, ::1"), ElementsAre("10.0.0.1", "::1"));
  EXPECT_THAT(proxies("[10.0.0.1, \"::1\"]"), ElementsAre("10.0.0.1", "::1"));
  EXPECT_THAT(proxies("[]"), IsEmpty());
  EXPECT_THAT(proxies(""), IsEmpty());
}

TEST_F(load_options_from, the_default_app_is_the_first_mini_program_of_the_file) {
  EXPECT_EQ(from_yaml("apps:\n"
                      "  zebra: {app_id: wx0, secret: s, kind: official_account}\n"
                      "  shop: {app_id: wx1, secret: s}\n"
                      "  demo: {app_id: wx2, secret: s}\n")
                .values.default_app,
            "shop");
  EXPECT_EQ(from_yaml("default_app: demo\n"
                      "apps:\n"
                      "  shop: {app_id: wx1, secret: s}\n"
                      "  demo: {app_id: wx2, secret: s}\n")
                .values.default_app,
            "demo");
}

TEST_F(load_options_from, a_token_for_operators_that_could_be_guessed_is_refused) {
  const auto with_token = [&](std::size_t length) {
    const auto file = folder.write("admin.token", std::string(length, 'x') + "\n");
    return folder.write("weappd.yaml", one_app + ("admin: {port: 0, token_file: " + file + "}"));
  };
  EXPECT_EQ(load({with_token(32), {}, {}}).values.admin.token.reveal(), std::string(32, 'x'));
  const auto refused = load_options({with_token(31), {}, {}}, false).problems;
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].path, "admin.token_file");
  EXPECT_THAT(refused[0].text, HasSubstr("at least 32 characters"));
}

TEST_F(load_options_from, a_captcha_service_is_complete_with_the_file_of_its_secret) {
  const auto secret_file = folder.write("captcha.secret", "the-secret\n");
  const auto file = folder.write(
      "weappd.yaml", one_app + ("challenge: {kind: captcha, captcha: {url: 'https://c.example/v', "
                                "site_key: s-1, secret_file: " +
                                secret_file + "}}"));
  const auto values = load({file, {}, {}}).values;
  EXPECT_EQ(values.challenge.kind, challenge_kind::captcha);
  EXPECT_EQ(values.challenge.captcha.service_secret.reveal(), "the-secret");
  EXPECT_EQ(values.challenge.captcha.site_key, "s-1");
}

TEST_F(load_options_from, a_secret_file_holds_the_secret_and_one_line_break) {
  for (const auto& [text, secret_text] : {std::pair{"abc", "abc"}, {"abc\n", "abc"}, {"abc\r\n", "abc"}}) {
    const auto file = folder.write("demo.secret", text);
    EXPECT_EQ(from_yaml("apps: {demo: {app_id: wx1, secret_file: " + file + "}}")
                  .values.apps.at("demo")
                  .app_secret.reveal(),
              secret_text);
  }
}

TEST_F(load_options_from, a_later_source_may_give_the_secret_in_the_other_way) {
  const auto file = folder.write("demo.secret", "from_the_file");
  EXPECT_EQ(load({folder.write("weappd.yaml", one_app), {{"WEAPPD_APPS__DEMO__SECRET_FILE", file}}, {}})
                .values.apps.at("demo")
                .app_secret.reveal(),
            "from_the_file");
}

TEST_F(load_options_from, an_empty_file_is_fine_when_the_app_comes_from_elsewhere) {
  for (const auto* yaml : {"", "\n", "# nothing\n", "---\n", "http:\napps: {}\nlimits:\n"})
    EXPECT_EQ(load({folder.write("weappd.yaml", yaml), {}, {"apps.a.app_id=wx1", "apps.a.secret=s"}})
                  .values.default_app,
              "a");
}

TEST_F(load_options_from, simulate_without_a_file_knows_the_demo) {
  const auto values = load({{}, {{"WEAPPD_HTTP__PORT", "0"}}, {"log.level=off"}}, true).values;
  EXPECT_EQ(values.default_app, "demo");
  EXPECT_EQ(values.http.port, 0);
  EXPECT_EQ(values.apps.size(), 2u);
  EXPECT_EQ(values.apps.at("demo").app_id, "wxdemo0000000001");
  EXPECT_EQ(values.apps.at("demo").app_secret.reveal(), "demo-app-secret");
  EXPECT_EQ(values.apps.at("demo_oa").kind, app_kind::official_account);
  EXPECT_EQ(values.apps.at("demo_oa").app_id, "wxdemo0000000002");
  EXPECT_EQ(values.apps.at("demo_oa").app_secret.reveal(), "demo-oa-secret");

  const auto changed = load({{}, {}, {"apps.demo.secret=other"}}, true).values;
  EXPECT_EQ(changed.apps.at("demo").app_secret.reveal(), "other");
}

TEST_F(load_options_from, simulate_without_a_file_has_limits_that_nobody_meets) {
  const auto demo = load({}, true).values.limits;
  const options defaults;
  for (const auto* name : {"per_ip", "per_user", "login"}) {
    EXPECT_GE(demo.at(name).burst, 500u) << name;
    EXPECT_EQ(demo.at(name).match, defaults.limits.at(name).match) << name;
    EXPECT_EQ(demo.at(name).key, defaults.limits.at(name).key) << name;
  }
  EXPECT_EQ(load({{}, {}, {"limits.login.burst=1"}}, true).values.limits.at("login").burst, 1u);
}

TEST_F(load_options_from, simulate_without_a_file_knows_who_may_send_what) {
  const auto values = load({}, true).values;
  const auto& client = values.clients.at("demo");
  EXPECT_TRUE(crypto::check_secret(secret("demo-secret"), client.secret_hash));
  EXPECT_THAT(client.scopes, ElementsAre("messages:send", "token:read"));

  EXPECT_EQ(values.templates.size(), 3u);
  const auto& paid = values.templates.at("custom:order_paid");
  EXPECT_EQ(paid.kind, template_kind::subscribe);
  EXPECT_EQ(paid.app, "demo");
  EXPECT_EQ(paid.template_id, "tmpl_order_paid");
  EXPECT_EQ(paid.life, template_life::one_time);
  EXPECT_THAT(templates::members_of(paid), ElementsAre("amount2", "character_string1", "thing4", "time3"));
  const auto& ready = values.templates.at("custom:ticket_ready");
  EXPECT_EQ(ready.template_id, "tmpl_ticket_ready");
  EXPECT_EQ(ready.life, template_life::long_term);
  EXPECT_THAT(templates::members_of(ready), ElementsAre("date2", "thing1"));
  const auto& confirm = values.templates.at("industry:order_confirm");
  EXPECT_EQ(confirm.kind, template_kind::template_);
  EXPECT_EQ(confirm.app, "demo_oa");
  EXPECT_EQ(confirm.template_id, "tmpl_order_confirm");
  EXPECT_THAT(templates::members_of(confirm), ElementsAre("character_string1", "thing2"));

  EXPECT_EQ(values.triggers.size(), 1u);
  const auto& trigger = values.triggers.at("order_paid");
  EXPECT_EQ(trigger.event, "order.paid");
  EXPECT_EQ(trigger.template_name, "custom:order_paid");
  EXPECT_THAT(trigger.data, IsEmpty());
}

TEST_F(load_options_from, a_file_configures_messages) {
  const auto values = from_yaml(R"(
apps:
  news: {kind: official_account, app_id: wx1, secret: s}
  shop: {app_id: wx2, secret: s}
  more: {kind: official_account, app_id: wx3, secret: s}
templates:
  custom:shipped:
    template_id: t-1
    life: long_term
    page: pages/order?id=1
    fields:
      thing1: {text: "{{what}} is on its way", fit: truncate}
      date2:
  industry:sale:
    kind: template
    template_id: t-2
    page: pages/sale
    page_app: shop
    url: https://example.com/sale
    color: "#07c160"
    fields:
      first: {text: Hello}
      enum_string1: {choices: [new, "old"], color: 'rgb(1, 2, 3)'}
triggers:
  shipped:
    event: order.shipped
    template: industry:sale
    when: [amount >= 100, "status in [paid, done]"]
    data: {enum_string1: new}
    dedup_key: "{{order}}"
    dedup_s: 60
    quiet_hours: 22:00-08:00
    utc_offset_min: -60
    delay_s: 5
    expires_s: 3600
    priority: bulk
push: {on_unknown: resend, send_without_credit: refuse, on_quota: fail, mini_program_state: trial, lang: en_US}
)")
                          .values;
  const auto& shipped = values.templates.at("custom:shipped");
  EXPECT_EQ(shipped.app, "shop") << "the default app";
  EXPECT_EQ(shipped.life, template_life::long_term);
  EXPECT_EQ(shipped.page, "pages/order?id=1");
  EXPECT_EQ(shipped.fields.at("thing1").text, "{{what}} is on its way");
  EXPECT_EQ(shipped.fields.at("thing1").fit, fit_rule::truncate);
  EXPECT_EQ(shipped.fields.at("date2").fit, fit_rule::refuse);
  const auto& sale = values.templates.at("industry:sale");
  EXPECT_EQ(sale.app, "news") << "the first official account of the file";
  EXPECT_EQ(sale.page_app, "shop");
  EXPECT_EQ(sale.color, "#07c160");
  EXPECT_THAT(sale.fields.at("enum_string1").choices, ElementsAre("new", "old"));
  const auto& trigger = values.triggers.at("shipped");
  EXPECT_EQ(trigger.template_name, "industry:sale");
  EXPECT_THAT(trigger.when, ElementsAre("amount >= 100", "status in [paid, done]"));
  EXPECT_THAT(trigger.data, ElementsAre(Pair("enum_string1", "new")));
  EXPECT_EQ(trigger.utc_offset_min, -60);
  EXPECT_EQ(trigger.priority, push_priority::bulk);
  EXPECT_EQ(values.push.on_unknown, unknown_rule::resend);
  EXPECT_EQ(values.push.send_without_credit, credit_rule::refuse);
  EXPECT_EQ(values.push.on_quota, quota_rule::fail);
  EXPECT_EQ(values.push.mini_program_state, program_state::trial);
}

TEST_F(load_options_from, entries_of_entries_can_come_from_other_sources_than_the_file) {
  const auto values =
      load({{},
            {{"WEAPPD_TEMPLATES__CUSTOM:ORDER_PAID__FIELDS__THING4__FIT", "truncate"},
             {"WEAPPD_TRIGGERS__ORDER_PAID__DATA__THING4", "{{a}}, {{b}}"}},
            {"templates.custom:order_paid.fields.time3.text={{at}}",
             "triggers.order_paid.data.amount2={{amount}}", "triggers.order_paid.data.character_string1=1",
             "triggers.order_paid.data.at={{at}}",
             "triggers.order_paid.when=[amount > 1, \"status in [a, b]\"]"}},
           true)
          .values;
  EXPECT_EQ(values.templates.at("custom:order_paid").fields.at("thing4").fit, fit_rule::truncate);
  EXPECT_EQ(values.templates.at("custom:order_paid").fields.at("time3").text, "{{at}}");
  EXPECT_EQ(values.triggers.at("order_paid").data.at("thing4"), "{{a}}, {{b}}");
  EXPECT_THAT(values.triggers.at("order_paid").when, ElementsAre("amount > 1", "status in [a, b]"));
}

TEST_F(load_options_from, simulate_with_a_file_knows_only_what_the_file_says) {
  const auto loaded = load_options({folder.write("weappd.yaml", ""), {}, {}}, true);
  EXPECT_EQ(render_problems(loaded.problems),
            "apps: no app is configured; allowed: at least one, with app_id and secret\n");
}

TEST_F(load_options_from, problems_come_in_the_order_of_the_sources) {
  const auto loaded = load_options({folder.write("weappd.yaml", "log: {level: loud}\nhttp: {port: x}\n"),
                                    {{"WEAPPD_NODE__ID", "99"}},
                                    {"store.path=", "nothing"}},
                                   false);
  std::vector<std::string> paths;
  for (const auto& problem : loaded.problems)
    paths.push_back(problem.path);
  EXPECT_THAT(paths, ElementsAre("log.level", "http.port", "node.id", "store.path", "--set", "apps"));
  EXPECT_EQ(loaded.values.http.port, 8080) << "a bad value changes nothing";
}

TEST_F(load_options_from, aliases_cannot_make_the_walk_long) {
  std::string yaml = one_app + std::string("x0: &x0 [a]\n");
  for (int i = 1; i < 100; ++i) {
    const auto before = "*x" + std::to_string(i - 1);
    (yaml += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " [") += before + ", " + before + "]\n";
  }
  EXPECT_EQ(load_options({folder.write("weappd.yaml", yaml), {}, {}}, false).problems.size(), 100u);
}

TEST_F(load_options_from, no_secret_is_ever_in_a_problem) {
  const auto file =
      folder.write("weappd.yaml", "apps:\n"
                                  "  a: {app_id: wx1, secret: 'canary 1', secret_file: /nowhere}\n"
                                  "  b: {app_id: wx1, secret: [canary]}\n"
                                  "  c: {app_id: wx2, secert: canary}\n"
                                  "wechat: {base_url: 'https://user:canary@host'}\n"
                                  "http: {cors: {origins: ['https://user:canary@host']}}\n");
  const auto text = render_problems(load_options({file,
                                                  {{"WEAPPD_APPS__A__SECRET", "canary 2"}},
                                                  {"apps.a.secret=canary 3", "apps.a.secret:canary"}},
                                                 false)
                                        .problems);
  EXPECT_THAT(text, Not(HasSubstr("canary")));
  EXPECT_THAT(text, HasSubstr("apps.a.secret: *** does not fit"));
}

TEST(weappd_environment, is_what_begins_with_weappd) {
  ::setenv("WEAPPD_TEST_ONLY", "a=b", 1);
  ::setenv("OTHER_WEAPPD_TEST", "x", 1);
  const auto found = weappd_environment();
  ::unsetenv("WEAPPD_TEST_ONLY");
  ::unsetenv("OTHER_WEAPPD_TEST");
  EXPECT_THAT(found, Contains(Pair("WEAPPD_TEST_ONLY", "a=b")));
  for (const auto& [name, value] : found)
    EXPECT_TRUE(name.starts_with("WEAPPD_")) << name;
}

TEST(render_problems, gives_each_its_line) {
  EXPECT_EQ(render_problems({}), "");
  EXPECT_EQ(render_problems({{"a.b", "x"}, {"c", "y"}}), "a.b: x\nc: y\n");
}

} // namespace
} // namespace weappd
