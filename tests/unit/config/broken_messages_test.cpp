// Configurations of clients, templates and triggers that are broken, each with everything that must be said.
#include "broken.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weappd {
namespace {

const std::string both_apps = "apps: {shop: {app_id: wx1, secret: s}, "
                              "news: {kind: official_account, app_id: wx2, secret: s}}\n";
const std::string hash =
    "$scrypt$ln=14,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$UxYE/nON8zrmLNK5lL/j9XPtKMDZ5VR/h1tkExic5Zo";

/// One subscribe template with these options besides its id.
std::string subscribe(const std::string& more) {
  return both_apps + "templates: {custom:x: {template_id: t, " + more + "}}\n";
}
/// One with these fields.
std::string subscribe_fields(const std::string& fields) {
  return subscribe("fields: {" + fields + "}");
}
std::string official(const std::string& more) {
  return both_apps + "templates: {custom:x: {kind: template, template_id: t, " + more + "}}\n";
}
/// A template that takes thing1 and the variable who, and one trigger of it.
std::string trigger(const std::string& more) {
  return subscribe_fields("thing1: {}, thing2: {text: 'for {{who}}'}, number3: {text: 7}") +
         "triggers: {t: {event: e, template: custom:x" + (more.empty() ? "" : ", ") + more + "}}\n";
}

const std::vector<broken> clients{
    {"client_without_anything",
     both_apps + "clients: {erp: }",
     {{"clients.erp.secret_hash", "is missing; `weappd hash-secret` makes it"},
      {"clients.erp.scopes", "is missing; allowed: messages:send, token:read"}}},
    {"secret_where_its_hash_belongs",
     both_apps + "clients: {erp: {secret_hash: s3cret, scopes: [token:read]}}",
     {{"clients.erp.secret_hash",
       "*** does not fit; allowed: what `weappd hash-secret` prints (weappd.yaml line 2)"}}},
    {"scope_unknown",
     both_apps + "clients: {erp: {secret_hash: '" + hash + "', scopes: [token:read, admin]}}",
     {{"clients.erp.scopes",
       "is wrong at item 2 ('admin' is not one of the choices); allowed: messages:send or token:read"}}},
    {"client_name",
     both_apps + "clients: {ERP: {secret_hash: '" + hash + "', scopes: [token:read]}}",
     {{"clients.ERP", "the name does not fit; allowed: 1 to 32 of a-z 0-9 _ -"}}},
};

const std::vector<broken> templates_of_apps{
    {"template_without_anything",
     both_apps + "templates: {custom:x: }",
     {{"templates.custom:x.template_id", "is missing"},
      {"templates.custom:x.fields", "is missing; allowed: at least one field"}}},
    {"template_without_a_namespace",
     both_apps + "templates: {x: {template_id: t, fields: {thing1: }}}",
     {{"templates.x", "the name does not fit; allowed: industry: or custom:, then 1 to 32 of a-z 0-9 _ -"}}},
    {"template_id",
     both_apps + "templates: {custom:x: {template_id: a/b, fields: {thing1: }}}",
     {{"templates.custom:x.template_id", "'a/b' does not fit; allowed: 1 to 128 of"}}},
    {"kind_unknown",
     subscribe("kind: uniform, fields: {thing1: }"),
     {{"templates.custom:x.kind", "'uniform' is not one of the choices; allowed: subscribe or template"}}},
    {"kind_unknown_says_nothing_about_what_depends_on_it",
     subscribe("kind: templat, app: news, url: https://a.cn, fields: {first: }"),
     {{"templates.custom:x.kind", "'templat' is not one of the choices"}}},
    {"app_unknown",
     subscribe("app: shoq, fields: {thing1: }"),
     {{"templates.custom:x.app",
       "'shoq' is not configured under apps; subscribe needs one of kind mini_program"}}},
    {"app_of_the_wrong_kind",
     subscribe("app: news, fields: {thing1: }"),
     {{"templates.custom:x.app",
       "'news' is of kind official_account; subscribe needs one of kind mini_program"}}},
    {"app_of_the_other_wrong_kind",
     official("app: shop, fields: {thing1: }"),
     {{"templates.custom:x.app",
       "'shop' is of kind mini_program; template needs one of kind official_account"}}},
    {"default_app_unknown_is_told_once",
     subscribe("fields: {thing1: }"),
     {{"default_app", "'shoq' is not configured under apps"}},
     {"default_app=shoq"}},
    {"no_mini_program_is_told_once",
     "apps: {news: {kind: official_account, app_id: wx2, secret: s}}\n"
     "templates: {custom:x: {template_id: t, fields: {thing1: }}}",
     {{"apps", "no mini program is configured"}}},
    {"no_official_account",
     "apps: {shop: {app_id: wx1, secret: s}}\n"
     "templates: {custom:x: {kind: template, template_id: t, fields: {thing1: }}}",
     {{"templates.custom:x.app", "is missing; template needs one of kind official_account"}}},
    {"options_of_the_other_kind",
     subscribe("page_app: shop, url: https://a.cn, color: red, fields: {thing1: {color: blue}}"),
     {{"templates.custom:x.page_app", "'shop' is for kind template only"},
      {"templates.custom:x.url", "'https://a.cn' is for kind template only"},
      {"templates.custom:x.color", "'red' is for kind template only"},
      {"templates.custom:x.fields.thing1.color", "'blue' is for kind template only; allowed: empty"}}},
    {"life_of_the_other_kind",
     official("life: long_term, fields: {thing1: }"),
     {{"templates.custom:x.life", "'long_term' is for kind subscribe only"}}},
    {"page_in_no_app",
     official("page: pages/a, fields: {thing1: }"),
     {{"templates.custom:x.page_app", "is missing; it says which mini program page is in"}}},
    {"page_app_unknown",
     official("page_app: shoq, fields: {thing1: }"),
     {{"templates.custom:x.page_app", "'shoq' is not configured under apps"}}},
    {"page_app_of_the_wrong_kind",
     official("page_app: news, fields: {thing1: }"),
     {{"templates.custom:x.page_app", "'news' is not a mini program"}}},
    {"colours",
     official("color: reddish, fields: {thing1: {color: '#07c16'}}"),
     {{"templates.custom:x.color", "'reddish' does not fit; allowed: a colour of CSS"},
      {"templates.custom:x.fields.thing1.color", "'#07c16' does not fit"}}},
    {"link",
     official("url: example.com, fields: {thing1: }"),
     {{"templates.custom:x.url", "'example.com' does not fit; allowed: an address with https://"}}},
    {"page_with_a_blank",
     subscribe("page: a b, fields: {thing1: }"),
     {{"templates.custom:x.page", "'a b' does not fit"}}},
    {"option_unknown",
     subscribe("titel: x, fields: {thing1: }"),
     {{"templates.custom:x.titel", "unknown option; the nearest known one is templates.custom:x."}}},
};

const std::vector<broken> fields{
    {"field_name_of_no_type",
     subscribe_fields("first: "),
     {{"templates.custom:x.fields.first", "is not the name of a field; allowed: a type and a number"}}},
    {"field_name_with_a_hyphen",
     subscribe_fields("thing-1: "),
     {{"templates.custom:x.fields.thing-1", "the name does not fit; allowed: a letter, then up to 31"}}},
    {"field_names_have_a_case",
     subscribe_fields("Thing1: "),
     {{"templates.custom:x.fields.Thing1", "is not the name of a field"}}},
    {"field_is_a_text",
     subscribe_fields("thing1: x"),
     {{"templates.custom:x.fields.thing1", "is a group of options and has no value itself"}}},
    {"field_option_unknown",
     subscribe_fields("thing1: {fits: truncate}"),
     {{"templates.custom:x.fields.thing1.fits",
       "the nearest known one is templates.custom:x.fields.thing1.fit ("}}},
    {"field_twice",
     subscribe_fields("thing1: {}, thing1: {}"),
     {{"templates.custom:x.fields.thing1", "is there twice in its group"}}},
    {"text_with_unbalanced_braces",
     subscribe_fields("thing1: {text: 'a {{b'}"),
     {{"templates.custom:x.fields.thing1.text", "'a {{b' does not fit; allowed: one line"}}},
    {"text_too_long",
     subscribe_fields("thing1: {text: aaaaaaaaaaaaaaaaaaaaa}"),
     {{"templates.custom:x.fields.thing1.text", "does not fit the field: too_long"}}},
    {"text_of_the_wrong_type",
     subscribe_fields("number1: {text: one}, date2: {text: soon}"),
     {{"templates.custom:x.fields.date2.text", "'soon' does not fit the field: wrong_format"},
      {"templates.custom:x.fields.number1.text", "'one' does not fit the field: invalid_characters"}}},
    {"fit_of_a_number",
     subscribe_fields("number1: {fit: truncate}"),
     {{"templates.custom:x.fields.number1.fit", "'truncate' would break a number; allowed: refuse"}}},
    {"choices_missing",
     subscribe_fields("enum1: {}, enum_string2: {choices: []}"),
     {{"templates.custom:x.fields.enum1.choices", "is missing; allowed: the values that WeChat lists for it"},
      {"templates.custom:x.fields.enum_string2.choices", "is missing"}}},
    {"choices_of_a_thing",
     subscribe_fields("thing1: {choices: [a]}"),
     {{"templates.custom:x.fields.thing1.choices", "is for enum and enum_string fields only"}}},
    {"text_that_is_no_choice",
     subscribe_fields("enum1: {choices: [a, b], text: c}"),
     {{"templates.custom:x.fields.enum1.text", "'c' does not fit the field: wrong_format"}}},
    {"field_set_as_a_text",
     subscribe_fields("thing1: "),
     {{"templates.custom:x.fields.thing1", "is a group of options"}},
     {"templates.custom:x.fields.thing1=a"}},
};

const std::vector<broken> triggers{
    {"trigger_without_anything",
     both_apps + "triggers: {t: }",
     {{"triggers.t.event", "is missing"}, {"triggers.t.template", "is missing"}}},
    {"trigger_of_no_template",
     both_apps + "triggers: {t: {event: e, template: custom:y}}",
     {{"triggers.t.template", "'custom:y' is not configured under templates"}}},
    {"trigger_name",
     subscribe_fields("thing1: ") + "triggers: {order.paid: {event: e, template: custom:x}}",
     {{"triggers.order.paid", "in YAML a group is written as a map, not with a dot"}}},
    {"event_name",
     both_apps + "triggers: {t: {event: Order, template: x}}",
     {{"triggers.t.event", "'Order' does not fit; allowed: 1 to 64 of a-z 0-9 _ . -"},
      {"triggers.t.template", "'x' does not fit; allowed: the name of a configured template"}}},
    {"data_too_little_and_too_much",
     trigger("data: {thing1: a, thing2: b}"),
     {{"triggers.t.data.thing2", "is not a member that custom:x takes"},
      {"triggers.t.data.who", "is missing; custom:x needs it"}}},
    {"data_that_does_not_fit",
     trigger("data: {thing1: aaaaaaaaaaaaaaaaaaaaa, who: '{{user}}'}"),
     {{"triggers.t.data.thing1", "does not fit the field: too_long"}}},
    {"data_with_unbalanced_braces",
     trigger("data: {thing1: 'a}}', who: a}"),
     {{"triggers.t.data.thing1", "'a}}' does not fit; allowed: one line"}}},
    {"data_name",
     trigger("data: {thing1: a, who: b, w-o: c}"),
     {{"triggers.t.data.w-o", "the name does not fit; allowed: a letter or _, then up to 63"},
      {"triggers.t.data.w-o", "is not a member that custom:x takes"}}},
    {"conditions",
     trigger("when: [a > 1, a >> 1]"),
     {{"triggers.t.when", "is wrong at item 2 ('a >> 1' does not fit); allowed: `name exists`"}}},
    {"quiet_hours",
     trigger("quiet_hours: 22-8"),
     {{"triggers.t.quiet_hours",
       "'22-8' does not fit; allowed: two different times of day such as 22:00-08:00"}}},
    {"dedup_key",
     trigger("dedup_key: '{{a.b}}'"),
     {{"triggers.t.dedup_key", "'{{a.b}}' does not fit; allowed: one line"}}},
    {"offset",
     trigger("utc_offset_min: 900"),
     {{"triggers.t.utc_offset_min", "900 is out of range; allowed: -720 to 840"}}},
    {"priority",
     trigger("priority: urgent"),
     {{"triggers.t.priority", "'urgent' is not one of the choices; allowed: high, normal or bulk"}}},
    {"waits",
     both_apps + "push: {retry_min_ms: 900, retry_max_ms: 800}",
     {{"push.retry_min_ms", "900 is above push.retry_max_ms; allowed: at most 800"}}},
    {"lease",
     both_apps + "push: {lease_s: 10}\nwechat: {total_timeout_ms: 5400}",
     {{"push.lease_s",
       "10 is not above what a token fetch and a send may take, wechat.total_timeout_ms each; "
       "allowed: at least 11"}}},
};

class broken_message_configuration : public testing::TestWithParam<broken> {};

TEST_P(broken_message_configuration, is_refused_with_every_problem_and_no_other) {
  expect_problems(GetParam());
}

constexpr auto name_of_case = [](const auto& one) { return one.param.name; };
INSTANTIATE_TEST_SUITE_P(clients, broken_message_configuration, testing::ValuesIn(clients), name_of_case);
INSTANTIATE_TEST_SUITE_P(templates, broken_message_configuration, testing::ValuesIn(templates_of_apps),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(fields, broken_message_configuration, testing::ValuesIn(fields), name_of_case);
INSTANTIATE_TEST_SUITE_P(triggers, broken_message_configuration, testing::ValuesIn(triggers), name_of_case);

/// "name0: {...}, name1: {...}, ..."
std::string many(int count, const std::string& name, const std::string& entry) {
  std::string out;
  for (int i = 0; i < count; ++i)
    out += name + std::to_string(i) + ": " + entry + ", ";
  return out;
}

/// As much of everything as is allowed, and `more`.
std::string full(int more) {
  return both_apps + "clients: {" +
         many(256 + more, "c", "{secret_hash: '" + hash + "', scopes: [token:read]}") +
         "}\ntemplates: {custom:y: {template_id: t, fields: {" + many(32 + more, "thing", "{}") + "}}, " +
         many(1'023 + more, "custom:x", "{template_id: t, fields: {thing1: }}") + "}\ntriggers: {" +
         many(1'024 + more, "t", "{event: e, template: custom:x0}") + "}\n";
}

TEST(message_maps, may_be_as_full_as_they_say_and_no_fuller) {
  expect_problems({"full", full(0), {}});
  expect_problems({"too_full",
                   full(1),
                   {{"clients", "there are too many; allowed: at most 256"},
                    {"templates", "there are too many; allowed: at most 1024"},
                    {"templates.custom:y.fields", "there are too many; allowed: at most 32"},
                    {"triggers", "there are too many; allowed: at most 1024"}}});
}

} // namespace
} // namespace weappd
