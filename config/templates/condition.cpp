#include "config/templates/condition.hpp"

#include "config/templates/placeholders.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <utility>

namespace weappd::templates {
namespace {

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// "-2.5": digits with at most one point, as JSON writes numbers without an exponent.
std::optional<double> parse_number(std::string_view text) {
  if (text.find_first_not_of("-.0123456789") != text.npos || text.empty() || text.back() == '.')
    return std::nullopt;
  double value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value))
    return std::nullopt;
  return value;
}

/// The first element of a list, with the quotes that it may have, and what comes behind its comma.
std::pair<std::string_view, std::optional<std::string_view>> split_first(std::string_view list) {
  const auto blank = list.find_first_not_of(' ');
  std::size_t from = 0;
  if (blank != list.npos && list[blank] == '"') // a comma within quotes parts nothing
    from = std::min(list.find('"', blank + 1), list.size());
  const auto comma = list.find(',', from);
  if (comma == list.npos)
    return {list, std::nullopt};
  return {list.substr(0, comma), list.substr(comma + 1)};
}

} // namespace

std::optional<condition::literal> condition::parse_literal(std::string_view text) {
  text = trimmed(text);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    const auto inside = text.substr(1, text.size() - 2);
    if (inside.find('"') != inside.npos)
      return std::nullopt;
    return literal{.text = std::string(inside), .number = std::nullopt, .is_truth = false};
  }
  if (text.empty() || text.find_first_of(" ,[]\"") != text.npos)
    return std::nullopt;
  return literal{
      .text = std::string(text), .number = parse_number(text), .is_truth = text == "true" || text == "false"};
}

std::optional<std::vector<condition::literal>> condition::parse_literals(std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']')
    return std::nullopt;
  std::vector<literal> found;
  std::optional<std::string_view> rest = text.substr(1, text.size() - 2);
  while (rest) {
    const auto [first, behind] = split_first(*rest);
    auto one = parse_literal(first);
    if (!one)
      return std::nullopt;
    found.push_back(std::move(*one));
    rest = behind;
  }
  return found;
}

std::optional<condition> condition::parse(std::string_view text) {
  // The longer operators first: "<=" begins with "<".
  static constexpr std::pair<std::string_view, test> operators[] = {
      {"==", test::equal},    {"!=", test::differs}, {"<=", test::at_most},
      {">=", test::at_least}, {"<", test::less},     {">", test::more}};
  text = trimmed(text);
  condition out;
  const auto end = std::min(text.find_first_of(" =!<>"), text.size());
  if (!is_variable_name(text.substr(0, end)))
    return std::nullopt;
  out.name_ = text.substr(0, end);
  text = trimmed(text.substr(end));
  if (text == "exists")
    return out;
  if (text.starts_with("in ") || text.starts_with("in[")) {
    auto values = parse_literals(trimmed(text.substr(2)));
    if (!values)
      return std::nullopt;
    out.test_ = test::one_of;
    out.values_ = std::move(*values);
    return out;
  }
  const auto* found =
      std::ranges::find_if(operators, [&](const auto& op) { return text.starts_with(op.first); });
  if (found == std::end(operators))
    return std::nullopt;
  auto value = parse_literal(text.substr(found->first.size()));
  const bool needs_number = found->second != test::equal && found->second != test::differs;
  if (!value || (needs_number && !value->number))
    return std::nullopt;
  out.test_ = found->second;
  out.values_.push_back(std::move(*value));
  return out;
}

bool condition::equal(const event_value& value, const literal& to) {
  switch (value.kind) {
  case event_value::type::number:
    return to.number == value.number;
  case event_value::type::truth:
    return to.is_truth && to.text == value.text;
  case event_value::type::text:
    return to.text == value.text;
  }
  return false;
}

bool condition::in_order(double value) const {
  const double bound = values_.front().number.value_or(0); // parse() lets nothing else through
  switch (test_) {
  case test::less:
    return value < bound;
  case test::at_most:
    return value <= bound;
  case test::more:
    return value > bound;
  case test::at_least:
    return value >= bound;
  default:
    return false;
  }
}

bool condition::holds(const event_data& data) const {
  const auto found = data.find(name_);
  if (found == data.end())
    return false;
  const auto& value = found->second;
  const auto is_equal = [&](const literal& to) { return equal(value, to); };
  switch (test_) {
  case test::exists:
    return true;
  case test::equal:
  case test::one_of:
    return std::ranges::any_of(values_, is_equal);
  case test::differs:
    return std::ranges::none_of(values_, is_equal);
  default:
    return value.kind == event_value::type::number && in_order(value.number);
  }
}

bool is_condition(std::string_view text) {
  return condition::parse(text).has_value();
}

bool all_hold(const std::vector<std::string>& conditions, const event_data& data) {
  return std::ranges::all_of(conditions, [&](const std::string& text) {
    const auto parsed = condition::parse(text);
    return parsed && parsed->holds(data);
  });
}

} // namespace weappd::templates
