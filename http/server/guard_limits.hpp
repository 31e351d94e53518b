#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace weappd::http {

/// The bounds of one request, and what is kept of it. Meeting one refuses the request and closes the
/// connection.
struct guard_limits {
  std::size_t max_head = 16 * 1024;  ///< bytes of request line and fields, with the empty line: 431
  std::size_t max_target = 8 * 1024; ///< bytes of the request target: 414
  std::size_t max_fields = 64;       ///< field lines of the head, and again of the trailers: 431
  std::size_t max_body = 1 << 20;    ///< bytes of the body without its chunk framing: 413
  /// Further fields that are kept for the limits; null: none.
  std::shared_ptr<const std::vector<std::string>> kept_fields = nullptr;
};

} // namespace weappd::http
