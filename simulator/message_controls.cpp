#include "simulator/message_controls.hpp"

#include "simulator/control_body.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd::simulator {
namespace {

/// The mini program that has the template: the one that is named, else the first one. Remembers what is
/// wrong.
const app* find_owner(const state& state, body_reader& body, const std::optional<std::string>& app_id,
                      const std::string& template_id) {
  if (app_id && !state.world.find_known(*app_id))
    body.fail("app_id", "no such app");
  for (const auto* each : state.world.apps())
    if (each->kind == app_kind::mini_program && (!app_id || each->app_id == *app_id) &&
        find_template(*each, template_id))
      return each;
  body.fail("template_id", "no mini program has it");
  return nullptr;
}

/// The official accounts that a call is about: the one that is named, else all.
std::vector<const app*> official_accounts(const state& state, body_reader& body,
                                          const std::optional<std::string>& app_id) {
  auto out = state.world.apps();
  std::erase_if(out, [&](const app* each) {
    return each->kind != app_kind::official_account || (app_id && each->app_id != *app_id);
  });
  if (out.empty())
    body.fail("app_id", "no such official account");
  return out;
}

/// A whole number of a query, `otherwise` if it is not there, nothing if it is wrong.
std::optional<std::size_t> query_number(const request& call, std::string_view name, std::size_t otherwise) {
  const auto text = find_param(call.query, name);
  if (!text)
    return otherwise;
  std::size_t value = 0;
  const auto* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, value);
  return read.ec == std::errc() && read.ptr == end && value <= message_box::max_items ? std::optional(value)
                                                                                      : std::nullopt;
}

} // namespace

reply set_subscription(state& state, const request& call) {
  constexpr std::int64_t max_at_once = 1'000'000;
  body_reader body(call.body, {"openid", "template_id", "credits", "app_id"});
  const auto app_id = body.text("app_id");
  const auto openid = body.needed_text("openid");
  const auto template_id = body.needed_text("template_id");
  const auto credits = body.number("credits", -max_at_once, max_at_once);
  if (!credits)
    body.fail("credits", "is missing");
  const auto* owner = body.problem().empty() ? find_owner(state, body, app_id, template_id) : nullptr;
  if (!owner)
    return refuse_control(body.problem());
  state.world.add_user(state.clock.now(), *owner, openid);
  const subscriptions::subscriber who{owner->app_id, openid, template_id};
  const auto balance = find_template(*owner, template_id)->long_term
                           ? state.consents.accept(who, *credits > 0)
                           : state.consents.add(who, *credits);
  return control_answer(200, {{"credits", balance}});
}

reply set_follower(state& state, const request& call) {
  body_reader body(call.body, {"openid", "unionid", "app_id", "follows"});
  const auto app_id = body.text("app_id");
  const auto openid = body.text("openid");
  const auto unionid = body.text("unionid");
  const bool follows = body.flag("follows");
  if (!body.has("follows"))
    body.fail("follows", "is missing");
  if (openid.has_value() == unionid.has_value())
    body.fail("openid", "exactly one of openid and unionid is needed");
  auto accounts = official_accounts(state, body, app_id);
  if (!body.problem().empty())
    return refuse_control(body.problem());
  if (openid)
    accounts.resize(1); // an openid means nothing to another account
  auto changed = nlohmann::json::array();
  for (const auto* each : accounts) {
    auto& people = state.world.followers_of(*each);
    auto& who = openid ? people.join(*openid, std::nullopt) : people.join_by_unionid(*unionid);
    people.set_follows(who, follows);
    changed.push_back({{"app_id", each->app_id}, {"openid", who.openid}});
  }
  return control_answer(200, {{"changed", std::move(changed)}});
}

reply set_quota(state& state, const request& call) {
  constexpr std::int64_t max_calls = 1'000'000'000;
  body_reader body(call.body, {"app_id", "path", "per_minute", "per_day"});
  const auto app_id = body.text("app_id");
  const auto path = body.api_path("path");
  const quotas::limits limits{body.number("per_minute", 0, max_calls), body.number("per_day", 0, max_calls)};
  if (app_id && !state.world.find_known(*app_id))
    body.fail("app_id", "no such app");
  if (!body.problem().empty())
    return refuse_control(body.problem());
  if (!state.limits.set(app_id.value_or(""), *path, limits))
    return refuse_control("path: too many quotas are set already");
  return control_answer(200, nlohmann::json::object());
}

reply show_delivered(state& state, const request& call) {
  const auto offset = query_number(call, "offset", 0);
  const auto limit = query_number(call, "limit", message_box::max_items);
  if (!offset || !limit)
    return refuse_control(std::string(offset ? "limit" : "offset") + ": must be an integer from 0 to " +
                          std::to_string(message_box::max_items));
  return {.body = state.delivered.report({.openid = find_param(call.query, "openid").value_or(""),
                                          .template_id = find_param(call.query, "template_id").value_or(""),
                                          .offset = *offset,
                                          .limit = *limit})};
}

reply forget_delivered(state& state, const request&) {
  state.delivered = {};
  return control_answer(200, nlohmann::json::object());
}

} // namespace weappd::simulator
