#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Conditions on the data of a business event.
///
///   name exists                       the event has it
///   name == value                     also != < <= > >=
///   name in [value, value, ...]       equal to one of them
///
/// A value is a number (100, -2.5), true, false, a word of other characters than blanks and , [ ] ", or any
/// text in "double quotes". Blanks around an operator do not count. The name is that of a variable.
///
/// What the event has decides how it is compared: a number with numbers, true and false with themselves, a
/// text with the value as it is written. Values of different kinds differ. Only numbers have an order. A
/// condition on a name that the event does not have does not hold, also with !=.
namespace weappd::templates {

struct event_value {
  enum class type { text, number, truth };
  type kind = type::text;
  std::string text;  ///< as a message shows it: of a number its digits, of a truth "true" or "false"
  double number = 0; ///< of a number
};
using event_data = std::map<std::string, event_value>;

class condition {
public:
  [[nodiscard]] static std::optional<condition> parse(std::string_view text);

  [[nodiscard]] bool holds(const event_data& data) const;
  [[nodiscard]] const std::string& name() const { return name_; }

private:
  enum class test { exists, equal, differs, less, at_most, more, at_least, one_of };
  struct literal {
    std::string text;
    std::optional<double> number;
    bool is_truth = false; ///< true or false, without quotes
  };

  static std::optional<literal> parse_literal(std::string_view text);
  static std::optional<std::vector<literal>> parse_literals(std::string_view text);
  static bool equal(const event_value& value, const literal& to);
  [[nodiscard]] bool in_order(double value) const;

  std::string name_;
  test test_ = test::exists;
  std::vector<literal> values_; ///< one, or those of `in`
};

[[nodiscard]] bool is_condition(std::string_view text);

/// Do all of them hold? A text that is not a condition does not.
[[nodiscard]] bool all_hold(const std::vector<std::string>& conditions, const event_data& data);

} // namespace weappd::templates
