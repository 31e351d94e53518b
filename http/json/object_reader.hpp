#pragma once

#include "http/json/problem.hpp"
#include "http/json/strict_json.hpp"
#include "messages/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weappd::json {

/// What a text may be. Lengths count code points. Control characters, line separators and marks that change
/// the direction of writing are always refused (invalid_characters).
struct text_rule {
  std::size_t min = 1;
  std::size_t max = 64;
  std::string_view allowed{}; ///< the only (ASCII) characters allowed; empty: all others
};

/// What is wrong with a text; empty: nothing.
[[nodiscard]] std::string_view fault_of(std::string_view text, const text_rule& rule);

/// Reads the members of one object, typed, and collects what is wrong with them. Nothing is guessed: "5" is
/// no number, null is not "left out", 3.0 is no integer. What is not as it should be reads as nothing and
/// adds a problem:
///
///     std::vector<problem> problems;
///     object_reader body(document, problems);
///     auto code = body.required_text("code", {.max = 128});
///     if (auto device = body.optional_object("device")) { ...; device->finish(); }
///     body.finish();
///     if (!problems.empty()) return ...;
///
/// The document and the problems outlive the reader. Names are literals.
class object_reader {
public:
  static constexpr std::size_t max_problems = 32; ///< further ones are not collected
  using take_member = std::function<std::string_view(const std::string&, const document&)>;

  object_reader(const document& object, std::vector<problem>& problems, std::string path = {});

  /// Empty when there is a problem.
  [[nodiscard]] std::string required_text(std::string_view name, const text_rule& rule = {});
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name, const text_rule& rule = {});
  /// An absolute https URL without user information, visible ASCII, at most `max` bytes.
  [[nodiscard]] std::optional<std::string> optional_https_url(std::string_view name, std::size_t max);
  [[nodiscard]] std::optional<bool> optional_boolean(std::string_view name);
  /// `min` when there is a problem.
  [[nodiscard]] std::int64_t required_integer(std::string_view name, std::int64_t min, std::int64_t max);
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min,
                                                             std::int64_t max);
  [[nodiscard]] std::optional<object_reader> optional_object(std::string_view name);
  /// An object without members when there is a problem.
  [[nodiscard]] object_reader required_object(std::string_view name);

  /// A moment as read_rfc3339() takes it: not_a_time.
  [[nodiscard]] std::optional<timestamp> optional_timestamp(std::string_view name);
  /// A text that `parse` makes an optional value of: unknown_value if it makes nothing of it.
  template <class F>
  [[nodiscard]] auto optional_value(std::string_view name, F&& parse) -> decltype(parse(std::string_view{})) {
    const auto text = optional_text(name);
    if (!text)
      return std::nullopt;
    auto parsed = parse(std::string_view(*text));
    if (!parsed)
      add(name, words::unknown_value);
    return parsed;
  }
  /// An object whose members may have any name of 1 to 64 bytes, at most `max` of them. `take` is called with
  /// each name and value and says what is wrong with the value: a word, or nothing.
  void required_members(std::string_view name, std::size_t max, const take_member& take);

  /// Adds unknown_field for each member that was not asked for. Call last.
  void finish();

private:
  const document* find(std::string_view name);
  const document* find_required(std::string_view name);
  std::optional<std::string> text_of(std::string_view name, const document* value, const text_rule& rule);
  std::optional<std::int64_t> integer_of(std::string_view name, const document* value, std::int64_t min,
                                         std::int64_t max);
  void add(std::string_view name, std::string_view word);

  const document* object_;
  std::vector<problem>* problems_;
  std::string path_; ///< with a dot at its end, or empty
  std::vector<std::string_view> known_;
};

} // namespace weappd::json
