#pragma once

#include "http/json/writer.hpp"
#include "messages/session.hpp"
#include "messages/user.hpp"

/// How our messages look in JSON.
namespace weappd::http {

/// The user as it is told to itself.
void write_user(json::writer& out, const user_record& user);
/// The user inside a login's answer.
void write_login(json::writer& out, const token_grant& grant);
/// The answer to a refresh: a login's without the user.
void write_refresh(json::writer& out, const token_grant& grant);
/// The member `device` of the open object.
void write_device(json::writer& out, const device_info& device);
void write_session(json::writer& out, const session_summary& session);

/// 13812345678 becomes 138****5678; a shorter number shows its last two digits at most.
std::string masked_phone(std::string_view number);

} // namespace weappd::http
