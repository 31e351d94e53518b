#pragma once

#include "simulator/errors.hpp"
#include "simulator/exchange.hpp"
#include "simulator/state.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// What the endpoints of the pretended WeChat have in common.
namespace weappd::simulator {

reply success(const nlohmann::json& body);
reply failure(const state& state, errcode code);
/// With words of its own instead of text_of(code).
reply failure(const state& state, errcode code, std::string_view words);

/// The parameter, or nothing.
std::string_view param(const request& call, std::string_view name);
/// The text, or nothing if it is something else.
std::string text_member(const nlohmann::json& object, const char* name);

/// Counts a call of an app, unless there is no such app. No reply: it is within the quotas.
std::optional<reply> refuse_over_quota(state& state, std::string_view app_id, const std::string& path);

/// Whose call of a business endpoint this is, by its access token and within the quotas; or the refusal.
std::variant<const app*, reply> admit(state& state, const request& call);
/// The same for endpoints of one kind of apps.
std::variant<const app*, reply> admit(state& state, const request& call, app_kind kind);

} // namespace weappd::simulator
