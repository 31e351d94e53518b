#include "config/templates/placeholders.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace weappd::templates {
namespace {

bool begins_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string_view inner(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

} // namespace

bool is_variable_name(std::string_view text) {
  constexpr std::size_t longest = 64;
  return !text.empty() && text.size() <= longest && begins_a_name(text.front()) &&
         std::ranges::all_of(text, [](char c) { return begins_a_name(c) || (c >= '0' && c <= '9'); });
}

std::optional<variable_text> variable_text::parse(std::string_view text) {
  variable_text out;
  while (!text.empty()) {
    const auto open = std::min(text.find("{{"), text.size());
    const auto literal = text.substr(0, open);
    if (literal.find("}}") != literal.npos)
      return std::nullopt;
    if (!literal.empty())
      out.pieces_.push_back({.is_variable = false, .text = std::string(literal)});
    if (open == text.size())
      break;
    text.remove_prefix(open + 2);
    const auto close = text.find("}}");
    if (close == text.npos || !is_variable_name(inner(text.substr(0, close))))
      return std::nullopt;
    out.pieces_.push_back({.is_variable = true, .text = std::string(inner(text.substr(0, close)))});
    text.remove_prefix(close + 2);
  }
  return out;
}

std::vector<std::string> variable_text::names() const {
  std::vector<std::string> found;
  for (const auto& one : pieces_)
    if (one.is_variable && std::ranges::find(found, one.text) == found.end())
      found.push_back(one.text);
  return found;
}

bool variable_text::is_literal() const {
  return std::ranges::none_of(pieces_, &piece::is_variable);
}

std::string variable_text::render(const variables& values) const {
  std::string out;
  for (const auto& one : pieces_) {
    if (!one.is_variable)
      out += one.text;
    else if (const auto value = values.find(one.text); value != values.end())
      out += value->second;
  }
  return out;
}

bool is_variable_text(std::string_view text) {
  return variable_text::parse(text).has_value();
}

} // namespace weappd::templates
