// Broken configurations, each with everything that must be said about it.
#include "config/load.hpp"

#include "broken.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weappd {
namespace {

using testing::HasSubstr;

const std::string app = "apps: {demo: {app_id: wx1, secret: s}}\n";

const std::vector<broken> configurations{
    // Numbers
    {"pool_of_0",
     app + "pools: {rate_limiter: 0}",
     {{"pools.rate_limiter", "0 is out of range; allowed: 1 to 64 ("}}},
    {"pool_of_minus_1",
     app + "pools: {login_desk: -1}",
     {{"pools.login_desk", "-1 is out of range; allowed: 1 to 64"}}},
    {"pool_in_quotes",
     app + "pools: {login_desk: \"4\"}",
     {{"pools.login_desk", "'4' is not an integer; allowed: 1 to 64"}}},
    {"pool_of_10_to_the_9",
     app + "pools: {login_desk: 1000000000}",
     {{"pools.login_desk", "1000000000 is out of range"}}},
    {"number_beyond_64_bits",
     app + "http: {port: 99999999999999999999}",
     {{"http.port", "is out of range; allowed: -1 to 65535"}}},
    {"fraction", app + "http: {port: 80.5}", {{"http.port", "'80.5' is not an integer"}}},
    {"exponent", app + "http: {port: 1e3}", {{"http.port", "'1e3' is not an integer"}}},
    {"hexadecimal", app + "http: {port: 0x50}", {{"http.port", "'0x50' is not an integer"}}},
    {"plus_sign", app + "http: {port: +80}", {{"http.port", "'+80' is not an integer"}}},
    {"number_with_tag", app + "http: {port: !!str 80}", {{"http.port", "is not an integer"}}},
    {"number_missing", app + "http: {port: }", {{"http.port", "is not an integer"}}},
    {"list_for_a_number", app + "http: {port: [80]}", {{"http.port", "the list is not an integer"}}},
    {"group_for_a_number", app + "http: {port: {a: 1}}", {{"http.port", "a group is not an integer"}}},
    {"node_of_32", app + "node: {id: 32}", {{"node.id", "32 is out of range; allowed: 0 to 31"}}},
    {"threads_of_257", app + "pools: {io_threads: 257}", {{"pools.io_threads", "allowed: 0 to 256"}}},
    {"limit_key_unknown",
     app + "limits: {login: {key: device}}",
     {{"limits.login.key", "'device' does not fit; allowed: ip, user, client, app, global, or header:"}}},
    {"limit_key_of_no_header",
     app + "limits: {login: {key: 'header:'}}",
     {{"limits.login.key", "does not fit"}}},
    {"limit_header_without_a_proxy",
     app + "limits: {login: {key: 'header:X-Device'}}",
     {{"limits.login.key", "is a header of a trusted proxy, and http.trusted_proxies names none"}}},
    {"filter_mode_unknown",
     app + "filter: {mode: on}",
     {{"filter.mode", "'on' is not one of the choices; allowed: off, shadow or enforce"}}},
    {"filter_place_unknown",
     app + "filter: {rules: {a: {where: [cookie], pattern: x}}}",
     {{"filter.rules.a.where", "allowed: path, query, headers or body"}}},
    {"filter_pattern_of_1025_bytes",
     app + "filter: {rules: {a: {pattern: " + std::string(1'025, 'x') + "}}}",
     {{"filter.rules.a.pattern", "does not fit; allowed: up to 1024 bytes"}}},
    {"filter_rule_with_a_space",
     app + "filter: {rules: {a b: {pattern: x}}}",
     {{"filter.rules.a b", "the name does not fit"}}},
    {"filter_headers_of_17",
     app + "filter: {headers: [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]}",
     {{"filter.headers", "there are too many; allowed: at most 16"}}},
    {"a_first_ban_longer_than_the_longest",
     app + "bans: {first_s: 61, longest_s: 60}",
     {{"bans.first_s", "61 is above bans.longest_s; allowed: at most 60"}}},
    {"challenge_of_an_unknown_kind",
     app + "challenge: {kind: riddle}",
     {{"challenge.kind", "'riddle' is not one of the choices; allowed: off, proof_of_work or captcha"}}},
    {"challenge_harder_at_first_than_at_last",
     app + "challenge: {bits: 25}",
     {{"challenge.bits", "25 is above challenge.max_bits; allowed: at most 20"}}},
    {"challenge_of_33_bits",
     app + "challenge: {bits: 33, max_bits: 33}",
     {{"challenge.bits", "allowed: 1 to 32"}, {"challenge.max_bits", "allowed: 1 to 32"}}},
    {"captcha_without_a_service",
     app + "challenge: {kind: captcha}",
     {{"challenge.captcha.url", "is missing; challenge.kind captcha wants one"},
      {"challenge.captcha.site_key", "is missing"},
      {"challenge.captcha.secret_file", "is missing"}}},
    {"captcha_that_may_take_longer_than_a_request",
     app + "challenge: {kind: captcha, captcha: {url: 'https://c.example/v', site_key: s, secret_file: "
           "/nowhere, timeout_ms: 10000}}",
     {{"challenge.captcha.secret_file", "No such file"},
      {"challenge.captcha.timeout_ms", "10000 is not less than http.handler_timeout_ms"}}},
    {"captcha_secret_in_clear_over_a_network",
     app + "challenge: {captcha: {url: 'http://c.example/v'}}",
     {{"challenge.captcha.url", "http for loopback hosts only"}}},
    {"captcha_url_with_a_query",
     app + "challenge: {captcha: {url: 'https://c.example/v?secret=x'}}",
     {{"challenge.captcha.url", "without query"}}},
    {"captcha_secret_in_the_file_itself",
     app + "challenge: {captcha: {secret: abc}}",
     {{"challenge.captcha.secret", "unknown option"}}},
    {"a_wrong_block_of_those_never_challenged",
     app + "challenge: {allow: [10.0.0.0/33]}",
     {{"challenge.allow", "('10.0.0.0/33' does not fit); allowed: an address or a block"}}},
    {"pools_with_less_at_most_than_at_least",
     app + "pools: {rate_limiter: 8, rate_limiter_max: 7, store_readers: 3, store_readers_max: 2}",
     {{"pools.rate_limiter_max",
       "7 is below pools.rate_limiter; allowed: 0 for a pool that keeps its size, or at least 8"},
      {"pools.store_readers_max", "2 is below pools.store_readers"}}},
    {"a_wrong_block_of_those_never_banned",
     app + "bans: {allow: [10.0.0.0/33]}",
     {{"bans.allow", "('10.0.0.0/33' does not fit); allowed: an address or a block"}}},
    {"proxy_protocol_without_proxies",
     app + "http: {proxy_protocol: true, tls: {proxy_protocol: true}}",
     {{"http.proxy_protocol", "http.trusted_proxies names none"},
      {"http.tls.proxy_protocol", "http.trusted_proxies names none"}}},
    {"an_unknown_header_of_proxies",
     app + "http: {forwarded_header: x_real_ip}",
     {{"http.forwarded_header", "allowed: x_forwarded_for or forwarded"}}},
    {"algorithm_unknown",
     app + "limits: {login: {algorithm: bucket}}",
     {{"limits.login.algorithm",
       "'bucket' is not one of the choices; allowed: gcra, sliding_window, fixed_window or leaky_bucket"}}},
    {"sliding_window_too_large",
     app + "limits: {login: {algorithm: sliding_window, limit: 10001}}",
     {{"limits.login.limit", "10001 is too much for a sliding_window"}}},
    {"leaky_bucket_that_waits_too_long",
     app + "limits: {login: {algorithm: leaky_bucket, max_delay_ms: 10000}}",
     {{"limits.login.max_delay_ms", "10000 is not less than http.handler_timeout_ms"}}},
    {"limit_role_unknown",
     app + "limits: {login: {match: {roles: [user]}}}",
     {{"limits.login.match.roles", "allowed: anonymous, client or service"}}},
    {"limit_method_unknown",
     app + "limits: {login: {match: {methods: [get]}}}",
     {{"limits.login.match.methods", "allowed: GET, POST, PUT, PATCH or DELETE"}}},
    {"limit_app_unknown",
     app + "limits: {login: {match: {apps: [shop]}}}",
     {{"limits.login.match.apps", "'shop' is not configured under apps"}}},
    {"limit_route_in_capitals",
     app + "limits: {login: {match: {routes: [Auth]}}}",
     {{"limits.login.match.routes", "allowed: 1 to 64 of a-z 0-9 _ ."}}},
    {"match_unknown",
     app + "limits: {login: {match: {route: [a]}}}",
     {{"limits.login.match.route", "the nearest known one is limits.login.match.routes"}}},
    {"burst_of_0",
     app + "limits: {login: {burst: 0}}",
     {{"limits.login.burst", "0 is out of range; allowed: 1 to"}}},
    // Truth, texts, lists
    {"yes_for_true", app + "http: {metrics: yes}", {{"http.metrics", "'yes' is not true or false"}}},
    {"true_in_quotes", app + "http: {metrics: 'true'}", {{"http.metrics", "'true' is not true or false"}}},
    {"level_unknown",
     app + "log: {level: loud}",
     {{"log.level", "'loud' is not one of the choices; allowed: trace, debug, info, warn, error or off"}}},
    {"address_is_a_name",
     app + "http: {address: localhost}",
     {{"http.address", "'localhost' does not fit; allowed: an IPv4 or IPv6 address"}}},
    {"text_missing", app + "store: {path: }", {{"store.path", "it has no value"}}},
    {"text_empty", app + "store: {path: ''}", {{"store.path", "allowed: the name of a file"}}},
    {"text_with_control_characters",
     app + "log: {file: \"a\\nb\\e[31m\"}",
     {{"log.file", "'a\\x0ab\\x1b[31m' does not fit"}}},
    {"issuer_needs_escapes", app + "auth: {issuer: 'a\"b'}", {{"auth.issuer", "allowed: 1 to 128 of A-Z"}}},
    {"text_for_a_list",
     app + "http: {cors: {origins: '*'}}",
     {{"http.cors.origins", "is not a list of texts"}}},
    {"nested_list",
     app + "http: {cors: {origins: [['*']]}}",
     {{"http.cors.origins", "the list is not a list of texts"}}},
    {"origin_with_path",
     app + "http: {cors: {origins: ['*', 'https://a.cn/']}}",
     {{"http.cors.origins", "wrong at item 2 ('https://a.cn/' does not fit); allowed: an origin"}}},
    {"every_item_that_is_wrong",
     app + "http: {cors: {headers: ['X-A: b', X-B, '']}}",
     {{"http.cors.headers", "wrong at item 1 ('X-A: b' does not fit), item 3 ('' does not fit); allowed"}}},
    {"header_name_with_a_colon",
     app + "http: {cors: {headers: ['X-A: b']}}",
     {{"http.cors.headers", "wrong at item 1 ('X-A: b' does not fit); allowed: the name of a header field"}}},
    {"method_unknown",
     app + "http: {cors: {methods: [GET, TRACE]}}",
     {{"http.cors.methods", "wrong at item 2 ('TRACE'"}}},
    {"credentials_for_everybody",
     app + "http: {cors: {origins: ['*'], credentials: true}}",
     {{"http.cors.credentials", "is not possible with the origin *; allowed: exact origins"}}},
    {"listeners_of_one_place",
     app + "http: {port: 80}\nmetrics: {port: 80}\nadmin: {port: 0}",
     {{"metrics.port", "80 is http.port too, at an address that they share; allowed: a port of its own "
                       "(weappd.yaml line "},
      {"admin.token_file", "is missing"}}},
    {"listeners_of_one_port_where_one_has_all_addresses",
     app + "http: {address: '::', port: 80, tls: {port: 80, certificate_file: c, key_file: k}}",
     {{"http.tls.port", "80 is http.port too"}}},
    {"no_listener", app + "http: {port: -1}", {{"http.port", "-1 is off, and http.tls.port is off too"}}},
    {"tls_without_files",
     app + "http: {tls: {port: 8443}}",
     {{"http.tls.certificate_file", "is missing; http.tls.port wants one"},
      {"http.tls.key_file", "is missing; http.tls.port wants one"}}},
    {"admin_without_token",
     app + "admin: {port: 0}",
     {{"admin.token_file", "is missing; admin.port wants one"}}},
    {"admin_with_a_token_that_is_not_there",
     app + "admin: {port: 0, token_file: /nowhere}",
     {{"admin.token_file", "No such file"}}},
    {"tls_version_unknown",
     app + "http: {tls: {min_version: 1.1}}",
     {{"http.tls.min_version", "'1.1' is not one of the choices; allowed: 1.2 or 1.3"}}},
    {"proxy_block_too_long",
     app + "http: {trusted_proxies: [10.0.0.0/33]}",
     {{"http.trusted_proxies", "('10.0.0.0/33' does not fit); allowed: an address or a block"}}},
    {"base_url_with_path",
     app + "wechat: {base_url: 'https://a.cn/x'}",
     {{"wechat.base_url", "allowed: https://host[:port] without path"}}},
    {"base_url_in_the_clear",
     app + "wechat: {base_url: 'http://a.cn'}",
     {{"wechat.base_url", "http for loopback hosts only"}}},
    // Unknown and doubled names
    {"unknown_group",
     app + "poolz: {rate_limiter: 4}",
     {{"poolz", "unknown option; the nearest known one is pools (weappd.yaml line 2)"}}},
    {"unknown_option",
     app + "http:\n  prot: 80",
     {{"http.prot", "the nearest known one is http.port (weappd.yaml line 3)"}}},
    {"unknown_option_of_an_app",
     "apps: {demo: {app_id: wx1, secret: s, appid: x}}",
     {{"apps.demo.appid", "the nearest known one is apps.demo.app_id"}}},
    {"group_forgotten", app + "port: 80", {{"port", "the nearest known one is http.port"}}},
    {"path_with_dots", app + "http.port: 80", {{"http.port", "in YAML a group is written as a map"}}},
    {"group_is_a_number", app + "http: 80", {{"http", "is a group of options"}}},
    {"option_twice", app + "http: {port: 1, port: 2}", {{"http.port", "is there twice in its group"}}},
    {"group_twice",
     app + "http: {port: 1}\nhttp: {metrics: true}",
     {{"http", "is there twice in its group (weappd.yaml line 3)"}}},
    {"key_is_a_list", app + "[a]: 1", {{"", "has a key that is not a text"}}},
    {"merge_key", app + "http: {<<: {port: 1}}", {{"http.<<", "unknown option"}}},
    // Apps and limits
    {"no_app", "http: {port: 1}", {{"apps", "no app is configured; allowed: at least one"}}},
    {"no_mini_program",
     "apps: {a: {kind: official_account, app_id: wx1, secret: s}}",
     {{"apps", "no mini program is configured"}}},
    {"two_app_ids_alike",
     "apps: {b: {app_id: wx1, secret: s}, a: {app_id: wx1, secret: s}}",
     {{"apps.a.app_id", "'wx1' is the app_id of apps.b too"}}},
    {"app_without_anything",
     "apps: {demo: }",
     {{"apps.demo.app_id", "is missing"}, {"apps.demo.secret", "is missing; give secret or secret_file"}}},
    {"app_id_with_a_space",
     "apps: {demo: {app_id: w x, secret: s}}",
     {{"apps.demo.app_id", "'w x' does not fit"}}},
    {"kind_unknown",
     "apps: {demo: {kind: mini, app_id: wx1, secret: s}}",
     {{"apps.demo.kind", "'mini' is not one of the choices; allowed: mini_program or official_account"}}},
    {"app_key_in_capitals",
     "apps: {Demo: {app_id: wx1, secret: s}}",
     {{"apps.Demo", "allowed: 1 to 32 of a-z 0-9 _ -"}}},
    {"secret_twice",
     "apps: {demo: {app_id: wx1, secret: s, secret_file: /nowhere}}",
     {{"apps.demo.secret_file", "exclude one another"}, {"apps.demo.secret_file", "No such file"}}},
    {"secret_with_a_space",
     "apps: {demo: {app_id: wx1, secret: s s}}",
     {{"apps.demo.secret", "*** does not fit; allowed: 1 to 512 visible"}}},
    {"default_app_unknown",
     app + "default_app: shop",
     {{"default_app", "'shop' is not configured under apps"}}},
    {"default_app_of_the_wrong_kind",
     "default_app: a\napps: {a: {kind: official_account, app_id: wx1, secret: s}, b: {app_id: wx2, secret: "
     "s}}",
     {{"default_app", "'a' is not a mini program"}}},
    {"new_limit_without_limit",
     app + "limits: {upload: {burst: 2}}",
     {{"limits.upload.limit", "is missing"}}},
    {"limit_name_with_a_space",
     app + "limits: {up load: {limit: 2}}",
     {{"limits.up load", "the name does not fit"}}},
    {"retry_min_above_max",
     app + "token: {retry_min_ms: 900, retry_max_ms: 800}",
     {{"token.retry_min_ms", "900 is above token.retry_max_ms; allowed: at most 800"}}},
    // The file as a whole
    {"not_yaml", app + "http: {port: 1", {{"weappd.yaml", "line 2: not YAML"}}},
    {"anchor_unknown", "apps: {demo: {app_id: wx1, secret: *s}}", {{"weappd.yaml", "line 1: not YAML"}}},
    {"a_list", "- a\n- b", {{"weappd.yaml", "the file must be a map of options"}}},
    {"two_documents", app + "---\n" + app, {{"weappd.yaml", "more than one YAML document"}}},
    {"too_long", "#" + std::string(1'048'576, 'x'), {{"weappd.yaml", "is longer than 1048576 bytes"}}},
    {"too_deep", "a: " + std::string(20'000, '['), {{"weappd.yaml", "not YAML"}}},
    // Environment and --set
    {"environment_unknown",
     app,
     {{"http.prot", "the nearest known one is http.port (environment WEAPPD_HTTP__PROT)"}},
     {},
     {{"WEAPPD_HTTP__PROT", "1"}}},
    {"environment_out_of_range",
     app,
     {{"http.port", "70000 is out of range; allowed: -1 to 65535 (environment WEAPPD_HTTP__PORT)"}},
     {},
     {{"WEAPPD_HTTP__PORT", "70000"}}},
    {"environment_names_a_group", app, {{"http", "is a group of options"}}, {}, {{"WEAPPD_HTTP", "1"}}},
    {"environment_without_a_path", app, {{"", "unknown option"}}, {}, {{"WEAPPD_", "1"}}},
    {"set_without_value",
     app,
     {{"--set", "number 2 is not of the form path=value"}},
     {"http.port=1", "http.port"}},
    {"set_without_path", app, {{"--set", "number 1 is not of the form path=value"}}, {"=1"}},
    {"set_unknown", app, {{"pools.x", "unknown option; the nearest known one is"}}, {"pools.x=1"}},
    {"set_an_empty_number", app, {{"http.port", "'' is not an integer"}}, {"http.port="}},
    {"set_a_broken_list", app, {{"http.cors.origins", "is not a list of texts"}}, {"http.cors.origins=[*"}},
    {"set_an_app_as_a_text", app, {{"apps.demo", "is a group of options"}}, {"apps.demo=wx1"}},
    // All of them
    {"every_mistake_is_shown_at_once",
     "poolz: 1\nhttp: {port: x, prot: 1}\napps: {a: {app_id: wx1}, b: {app_id: wx1, secret: s}}\n",
     {{"poolz", "unknown"},
      {"http.port", "not an integer"},
      {"http.prot", "unknown"},
      {"log.level", "not one of"},
      {"node.id", "out of range"},
      {"apps.a.secret", "is missing"},
      {"apps.b.app_id", "is the app_id of apps.a too"}},
     {"node.id=-1"},
     {{"WEAPPD_LOG__LEVEL", "loud"}}},
};

class broken_configuration : public testing::TestWithParam<broken> {};

TEST_P(broken_configuration, is_refused_with_every_problem_and_no_other) {
  expect_problems(GetParam());
}

INSTANTIATE_TEST_SUITE_P(table, broken_configuration, testing::ValuesIn(configurations),
                         [](const auto& one) { return one.param.name; });

TEST(broken_file, that_cannot_be_read_is_one_problem_and_the_other_sources_are_still_judged) {
  const temporary_folder folder;
  for (const std::string& path : {folder / "missing.yaml", folder / ""}) {
    const auto problems = load_options({path, {}, {"http.port=x"}}, false).problems;
    ASSERT_EQ(problems.size(), 2u) << render_problems(problems);
    EXPECT_THAT(problems[0].text, HasSubstr("cannot be"));
    EXPECT_EQ(problems[1].path, "http.port");
  }
}

TEST(broken_secret_file, is_a_problem_that_says_what_to_do) {
  const temporary_folder folder;
  const auto judge = [&](const std::string& file) {
    const auto yaml = "apps: {demo: {app_id: wx1, secret_file: '" + file + "'}}";
    const auto problems = load_options({folder.write("weappd.yaml", yaml), {}, {}}, false).problems;
    EXPECT_EQ(problems.size(), 1u) << render_problems(problems);
    return render_problems(problems);
  };
  EXPECT_THAT(judge(folder.write("open", "secret", 0644)),
              HasSubstr("is open to its group or to others (mode 0644)"));
  EXPECT_THAT(judge(folder.write("empty", "")), HasSubstr("does not hold a secret"));
  EXPECT_THAT(judge(folder.write("two_lines", "a\n\n")), HasSubstr("does not hold a secret"));
  EXPECT_THAT(judge(folder.write("long", std::string(5'000, 'x'))), HasSubstr("is longer than 4096 bytes"));
  EXPECT_THAT(judge(folder / "missing"), HasSubstr("No such file"));
  EXPECT_THAT(judge(""), HasSubstr("does not fit; allowed: the name of a file"));
}

TEST(broken_maps, with_more_entries_than_anybody_needs_are_refused) {
  const temporary_folder folder;
  std::string yaml = "limits:\n";
  for (int i = 0; i < 61; ++i) // and four that are always there
    yaml += "  l" + std::to_string(i) + ": {limit: 1}\n";
  yaml += "apps:\n";
  for (int i = 0; i < 65; ++i)
    yaml += "  a" + std::to_string(i) + ": {app_id: wx" + std::to_string(i) + ", secret: s}\n";
  yaml += "filter:\n  rules:\n";
  for (int i = 0; i < 65; ++i)
    yaml += "    f" + std::to_string(i) + ": {pattern: x}\n";
  const auto problems = load_options({folder.write("weappd.yaml", yaml), {}, {}}, false).problems;
  EXPECT_EQ(render_problems(problems),
            "apps: there are too many; allowed: at most 64 (weappd.yaml line 63)\n"
            "limits: there are too many; allowed: at most 64 (weappd.yaml line 1)\n"
            "filter.rules: there are too many; allowed: at most 64 (weappd.yaml line 130)\n");
}

} // namespace
} // namespace weappd
