#include "http/wechat/send_answer.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <cstddef>
#include <utility>

namespace weappd {
namespace {

constexpr bool fits_msgid(std::string_view text) {
  constexpr std::size_t max_length = 64;
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return text.size() <= max_length && text.find_first_not_of(allowed) == std::string_view::npos;
}

/// What nlohmann's parser calls for each thing it finds. False ends the parsing.
class send_answer_events {
public:
  using json = nlohmann::json;

  bool start_object(std::size_t) {
    ++depth_;
    if (depth_ > 1)
      leave_out();
    return true;
  }
  bool end_object() {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) {
    ++depth_;
    leave_out();
    return depth_ > 1; // an array is no object
  }
  bool end_array() {
    --depth_;
    return true;
  }
  bool key(json::string_t& name) {
    if (depth_ != 1)
      return true;
    next_ = name == "errcode"  ? member::errcode
            : name == "errmsg" ? member::errmsg
            : name == "msgid"  ? member::msgid
                               : member::other;
    out.has_errcode |= next_ == member::errcode;
    return true;
  }
  bool number_integer(json::number_integer_t value) {
    return number(std::in_range<std::int64_t>(value), value);
  }
  bool number_unsigned(json::number_unsigned_t value) {
    return number(std::in_range<std::int64_t>(value), value);
  }
  bool string(json::string_t& text) {
    if (next_ == member::errcode)
      out.errcode = parse_integer(text);
    else if (next_ == member::errmsg)
      out.errmsg = std::move(text);
    else if (next_ == member::msgid && fits_msgid(text))
      out.msgid = std::move(text);
    return after_value();
  }
  bool number_float(json::number_float_t, const json::string_t&) { return anything_else(); }
  bool boolean(bool) { return anything_else(); }
  bool null() { return anything_else(); }
  bool binary(json::binary_t&) { return false; } // JSON has none
  bool parse_error(std::size_t, const std::string&, const json::exception&) { return false; }

  send_answer out;

private:
  enum class member : std::uint8_t { other, errcode, errmsg, msgid };

  template <class Number>
  bool number(bool in_range, Number value) {
    if (next_ == member::errcode)
      out.errcode = in_range ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
    else if (next_ == member::msgid)
      out.msgid = std::to_string(value);
    return after_value();
  }
  bool anything_else() {
    leave_out();
    return after_value();
  }
  void leave_out() {
    if (next_ == member::errcode)
      out.errcode.reset();
    next_ = member::other;
  }
  /// A value outside of any object is no object.
  bool after_value() {
    next_ = member::other;
    return depth_ > 0;
  }

  std::size_t depth_ = 0;
  member next_ = member::other;
};

} // namespace

std::optional<send_answer> parse_send_answer(std::string_view body) {
  send_answer_events events;
  if (!nlohmann::json::sax_parse(body, &events))
    return std::nullopt;
  return std::move(events.out);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return out;
}

} // namespace weappd
