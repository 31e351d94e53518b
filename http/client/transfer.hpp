#pragma once

#include "http/client/http_client.hpp"

#include <curl/curl.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace weappd {

struct curl_options;
class socket_poller;

struct curl_easy_deleter {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
struct curl_url_deleter {
  void operator()(CURLU* handle) const noexcept { curl_url_cleanup(handle); }
};
struct curl_slist_deleter {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

/// One easy handle of libcurl and the call it works on. Used again for call after call. It stays where it is:
/// libcurl holds its address.
class transfer {
public:
  /// Throws std::runtime_error if libcurl refuses an option. The connections that it opens belong to the
  /// multi handle that it is added to, and end before `sockets`.
  transfer(const curl_options& options, socket_poller& sockets);
  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;

  /// Takes the next call, which has to end by `time_left` from now. False: libcurl is out of memory or
  /// refuses the URL; `done` is still there for fail().
  [[nodiscard]] bool prepare(http_call call, http_client::done_function done,
                             std::chrono::milliseconds time_left);

  /// Ends the call with what libcurl says and calls its `done`.
  void finish(CURLcode result);
  /// Ends a call that was never begun.
  void fail(http_failure failure);
  /// Ends a call that is under way.
  void stop();

  [[nodiscard]] CURL* handle() const noexcept { return easy_.get(); }
  /// Works on a call.
  [[nodiscard]] bool busy() const noexcept { return done_ != nullptr; }

private:
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static int on_connected(void* self, char*, char*, int, int);

  bool choose_url();
  bool split_url();
  bool choose_headers();
  void end(http_outcome outcome);
  [[nodiscard]] bool request_written() const;
  [[nodiscard]] http_failure failure_of(CURLcode result) const;

  std::unique_ptr<CURL, curl_easy_deleter> easy_;
  std::unique_ptr<CURLU, curl_url_deleter> url_;
  secret url_text_; ///< that `url_` was made from
  std::unique_ptr<curl_slist, curl_slist_deleter> headers_;
  std::string content_type_; ///< that `headers_` was made for
  std::size_t max_bytes_;
  std::size_t max_body_bytes_ = 0; ///< of this call
  http_call call_;
  http_client::done_function done_;
  std::string body_;
  std::size_t head_bytes_ = 0;
  bool too_large_ = false;
};

} // namespace weappd
