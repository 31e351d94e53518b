#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// A request and its answer, as the parts of the simulator see them. No sockets.
namespace weappd::simulator {

using query_params = std::vector<std::pair<std::string, std::string>>; ///< decoded, in the order of the URL

struct request {
  std::string method;
  std::string path; ///< without the query
  query_params query;
  std::string body;
};

struct reply {
  int status = 200;
  std::string body{};
  std::string content_type = "application/json; charset=utf-8";
  std::string location{};             ///< empty: no such header
  std::chrono::milliseconds delay{0}; ///< how long the answer is held back
  bool reset = false;                 ///< no answer: the connection is torn down by a TCP reset
  std::shared_ptr<void>
      until_written{}; ///< let go when the answer has been written or the connection is gone
};

/// Splits a request target and decodes its query. At most 64 parameters, the rest is left out; a wrong
/// percent escape stays as it is.
request make_request(std::string_view method, std::string_view target, std::string body);

/// The first value of that name.
std::optional<std::string_view> find_param(const query_params& query, std::string_view name);

} // namespace weappd::simulator
