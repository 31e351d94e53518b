#pragma once

#include "http/server/guard_limits.hpp"
#include "http/server/request.hpp"
#include "messages/error.hpp"

#include <cstddef>
#include <string_view>

/// What the head of a request says, judged by RFC 9112 and our own promises before a byte of the body is
/// read. Pure.
namespace weappd::http {

/// A field that may occur once: its value and how often it came.
struct single_field {
  std::string_view value; ///< of the first
  std::size_t count = 0;

  void add(std::string_view next) noexcept {
    if (count++ == 0)
      value = next;
  }
};

/// A well-formed head in views into its bytes. Only what is judged.
struct head_facts {
  std::string_view method;
  std::string_view target;
  int version = 11; ///< 10 or 11
  single_field host;
  single_field content_length;
  single_field transfer_encoding;
  single_field expect;
  bool repeated = false; ///< a field occurs twice that may occur once only (other than those above)
};

struct judgement {
  ec refusal = ec::none;
  bool chunked = false;
  std::size_t body_size = 0;     ///< unless chunked
  bool expects_continue = false; ///< and there is a body to wait for
  [[nodiscard]] bool has_body() const noexcept { return chunked || body_size != 0; }
};

[[nodiscard]] judgement judge(const head_facts& head, const guard_limits& limits) noexcept;

} // namespace weappd::http
