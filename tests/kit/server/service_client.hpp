#pragma once

#include "tests/kit/net/raw_http.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weappd::kit {

/// Another program of the team: asks for messages to users. Gets its access token with its first request.
class service_client {
public:
  explicit service_client(std::uint16_t port, std::string id = "demo", std::string password = "demo-secret")
      : http_(port, std::chrono::seconds(15)), id_(std::move(id)), password_(std::move(password)) {}

  /// POST /api/v1/auth/service.
  http_response log_in();
  /// POST /api/v1/messages.
  http_response post_message(const nlohmann::json& body, const field_list& headers = {});
  /// GET /api/v1/messages/{id}.
  http_response message(const std::string& id) { return get("/api/v1/messages/" + id); }
  http_response retry(const std::string& id) { return post("/api/v1/messages/" + id + "/retry", {}); }
  http_response fire(const std::string& event, const nlohmann::json& body, const field_list& headers = {}) {
    return post("/api/v1/triggers/" + event, body.dump(), headers);
  }
  http_response get(std::string_view path, const field_list& headers = {}) {
    return request("GET", path, {}, headers);
  }
  http_response post(std::string_view path, std::string_view body, const field_list& headers = {}) {
    return request("POST", path, body, headers);
  }
  http_response request(std::string_view method, std::string_view path, std::string_view body,
                        field_list headers);

  /// Asks for the message until its status is one of sent, failed, expired and cancelled; its data. Throws
  /// std::runtime_error with the newest data if that takes longer than `patience`, or if its history is none
  /// that a message may have (message_history.hpp).
  nlohmann::json end_of(const std::string& id, std::chrono::milliseconds patience = std::chrono::seconds(15));

  std::string access_token{}; ///< a test may put another one here

private:
  http_client http_;
  std::string id_;
  std::string password_;
};

} // namespace weappd::kit
