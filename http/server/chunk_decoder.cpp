#include "http/server/chunk_decoder.hpp"

#include "http/server/characters.hpp"

#include <algorithm>

namespace weappd::http {

chunk_decoder::chunk_decoder(const guard_limits& limits) noexcept
    : limits_(limits), trailer_scanner_(limits, head_scanner::kind::trailers) {}

void chunk_decoder::reset() noexcept {
  trailer_scanner_.reset();
  clear_keeping_little(trailers_);
  size_ = digits_ = extension_ = 0;
  refusal_ = ec::none;
  step_ = step::size;
}

std::size_t chunk_decoder::read(std::string_view bytes, std::string& body) {
  std::size_t at = 0;
  while (at < bytes.size() && refusal_ == ec::none && step_ != step::complete) {
    switch (step_) {
    case step::size:
      read_size(bytes[at++]);
      break;
    case step::extension:
      read_extension(bytes[at++]);
      break;
    case step::size_lf:
      end_size_line(bytes[at++], body.size());
      break;
    case step::data:
      at += read_data(bytes.substr(at), body);
      break;
    case step::data_cr:
      expect(bytes[at++], '\r', step::data_lf);
      break;
    case step::data_lf:
      expect(bytes[at++], '\n', step::size);
      break;
    case step::trailers:
      at += read_trailers(bytes.substr(at));
      break;
    case step::complete:
      break;
    }
  }
  return at;
}

void chunk_decoder::read_size(char c) {
  if (const auto digit = hex_value(c)) {
    size_ = size_ << 4 | *digit;
    if (++digits_ > 16)
      refusal_ = ec::bad_chunk;
  } else if (digits_ == 0) {
    refusal_ = ec::bad_chunk;
  } else {
    // RFC 9112 section 7.1.1 lets a recipient accept blanks before the semicolon. Nobody needs them.
    expect(c, c == ';' ? ';' : '\r', c == ';' ? step::extension : step::size_lf);
  }
}

void chunk_decoder::read_extension(char c) {
  if (c == '\r')
    step_ = step::size_lf;
  else if (is_forbidden_in_line(c) || ++extension_ > max_extension)
    refusal_ = ec::bad_chunk;
}

void chunk_decoder::end_size_line(char c, std::size_t body_size) {
  expect(c, '\n', size_ == 0 ? step::trailers : step::data);
  if (refusal_ == ec::none && size_ > limits_.max_body - body_size)
    refusal_ = ec::body_too_large;
  digits_ = extension_ = 0;
}

void chunk_decoder::expect(char c, char wanted, step next) noexcept {
  if (c != wanted)
    refusal_ = ec::bad_chunk;
  else
    step_ = next;
}

std::size_t chunk_decoder::read_data(std::string_view bytes, std::string& body) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(size_, bytes.size()));
  body.append(bytes.substr(0, count));
  size_ -= count;
  if (size_ == 0)
    step_ = step::data_cr;
  return count;
}

std::size_t chunk_decoder::read_trailers(std::string_view bytes) {
  const auto before = trailers_.size();
  trailers_.append(bytes.substr(0, limits_.max_head - before));
  switch (trailer_scanner_.scan(trailers_)) {
  case head_scanner::verdict::more:
    break;
  case head_scanner::verdict::refused:
    refusal_ = trailer_scanner_.refusal();
    break;
  case head_scanner::verdict::complete:
    step_ = step::complete;
    return trailer_scanner_.end() - before;
  }
  return trailers_.size() - before;
}

} // namespace weappd::http
