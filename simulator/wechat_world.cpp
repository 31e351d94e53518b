#include "simulator/wechat_world.hpp"

#include "simulator/random_text.hpp"

#include <array>
#include <cassert>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace weappd::simulator {

wechat_world::wechat_world(std::vector<app> apps, crypto::random_source& random) : random_(&random) {
  assert(!apps.empty());
  apps_.reserve(apps.size());
  for (auto& each : apps)
    apps_.push_back({std::move(each), {}});
}

std::optional<wechat_world::login_code> wechat_world::make_code(moment now,
                                                                std::optional<std::string_view> app_id,
                                                                std::optional<std::string> openid,
                                                                std::optional<std::string> unionid) {
  const auto* owner = app_id ? find_app(*app_id) : &apps_.front();
  if (!owner)
    return std::nullopt;
  constexpr std::size_t openid_length = 28;
  constexpr std::size_t code_length = 32;
  if (!openid)
    openid = "o" + random_name(*random_, openid_length - 1);
  auto& user = user_of(*owner, *openid, now);
  if (unionid)
    user.unionid = std::move(unionid);
  if (now - user.key_made_at >= session_key_rotation) {
    user.session_key = random_base64(*random_, 16);
    user.key_made_at = now;
  }
  codes_.drop_oldest_while([now](const code_state& code) { return code.expires_at <= now; });
  login_code made{random_name(*random_, code_length), std::move(*openid)};
  codes_[made.code] = {owner, made.openid, now + code_life, false};
  return made;
}

std::variant<wechat_world::session, errcode> wechat_world::exchange(moment now, std::string_view app_id,
                                                                    std::string_view app_secret,
                                                                    std::string_view code) {
  const auto found = authenticate(app_id, app_secret);
  if (const auto* refused = std::get_if<errcode>(&found))
    return *refused;
  const auto* owner = std::get<app_state*>(found);
  auto* state = codes_.find(std::string(code));
  if (!state || state->owner != owner || state->expires_at <= now)
    return errcode::bad_code;
  if (std::exchange(state->used, true))
    return errcode::code_used;
  const auto& user = user_of(*owner, state->openid, now);
  return session{state->openid, user.session_key, user.unionid};
}

std::variant<token_answer, errcode> wechat_world::classic_token(moment now, std::string_view app_id,
                                                                std::string_view app_secret) {
  const auto found = authenticate(app_id, app_secret);
  if (const auto* refused = std::get_if<errcode>(&found))
    return *refused;
  return std::get<app_state*>(found)->tokens.classic(now, *random_);
}

std::variant<token_answer, errcode> wechat_world::stable_token(moment now, std::string_view app_id,
                                                               std::string_view app_secret,
                                                               bool force_refresh) {
  const auto found = authenticate(app_id, app_secret);
  if (const auto* refused = std::get_if<errcode>(&found))
    return *refused;
  return std::get<app_state*>(found)->tokens.stable(now, force_refresh, *random_);
}

std::optional<errcode> wechat_world::check_token(moment now, std::string_view token) const {
  if (token.empty())
    return errcode::token_missing;
  for (const auto& each : apps_) {
    const auto refused = each.tokens.check(now, token);
    if (refused != errcode::token_invalid)
      return refused;
  }
  return errcode::token_invalid;
}

std::optional<std::size_t> wechat_world::expire_tokens(moment now, std::optional<std::string_view> app_id) {
  if (app_id) {
    auto* found = find_app(*app_id);
    return found ? std::optional(found->tokens.expire(now)) : std::nullopt;
  }
  std::size_t count = 0;
  for (auto& each : apps_)
    count += each.tokens.expire(now);
  return count;
}

std::string wechat_world::make_rid(moment now) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  std::array<char, 9> time{};
  std::snprintf(time.data(), time.size(), "%08x", static_cast<unsigned>(static_cast<std::uint32_t>(seconds)));
  return time.data() + ("-" + random_hex(*random_, 8)) + "-" + random_hex(*random_, 8);
}

wechat_world::app_state* wechat_world::find_app(std::string_view app_id) {
  for (auto& each : apps_)
    if (each.identity.app_id == app_id)
      return &each;
  return nullptr;
}

std::variant<wechat_world::app_state*, errcode> wechat_world::authenticate(std::string_view app_id,
                                                                           std::string_view app_secret) {
  auto* found = find_app(app_id);
  if (!found)
    return errcode::bad_app_id;
  if (found->identity.app_secret.reveal() != app_secret)
    return errcode::bad_secret;
  return found;
}

wechat_world::user_state& wechat_world::user_of(const app_state& owner, const std::string& openid,
                                                moment now) {
  auto& user = users_[owner.identity.app_id + ' ' + openid]; // an app id has no space
  if (user.session_key.empty()) {
    user.session_key = random_base64(*random_, 16);
    user.key_made_at = now;
  }
  return user;
}

} // namespace weappd::simulator
