#include "http/server/envelope.hpp"

namespace weappd::http {
namespace {

void write_details(json::writer& out, const std::vector<json::problem>& details) {
  out.begin_array("details");
  for (const auto& one : details) {
    out.begin_object();
    out.member("field", one.field.empty() ? std::string_view("body") : std::string_view(one.field));
    out.member("problem", one.word);
    out.end_object();
  }
  out.end_array();
}

/// RFC 9457. `type` is about:blank with the status' own meaning; `code` is what a program looks at.
std::string problem_body(const error_info& info, std::string_view request_id,
                         const std::vector<json::problem>& details, const further_member& further) {
  std::string body;
  json::writer out(body);
  out.begin_object();
  out.member("type", "about:blank");
  out.member("title", info.name);
  out.member("status", info.http_status);
  out.member("detail", info.sentence);
  out.member("instance", "urn:request:" + std::string(request_id));
  out.member("code", info.public_code);
  out.member("request_id", request_id);
  if (!details.empty())
    write_details(out, details);
  if (!further.name.empty())
    out.raw_member(further.name, further.json);
  out.end_object();
  return body;
}

std::string envelope_body(const error_info& info, std::string_view request_id,
                          const std::vector<json::problem>& details, const further_member& further) {
  std::string body;
  json::writer out(body);
  out.begin_object();
  out.member("code", info.public_code);
  out.member("message", info.sentence);
  out.member("data", nullptr);
  out.member("request_id", request_id);
  if (!details.empty())
    write_details(out, details);
  if (!further.name.empty())
    out.raw_member(further.name, further.json);
  out.end_object();
  return body;
}

} // namespace

response failure(ec code, std::string_view request_id, bool problem_json,
                 const std::vector<json::problem>& details, const further_member& further) {
  const auto& info = describe(code);
  response answer;
  answer.status = info.http_status;
  answer.error_name = info.name;
  if (problem_json)
    answer.content_type = "application/problem+json";
  answer.body = problem_json ? problem_body(info, request_id, details, further)
                             : envelope_body(info, request_id, details, further);
  if (info.retry_after_s != 0)
    answer.fields += "Retry-After: " + std::to_string(info.retry_after_s) + "\r\n";
  // RFC 9110 section 15.5.2: a 401 names a way to authenticate. The access token's own failures say more; see
  // request_actor.
  if (info.http_status == 401 && code != ec::invalid_access_token)
    answer.fields += "WWW-Authenticate: Bearer\r\n";
  return answer;
}

} // namespace weappd::http
