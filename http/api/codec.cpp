#include "http/api/codec.hpp"

#include <algorithm>

namespace weappd::http {
namespace {

std::string_view to_string(user_role role) {
  return role == user_role::user ? "user" : "operator";
}
std::string_view to_string(user_status status) {
  return status == user_status::active ? "active" : "locked";
}

void write_tokens(json::writer& out, const token_grant& grant) {
  out.member("access_token", grant.access_token.reveal());
  out.member("token_type", "Bearer");
  out.member("expires_in", grant.access_ttl.count());
  out.member("refresh_token", grant.refresh_token.reveal());
  out.member("refresh_expires_in", grant.refresh_ttl.count());
  out.member("session_id", to_string(grant.session));
}

} // namespace

std::string masked_phone(std::string_view number) {
  if (number.size() >= 11)
    return std::string(number.substr(0, number.size() - 8)) + "****" +
           std::string(number.substr(number.size() - 4));
  return "****" + std::string(number.substr(number.size() - std::min<std::size_t>(2, number.size())));
}

void write_user(json::writer& out, const user_record& user) {
  out.begin_object();
  out.member("id", user.id);
  out.member("nickname", user.nickname);
  out.member("avatar_url", user.avatar_url);
  if (!user.phone.empty())
    out.member("phone", masked_phone(user.phone.reveal()));
  out.member("role", to_string(user.role));
  out.member("status", to_string(user.status));
  out.member("created_at", user.created_at);
  out.member("updated_at", user.updated_at);
  out.member("last_login_at", user.last_login_at);
  out.end_object();
}

void write_login(json::writer& out, const token_grant& grant) {
  out.begin_object();
  write_tokens(out, grant);
  out.begin_object("user");
  out.member("id", grant.user->id);
  out.member("nickname", grant.user->nickname);
  out.member("avatar_url", grant.user->avatar_url);
  out.member("status", to_string(grant.user->status));
  out.member("created_at", grant.user->created_at);
  out.member("is_new", grant.is_new_user);
  out.end_object();
  out.end_object();
}

void write_refresh(json::writer& out, const token_grant& grant) {
  out.begin_object();
  write_tokens(out, grant);
  out.end_object();
}

void write_device(json::writer& out, const device_info& device) {
  out.begin_object("device");
  out.member("name", device.name);
  out.member("platform", device.platform);
  out.end_object();
}

void write_session(json::writer& out, const session_summary& session) {
  out.begin_object();
  out.member("session_id", to_string(session.id));
  write_device(out, session.device);
  out.member("created_at", session.created_at);
  out.member("last_seen_at", session.last_seen_at);
  out.member("current", session.current);
  out.end_object();
}

} // namespace weappd::http
