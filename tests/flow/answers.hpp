#pragma once

#include "tests/kit/net/raw_http.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>

/// What every answer under /api looks like, said once.
namespace weappd {

/// 200 in the envelope; the request id of the body is that of the header.
inline testing::AssertionResult succeeded(const kit::http_response& answer) {
  const auto body = answer.json();
  if (answer.status != 200 || !body.is_object() || body.value("code", 0) != 200 ||
      body.value("message", "") != "ok" || !body.contains("data") || body.size() != 4)
    return testing::AssertionFailure() << "status " << answer.status << ": " << answer.body;
  if (body.value("request_id", "") != answer.header("X-Request-Id"))
    return testing::AssertionFailure() << "two request ids: " << answer.body;
  return testing::AssertionSuccess();
}

/// A failure in the envelope with that status and public code.
inline testing::AssertionResult failed_with(const kit::http_response& answer, int status,
                                            std::uint64_t code) {
  const auto body = answer.json();
  if (answer.status != status || !body.is_object() || body.value("code", std::uint64_t{0}) != code)
    return testing::AssertionFailure() << "status " << answer.status << ": " << answer.body;
  const bool data_is_null = body.contains("data") && body["data"].is_null();
  if (!data_is_null || body.value("message", "").empty() ||
      body.value("request_id", "") != answer.header("X-Request-Id"))
    return testing::AssertionFailure() << "not the envelope: " << answer.body;
  return testing::AssertionSuccess();
}

/// A 400 whose one detail names this field and this problem.
inline testing::AssertionResult refused_field(const kit::http_response& answer, const std::string& field,
                                              const std::string& problem) {
  if (auto failed = failed_with(answer, 400, 1000010001); !failed)
    return failed;
  const nlohmann::json wanted = {{{"field", field}, {"problem", problem}}};
  if (answer.json().value("details", nlohmann::json()) != wanted)
    return testing::AssertionFailure() << answer.body;
  return testing::AssertionSuccess();
}

/// The member `data` of a success.
inline nlohmann::json data_of(const kit::http_response& answer) {
  const auto body = answer.json();
  return body.is_object() ? body.value("data", nlohmann::json()) : nlohmann::json();
}

/// The token answer without what is left of the life of its tokens, which is less at each repetition.
inline nlohmann::json tokens_of(const kit::http_response& answer) {
  auto data = data_of(answer);
  data.erase("expires_in");
  data.erase("refresh_expires_in");
  return data;
}

/// A text member of `data` of a success; empty if there is none.
inline std::string text_of(const kit::http_response& answer, const char* member) {
  const auto data = data_of(answer);
  return data.is_object() ? data.value(member, "") : std::string();
}

/// Exactly these members, no other.
inline testing::AssertionResult has_members(const nlohmann::json& object,
                                            const std::set<std::string>& wanted) {
  std::set<std::string> found;
  for (const auto& [name, value] : object.items())
    found.insert(name);
  if (found != wanted)
    return testing::AssertionFailure() << object.dump();
  return testing::AssertionSuccess();
}

} // namespace weappd
