#pragma once

#include "messages/ids.hpp"
#include "messages/time.hpp"

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weappd::json {

/// Writes JSON by appending to a string, without a tree in between:
///
///     writer data(out);
///     data.begin_object();
///     data.member("id", user.id);
///     data.begin_array("roles");
///     data.element("user");
///     data.end_array();
///     data.end_object();
///
/// It puts the commas. Members stand in an object that was begun here. Names are literals of ours: they are
/// not escaped. Texts are UTF-8: what is not is passed on as it is. What is begun must be ended, and the
/// string is the writer's own until then: it is longer meanwhile than what is written, because asking for
/// room once in a while is a third of the work of appending.
class writer {
public:
  explicit writer(std::string& out) noexcept : out_(out), size_(out.size()) {}

  void begin_object() { open('{'); }
  void begin_object(std::string_view name) { open(name, '{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void begin_array(std::string_view name) { open(name, '['); }
  void end_array() { close(']'); }

  /// A text, number, truth value, moment, id or nullptr as a member of the open object. A number that is no
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
    settle();
  }
  /// A member whose value is JSON already.
  void raw_member(std::string_view name, std::string_view json) {
    put_name(name);
    put_raw(json);
  }
  /// A member whose value comes next: one element, object or array.
  void begin_member(std::string_view name) { put_name(name); }

private:
  /// Where the next bytes go: at least `count` of them have a place there. Behind them, commit().
  char* room(std::size_t count) {
    if (out_.size() - size_ < count)
      grow(count);
    return out_.data() + size_;
  }
  void commit(const char* end) noexcept { size_ = static_cast<std::size_t>(end - out_.data()); }
  void grow(std::size_t count);
  /// Between documents the string is as long as what was written.
  void settle() {
    if (depth_ == 0)
      out_.resize(size_);
  }

  /// Unless this is the first in its object or array, or the value of a member.
  [[nodiscard]] bool wants_comma() const noexcept {
    const char last = out_[size_ - 1];
    return last != '{' && last != '[' && last != ':';
  }
  void separate() {
    if (depth_ == 0)
      size_ = out_.size();
    else if (wants_comma())
      put_raw(",");
  }
  void put_name(std::string_view name);
  void open(char bracket) {
    separate();
    put_raw({&bracket, 1});
    ++depth_;
  }
  void open(std::string_view name, char bracket) {
    put_name(name);
    put_raw({&bracket, 1});
    ++depth_;
  }
  void close(char bracket) {
    put_raw({&bracket, 1});
    --depth_;
    settle();
  }

  void put_raw(std::string_view text) { size_ += text.copy(room(text.size()), text.size()); }
  void put(std::string_view text);
  void put(const char* text) { put(std::string_view(text)); }
  void put(const std::string& text) { put(std::string_view(text)); }
  void put(std::nullptr_t) { put_raw("null"); }
  void put(timestamp time);
  void put(user_id id) { put_quoted(id.value); }
  void put(message_id id) { put_quoted(id.value); }
  template <std::integral T>
  void put(T number) {
    if constexpr (std::same_as<T, bool>) {
      put_raw(number ? "true" : "false");
    } else {
      static_assert(!std::same_as<T, char>, "a character is a text of one");
      char* to = room(max_digits);
      commit(std::to_chars(to, to + max_digits, number).ptr);
    }
  }
  template <std::floating_point T>
  void put(T number) {
    put_real(static_cast<double>(number));
  }
  void put_real(double number);
  void put_quoted(std::uint64_t number);

  static constexpr std::size_t max_digits = 20; // of 64 bits, with a sign

  std::string& out_;
  std::size_t size_; ///< of out_, so far
  int depth_ = 0;
};

} // namespace weappd::json
