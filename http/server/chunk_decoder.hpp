#pragma once

#include "http/server/guard_limits.hpp"
#include "http/server/head_scanner.hpp"
#include "messages/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weappd::http {

/// Takes a chunked body apart (RFC 9112 section 7.1), byte by byte where framing is concerned: sizes are 1 to
/// 16 hexadecimal digits and nothing else, extensions are at most 256 bytes a chunk, every line ends in CRLF,
/// and so does the data. Trailers are checked as header fields are, and dropped.
class chunk_decoder {
public:
  static constexpr std::size_t max_extension = 256;

  explicit chunk_decoder(const guard_limits& limits) noexcept;

  /// Consumes from the front, appends data to `body`, and returns how many bytes. Stops at the end of the
  /// body or at a refusal (bad_chunk, body_too_large; for trailers malformed_header, header_too_large).
  [[nodiscard]] std::size_t read(std::string_view bytes, std::string& body);

  [[nodiscard]] bool complete() const noexcept { return step_ == step::complete; }
  [[nodiscard]] ec refusal() const noexcept { return refusal_; }
  void reset() noexcept;

private:
  enum class step : std::uint8_t { size, extension, size_lf, data, data_cr, data_lf, trailers, complete };

  void read_size(char c);
  void read_extension(char c);
  void end_size_line(char c, std::size_t body_size);
  void expect(char c, char wanted, step next) noexcept;
  std::size_t read_data(std::string_view bytes, std::string& body);
  std::size_t read_trailers(std::string_view bytes);

  guard_limits limits_;
  head_scanner trailer_scanner_;
  std::string trailers_; ///< so far; at most max_head
  std::uint64_t size_ = 0;
  std::size_t digits_ = 0;
  std::size_t extension_ = 0;
  ec refusal_ = ec::none;
  step step_ = step::size;
};

} // namespace weappd::http
