#include "simulator/wechat_world.hpp"

#include "simulator/random_text.hpp"

#include <array>
#include <cassert>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace weappd::simulator {
namespace {

std::string key_of_user(const app& owner, const std::string& openid) {
  return owner.app_id + ' ' + openid; // an app id has no space
}

bool has_shape_of_token(std::string_view token) {
  constexpr std::size_t max_length = 512;
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return token.size() <= max_length && token.find_first_not_of(alphabet) == token.npos;
}

} // namespace

wechat_world::wechat_world(std::vector<app> apps, crypto::random_source& random) : random_(&random) {
  assert(!apps.empty());
  apps_.reserve(apps.size());
  for (auto& each : apps)
    apps_.emplace_back(std::move(each));
}

std::optional<wechat_world::login_code> wechat_world::make_code(moment now,
                                                                std::optional<std::string_view> app_id,
                                                                std::optional<std::string> openid,
                                                                const std::optional<std::string>& unionid) {
  auto* owner = app_id ? find_app(*app_id) : &apps_.front();
  if (!owner)
    return std::nullopt;
  constexpr std::size_t code_length = 32;
  auto who = owner->identity.kind == app_kind::official_account
                 ? join_official_account(*owner, std::move(openid), unionid)
                 : log_in(now, owner->identity, std::move(openid), unionid);
  codes_.drop_oldest_while([now](const code_state& code) { return code.expires_at <= now; });
  login_code made{random_name(*random_, code_length), std::move(who)};
  codes_[made.code] = {owner, made.openid, now + code_life, false};
  return made;
}

std::string wechat_world::log_in(moment now, const app& mini_program, std::optional<std::string> openid,
                                 const std::optional<std::string>& unionid) {
  if (!openid)
    openid = new_openid();
  auto& user = user_of(mini_program, *openid, now);
  if (unionid && unionid != user.unionid) {
    user.unionid = unionid;
    for (auto& each : apps_)
      if (each.identity.kind == app_kind::official_account)
        each.people.join_by_unionid(*unionid);
  }
  if (now - user.key_made_at >= session_key_rotation) {
    user.session_key = random_base64(*random_, 16);
    user.key_made_at = now;
  }
  return std::move(*openid);
}

std::string wechat_world::new_openid() {
  constexpr std::size_t openid_length = 28;
  return "o" + random_name(*random_, openid_length - 1);
}

std::string wechat_world::join_official_account(app_state& owner, std::optional<std::string> openid,
                                                const std::optional<std::string>& unionid) {
  if (!openid && unionid)
    return owner.people.join_by_unionid(*unionid).openid;
  return owner.people.join(openid ? *openid : new_openid(), unionid).openid;
}

std::variant<wechat_world::session, errcode> wechat_world::exchange(moment now, app_kind kind,
                                                                    std::string_view app_id,
                                                                    std::string_view app_secret,
                                                                    std::string_view code) {
  const auto found = authenticate(app_id, app_secret);
  if (const auto* refused = std::get_if<errcode>(&found))
    return *refused;
  auto* owner = std::get<app_state*>(found);
  if (owner->identity.kind != kind)
    return errcode::bad_app_id;
  auto* state = codes_.find(std::string(code));
  if (!state || state->owner != owner || state->expires_at <= now)
    return errcode::bad_code;
  if (std::exchange(state->used, true))
    return errcode::code_used;
  if (kind == app_kind::official_account) {
    const auto* person = owner->people.find(state->openid);
    return session{state->openid, {}, person ? person->unionid : std::nullopt};
  }
  const auto& user = user_of(owner->identity, state->openid, now);
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

std::variant<const app*, errcode> wechat_world::app_of_token(moment now, std::string_view token) const {
  if (token.empty())
    return errcode::token_missing;
  if (!has_shape_of_token(token))
    return errcode::token_malformed;
  for (const auto& each : apps_) {
    const auto refused = each.tokens.check(now, token);
    if (!refused)
      return &each.identity;
    if (*refused != errcode::token_invalid)
      return *refused;
  }
  return errcode::token_invalid;
}

std::vector<const app*> wechat_world::apps() const {
  std::vector<const app*> out;
  out.reserve(apps_.size());
  for (const auto& each : apps_)
    out.push_back(&each.identity);
  return out;
}

const app* wechat_world::find_known(std::string_view app_id) const {
  for (const auto& each : apps_)
    if (each.identity.app_id == app_id)
      return &each.identity;
  return nullptr;
}

bool wechat_world::has_user(const app& of, const std::string& openid) {
  if (of.kind == app_kind::official_account)
    return followers_of(of).find(openid) != nullptr;
  return users_.find(key_of_user(of, openid)) != nullptr;
}

void wechat_world::add_user(moment now, const app& of, const std::string& openid) {
  (void)user_of(of, openid, now);
}

followers& wechat_world::followers_of(const app& official_account) {
  auto* found = find_app(official_account.app_id);
  assert(found);
  return found->people;
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

wechat_world::user_state& wechat_world::user_of(const app& owner, const std::string& openid, moment now) {
  auto& user = users_[key_of_user(owner, openid)];
  if (user.session_key.empty()) {
    user.session_key = random_base64(*random_, 16);
    user.key_made_at = now;
  }
  return user;
}

} // namespace weappd::simulator
