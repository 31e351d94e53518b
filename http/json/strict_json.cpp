#include "http/json/strict_json.hpp"

#include "http/json/utf8.hpp"
#include "http/server/characters.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <exception>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weappd::json {
namespace {

namespace bj = boost::json;

/// Builds the document from what Boost's parser finds, and stops at the first thing that we refuse: that is
/// what makes depth cheap to bound. The names are those that the parser calls; a text comes in one piece or,
/// around escapes, in several.
class builder {
public:
  // What is not bounded here is bounded by what may be sent.
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = max_object_size;
  static constexpr std::size_t max_key_size = max_object_size;
  static constexpr std::size_t max_string_size = max_object_size;

  explicit builder(const limits& bounds) : bounds_(bounds) {}

  document take() { return std::move(root_); }
  /// What was refused, or else what the parser says.
  [[nodiscard]] problem fault(bj::error_code parser) const {
    const auto word = !word_.empty()                           ? word_
                      : parser == bj::error::exponent_overflow ? words::out_of_range
                                                               : words::bad_json;
    return {word == words::bad_json ? std::string{} : path(), word};
  }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code& stop) { return open(document::object(), stop); }
  bool on_object_end(std::size_t, bj::error_code&) { return close(); }
  bool on_array_begin(bj::error_code& stop) { return open(document::array(), stop); }
  bool on_array_end(std::size_t, bj::error_code&) { return close(); }

  bool on_key_part(std::string_view piece, std::size_t, bj::error_code&) { return keep(piece); }
  bool on_key(std::string_view piece, std::size_t, bj::error_code& stop) {
    return begin_member(whole(piece), stop);
  }
  bool on_string_part(std::string_view piece, std::size_t, bj::error_code&) { return keep(piece); }
  bool on_string(std::string_view piece, std::size_t, bj::error_code& stop) {
    return add(whole(piece), stop);
  }

  bool on_number_part(std::string_view, bj::error_code& stop) {
    return refuse(words::bad_json, stop);
  } // never
  bool on_int64(std::int64_t value, std::string_view text, bj::error_code& stop) {
    return text.starts_with('-') ? add(value, stop) : add(static_cast<std::uint64_t>(value), stop);
  }
  bool on_uint64(std::uint64_t value, std::string_view, bj::error_code& stop) { return add(value, stop); }
  /// An integer that does not fit arrives here as well. The parser's own value is not rounded exactly.
  bool on_double(double, std::string_view text, bj::error_code& stop) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto mantissa = text.substr(0, text.find_first_of("eE"));
    const bool is_integer = text.find_first_of(".eE") == std::string_view::npos;
    const bool underflow = value == 0 && mantissa.find_first_of("123456789") != std::string_view::npos;
    if (is_integer || underflow || read.ec != std::errc{} || !std::isfinite(value))
      return refuse(words::out_of_range, stop);
    return add(value, stop);
  }
  bool on_bool(bool value, bj::error_code& stop) { return add(value, stop); }
  bool on_null(bj::error_code& stop) { return add(nullptr, stop); }

  bool on_comment_part(std::string_view, bj::error_code& stop) {
    return refuse(words::bad_json, stop);
  }                                                                                                 // never
  bool on_comment(std::string_view, bj::error_code& stop) { return refuse(words::bad_json, stop); } // never

