#include "tests/kit/server/service_client.hpp"

#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/message_history.hpp"

#include <algorithm>
#include <stdexcept>

namespace weappd::kit {

http_response service_client::log_in() {
  auto answer = http_.post_json("/api/v1/auth/service", {{"client_id", id_}, {"client_secret", password_}});
  if (answer.status == 200)
    access_token = answer.json().at("data").at("access_token").get<std::string>();
  return answer;
}

http_response service_client::post_message(const nlohmann::json& body, const field_list& headers) {
  return post("/api/v1/messages", body.dump(), headers);
}

http_response service_client::request(std::string_view method, std::string_view path, std::string_view body,
                                      field_list headers) {
  if (access_token.empty() && log_in().status != 200)
    throw std::runtime_error("the service client was not let in");
  headers.emplace_back("Authorization", "Bearer " + access_token);
  return http_.request(method, path, body, headers);
}

nlohmann::json service_client::end_of(const std::string& id, std::chrono::milliseconds patience) {
  nlohmann::json data;
  const bool ended = eventually(
      [&] {
        const auto answer = message(id);
        data = answer.json().value("data", nlohmann::json());
        const auto status = data.is_object() ? data.value("status", "") : std::string();
        return status == "sent" || status == "failed" || status == "expired" || status == "cancelled";
      },
      patience);
  if (!ended)
    throw std::runtime_error("the message did not come to its end: " + data.dump());
  if (const auto problem = problem_of_history(data); !problem.empty())
    throw std::runtime_error("the history is wrong, " + problem + ": " + data.dump());
  return data;
}

} // namespace weappd::kit
