#pragma once

#include "http/server/guard_limits.hpp"
#include "messages/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weappd::http {

/// Finds the end of a request head (or of the trailers of a chunked body) in bytes that arrive piece by
/// piece, and refuses on the way what no lenient reader shall ever see: bare CR or LF, control characters,
/// folded lines, a space before a colon, a request line without version, and everything that is too long (RFC
/// 9112 sections 2.2, 3 and 5).
///
/// A refusal depends on the bytes up to it alone, so it comes as early as possible and never varies with the
/// cuts.
class head_scanner {
public:
  enum class kind : std::uint8_t { request, trailers };
  enum class verdict : std::uint8_t { more, complete, refused };

  explicit head_scanner(const guard_limits& limits, kind what = kind::request) noexcept;

  /// `head` begins at the first byte and has grown since the last call.
  [[nodiscard]] verdict scan(std::string_view head);

  /// After `complete`: the bytes up to and with the empty line. One empty line in front (RFC 9112
  /// section 2.2) is skipped by begin(): the request is [begin(), end()).
  [[nodiscard]] std::size_t begin() const noexcept { return begin_; }
  [[nodiscard]] std::size_t end() const noexcept { return line_; }
  [[nodiscard]] bool begun() const noexcept { return begun_; }
  [[nodiscard]] ec refusal() const noexcept { return refusal_; }
  void reset() noexcept;

private:
  bool is_request_line() const noexcept { return kind_ == kind::request && line_ == begin_; }
  bool skip_empty_line(std::string_view head);
  void check_open_request_line(std::string_view seen);
  void end_request_line(std::string_view line);
  void end_field_line(std::string_view line);
  void refuse(ec why) noexcept { refusal_ = why; }

  guard_limits limits_;
  kind kind_;
  bool begun_ = false;
  ec refusal_ = ec::none;
  std::size_t begin_ = 0;      ///< of the request line
  std::size_t line_ = 0;       ///< of the line that is being read
  std::size_t seen_ = 0;       ///< bytes that were looked at
  std::size_t method_end_ = 0; ///< bytes of the request line that are method, so far
  std::size_t target_end_ = 0; ///< end of the target within the request line, so far; 0: not there yet
  std::size_t fields_ = 0;
};

} // namespace weappd::http
