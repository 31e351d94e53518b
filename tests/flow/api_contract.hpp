#pragma once

#include "tests/kit/net/raw_http.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace valijson {
class Schema;
}

namespace weappd {

/// Holds what is sent and answered against an OpenAPI description. It knows of descriptions what ours uses:
/// local references, one schema for each status and media type, "default", and our own "x-errors", the names
/// of the errors that an operation can end with. Safe to use from several threads.
class api_contract {
public:
  explicit api_contract(nlohmann::json description);
  ~api_contract();

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

  /// Each is parsed once, because load tests bring thousands of answers.
  const valijson::Schema& parsed_schema(const nlohmann::json& schema) const;

  const nlohmann::json description_;
  mutable std::mutex mutex_;                                                          ///< guards the next one
  mutable std::map<const nlohmann::json*, std::unique_ptr<valijson::Schema>> parsed_; ///< by its place
};

} // namespace weappd
