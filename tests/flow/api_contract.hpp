#pragma once

#include "tests/kit/net/raw_http.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weappd {

/// Holds what is sent and answered against an OpenAPI description. It knows of descriptions what ours uses:
/// local references, one schema for each status and media type, "default", and our own "x-errors", the names
/// of the errors that an operation can end with.
class api_contract {
public:
  explicit api_contract(nlohmann::json description);

  /// What does not fit, for people; nothing if all does. What the description does not know (a path of an
  /// extension, of another server) fits. A request is held against it only if it succeeded.
  [[nodiscard]] std::vector<std::string> breaches(const kit::exchange& seen) const;

private:
  [[nodiscard]] const nlohmann::json* operation_of(std::string_view method, std::string_view path) const;
  [[nodiscard]] const nlohmann::json& resolved(const nlohmann::json& part) const;
  void check_answer(const nlohmann::json& operation, const kit::http_response& answer,
                    std::vector<std::string>& breaches) const;
  void check_error(const nlohmann::json& operation, const nlohmann::json& body,
                   std::vector<std::string>& breaches) const;
  void check_request(const nlohmann::json& operation, std::string_view body,
                     std::vector<std::string>& breaches) const;
  void check_value(const nlohmann::json& schema, const nlohmann::json& value, std::string_view what,
                   std::vector<std::string>& breaches) const;

  nlohmann::json description_;
};

} // namespace weappd
