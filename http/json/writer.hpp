#pragma once

#include "messages/time.hpp"

#include <charconv>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace weappd::json {

/// Appends `text` as a JSON string with its quotes. `text` is UTF-8: what is not is passed on as it is.
void append_string(std::string& out, std::string_view text);

/// Writes JSON by appending to a string, without a tree in between:
///
///     writer data(out);
///     data.begin_object();
///     data.member("id", to_string(user.id));
///     data.begin_array("roles");
///     data.element("user");
///     data.end_array();
///     data.end_object();
///
/// It puts the commas. Names are literals of ours: they are not escaped. What is begun must be ended.
class writer {
public:
  explicit writer(std::string& out) noexcept : out_(out) {}

  void begin_object() { open('{'); }
  void begin_object(std::string_view name) { open(name, '{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void begin_array(std::string_view name) { open(name, '['); }
  void end_array() { close(']'); }

  /// A text, number, truth value, moment or nullptr as a member of the open object. A number that is no
  /// integer gets three decimals; it must be finite.
  template <class T>
  void member(std::string_view name, const T& value) {
    put_name(name);
    put(value);
  }
  /// The same as an element of the open array, or as the whole document.
  template <class T>
  void element(const T& value) {
    separate();
    put(value);
  }

private:
  /// A comma, unless this is the first in its object or array.
  void separate() {
    if (depth_ != 0 && out_.back() != '{' && out_.back() != '[')
      out_ += ',';
  }
  void put_name(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
  void open(char bracket) {
    separate();
    out_ += bracket;
    ++depth_;
  }
  void open(std::string_view name, char bracket) {
    put_name(name);
    out_ += bracket;
    ++depth_;
  }
  void close(char bracket) {
    out_ += bracket;
    --depth_;
  }

  void put(std::string_view text) { append_string(out_, text); }
  void put(const char* text) { append_string(out_, text); }
  void put(const std::string& text) { append_string(out_, text); }
  void put(std::nullptr_t) { out_ += "null"; }
  void put(timestamp time);
  template <std::integral T>
  void put(T number) {
    if constexpr (std::same_as<T, bool>) {
      out_ += number ? "true" : "false";
    } else {
      static_assert(!std::same_as<T, char>, "a character is a text of one");
      char digits[24];
      const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
      out_.append(digits, end);
    }
  }

  template <std::floating_point T>
  void put(T number) {
    char digits[64];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, static_cast<double>(number),
                                            std::chars_format::fixed, 3);
    if (error == std::errc{})
      out_.append(digits, end);
    else
      out_ += '0'; // more digits than anything that is measured
  }

  std::string& out_;
  int depth_ = 0;
};

} // namespace weappd::json
