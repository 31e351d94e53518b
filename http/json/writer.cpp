#include "http/json/writer.hpp"

namespace weappd::json {
namespace {

constexpr bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

void append_escaped(std::string& out, char c) {
  constexpr char digits[] = "0123456789abcdef";
  out += '\\';
  switch (c) {
  case '"':
  case '\\':
    out += c;
    break;
  case '\n':
    out += 'n';
    break;
  case '\r':
    out += 'r';
    break;
  case '\t':
    out += 't';
    break;
  default:
    out += "u00";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
}

} // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t run = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i]))
      continue;
    out.append(text, run, i - run);
    append_escaped(out, text[i]);
    run = i + 1;
  }
  out.append(text, run);
  out += '"';
}

void writer::put(timestamp time) {
  out_ += '"';
  append_rfc3339(out_, time);
  out_ += '"';
}

} // namespace weappd::json
