#pragma once

#include "http/client/http_client.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <thread>

namespace weappd {

struct curl_options {
  std::uint32_t max_connections = 64;      ///< calls on the wire at once
  std::uint32_t max_waiting = 4'096;       ///< calls that wait for their turn; above it start() refuses
  std::uint32_t max_answer_bytes = 65'536; ///< of a body; the head has the same bound
  std::string ca_file{};                   ///< trusted certificates (PEM); empty: the system's
};

/// http_client on libcurl: one thread drives all transfers. Connections are kept and used again, redirects
/// are not followed, only http and https are spoken, certificates are checked, the environment's proxies are
/// not used. No URL, header or body is ever logged or part of an error.
class curl_client final : public http_client {
public:
  /// Throws std::runtime_error if libcurl cannot be set up, std::system_error if no thread can be had.
  explicit curl_client(curl_options options);
  /// Stops.
  ~curl_client() override;
  curl_client(const curl_client&) = delete;
  curl_client& operator=(const curl_client&) = delete;

  [[nodiscard]] bool start(http_call call, done_function done) override;

  /// Gives every outstanding call the outcome `stopped` and ends the thread. Returns when all have been
  /// given, except when called from a `done` function: then they are given after that function returns.
  void stop();

private:
  class loop;
  std::shared_ptr<loop> loop_; // shared with the thread, which may have to outlive this object (see stop)
  std::thread thread_;
};

} // namespace weappd