private:
  struct level {
    document* value = nullptr;
    document* member = nullptr; ///< of an object: where the next value goes
    std::string name;           ///< of an object: of that member
  };

  bool refuse(std::string_view word, bj::error_code& stop) {
    word_ = word;
    stop = make_error_code(boost::system::errc::operation_canceled);
    return false;
  }

  bool keep(std::string_view piece) {
    pieces_ += piece;
    return true;
  }
  /// A text of which this is the last piece.
  std::string whole(std::string_view last) {
    if (pieces_.empty())
      return std::string(last);
    pieces_ += last;
    return std::exchange(pieces_, {});
  }

  bool begin_member(std::string name, bj::error_code& stop) {
    auto& top = open_.back();
    const bool full = top.value->size() >= bounds_.max_members;
    auto [member, fresh] = full ? std::pair{top.value->end(), true} : top.value->emplace(name, nullptr);
    top.name = std::move(name);
    if (full)
      return refuse(words::too_long, stop);
    top.member = &*member;
    return fresh || refuse(words::duplicate_field, stop);
  }

  /// Puts a value in its place; null if there is no room.
  document* place(document&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    auto& top = open_.back();
    if (top.value->is_object())
      return &(*top.member = std::move(value));
    if (top.value->size() >= bounds_.max_items)
      return nullptr;
    top.value->push_back(std::move(value));
    return &top.value->back();
  }
  bool add(document value, bj::error_code& stop) {
    return place(std::move(value)) != nullptr || refuse(words::too_long, stop);
  }

  bool open(document&& container, bj::error_code& stop) {
    if (open_.size() == bounds_.max_depth)
      return refuse(words::too_deep, stop);
    auto* placed = place(std::move(container));
    if (placed == nullptr)
      return refuse(words::too_long, stop);
    open_.push_back({placed, nullptr, {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  /// Where the reader stands. Syntax errors are of the document as a whole.
  [[nodiscard]] std::string path() const {
    std::string text;
    for (const auto& one : open_) {
      if (one.value->is_array()) {
        // The container on top is an item of the one below it; what was refused is no item yet.
        const bool is_top = &one == &open_.back();
        text += '[';
        text += std::to_string(is_top ? one.value->size() : one.value->size() - 1);
        text += ']';
      } else if (!one.name.empty()) {
        if (!text.empty())
          text += '.';
        append_name(text, one.name);
      }
    }
    return text;
  }

  limits bounds_;
  document root_;
  std::vector<level> open_; ///< at most max_depth
  std::string pieces_;      ///< of a text that is not over
  std::string_view word_;   ///< why we stopped; empty: we did not
};

/// The code unit of "\uXXXX" at the front of `text`.
std::optional<std::uint32_t> take_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u"))
    return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : text.substr(2, 4)) {
    const auto digit = http::hex_value(c);
    if (!digit)
      return std::nullopt;
    unit = unit << 4 | *digit;
  }
  return unit;
}

/// Whether each escaped surrogate is half of a pair. Other faults of escapes are left to the parser.
bool has_paired_surrogates(std::string_view text) {
  for (auto at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    const auto unit = take_unit(text.substr(at));
    if (!unit) {
      at += 2;
      continue;
    }
    at += 6;
    if (*unit >= 0xD800 && *unit <= 0xDBFF) {
      const auto low = take_unit(text.substr(at));
      if (!low || *low < 0xDC00 || *low > 0xDFFF)
        return false;
      at += 6;
    } else if (*unit >= 0xDC00 && *unit <= 0xDFFF) {
      return false;
    }
  }
  return true;
}

parse_result parse_checked(std::string_view text, const limits& bounds) {
  // Whatever else is wrong: a byte order mark or a NUL makes it no JSON.
  if (text.starts_with("\xEF\xBB\xBF") || text.find('\0') != std::string_view::npos)
    return problem{{}, words::bad_json};
  if (!is_utf8(text) || !has_paired_surrogates(text))
    return problem{{}, words::bad_utf8};
  bj::parse_options how;
  how.max_depth = bounds.max_depth + 1; // the builder refuses before
  how.allow_invalid_utf8 = true;        // there is none
  bj::basic_parser<builder> parser(how, bounds);
  bj::error_code fault;
  const auto read = parser.write_some(false, text.data(), text.size(), fault);
  if (fault)
    return parser.handler().fault(fault);
  if (read != text.size()) // something follows
    return problem{{}, words::bad_json};
  auto result = parser.handler().take();
  if (bounds.object_only && !result.is_object())
    return problem{{}, words::bad_json};
  return result;
}

} // namespace

parse_result parse(std::string_view text, const limits& bounds) noexcept {
  try {
    return parse_checked(text, bounds);
  } catch (const std::exception&) { // out of memory at worst; an actor must not see it
    return problem{{}, words::bad_json};
  }
}

} // namespace weappd::json
