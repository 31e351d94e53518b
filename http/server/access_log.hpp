#pragma once

#include "messages/ids.hpp"

#include <chrono>
#include <cstddef>
#include <string_view>

namespace weappd::http {

/// One answered request.
struct access_entry {
  std::string_view request_id;
  std::string_view trace_id; ///< empty: the client sent no traceparent
  std::string_view method;   ///< empty: the request was refused before its method was known
  std::string_view route;    ///< name of the route; empty: none. Never the path: it may hold anything
  int status = 0;
  std::string_view error; ///< name of the error; empty on success
  std::chrono::nanoseconds duration{};
  user_id user;            ///< 0: not known
  std::string_view client; ///< the service client; empty: none
  bool by_operator = false;
  std::size_t bytes = 0;
};

/// Where answered requests are noted. Called on the io threads: must not block.
class access_log {
public:
  virtual ~access_log() = default;
  virtual void write(const access_entry& entry) = 0;
};

} // namespace weappd::http
