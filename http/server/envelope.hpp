#pragma once

#include "http/json/problem.hpp"
#include "http/json/writer.hpp"
#include "http/server/response.hpp"
#include "messages/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The body of every answer under /api ("What holds for every answer" in http/README.md).
namespace weappd::http {

/// A member of a failure beside those that all have.
struct further_member {
  std::string_view name{}; ///< a literal of ours; empty: there is none
  std::string json{};      ///< its value, as it is written
};

/// An error's answer with its fixed fields (Retry-After, WWW-Authenticate: Bearer).
/// `problem_json`: the client asked for RFC 9457.
response failure(ec code, std::string_view request_id, bool problem_json,
                 const std::vector<json::problem>& details = {}, const further_member& further = {});

/// The frame around `data`; `write_data` gets a json::writer and writes exactly one value.
template <class F>
response success(int status, std::string_view request_id, F&& write_data) {
  response answer;
  answer.status = status;
  answer.body.reserve(512);
  json::writer out(answer.body);
  out.begin_object();
  out.member("code", status);
  out.member("message", "ok");
  out.begin_member("data");
  std::forward<F>(write_data)(out);
  out.member("request_id", request_id);
  out.end_object();
  return answer;
}

} // namespace weappd::http
