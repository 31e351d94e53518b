#pragma once

#include "http/server/chunk_decoder.hpp"
#include "http/server/guard_limits.hpp"
#include "http/server/head_scanner.hpp"
#include "http/server/request.hpp"
#include "messages/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weappd::http {

/// Turns the bytes of a connection into requests, and refuses by RFC 9112 before anybody else sees them.
/// What it answers never depends on how the bytes were cut into segments.
///
///     while (!bytes.empty() && reader.where() < request_reader::phase::complete)
///       bytes.remove_prefix(reader.read(bytes));
///
/// After `complete` take current(), then call next(). After `refused` answer refusal() and close: nothing
/// behind a refused request can be framed safely. current() then holds what was read of the head if it came
/// to its end (request id, Accept), else nothing.
class request_reader {
public:
  enum class phase : std::uint8_t { head, body, complete, refused };

  explicit request_reader(const guard_limits& limits);

  /// Consumes from the front and returns how many bytes. Stops behind a complete request, behind a head that
  /// a body follows (so that the caller may send 100 Continue; call again for the body), or at a refusal.
  [[nodiscard]] std::size_t read(std::string_view bytes);

  [[nodiscard]] phase where() const noexcept { return phase_; }
  /// Why; `ec::none` unless refused.
  [[nodiscard]] ec refusal() const noexcept { return refusal_; }
  /// In phase body: the client waits for 100 Continue.
  [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_; }
  /// A byte of the current request has been seen. The empty line that may precede a request is none.
  [[nodiscard]] bool begun() const noexcept { return phase_ != phase::head || scanner_.begun(); }
  [[nodiscard]] request& current() noexcept { return request_; }
  /// Makes ready for the next request of the connection.
  void next();

private:
  std::size_t read_head(std::string_view bytes);
  void finish_head(std::string_view head);
  std::size_t read_sized_body(std::string_view bytes);
  std::size_t read_chunked_body(std::string_view bytes);
  void refuse(ec why) noexcept;

  guard_limits limits_;
  head_scanner scanner_;
  chunk_decoder chunks_;
  request request_;
  std::string partial_head_; ///< the head so far, if it did not come in one piece
  std::size_t body_left_ = 0;
  bool chunked_ = false;
  bool expects_continue_ = false;
  ec refusal_ = ec::none;
  phase phase_ = phase::head;
};

} // namespace weappd::http
