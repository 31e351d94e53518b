#include "config/message_checks.hpp"

#include "config/templates/code_points.hpp"
#include "config/templates/color.hpp"
#include "config/templates/placeholders.hpp"
#include "config/templates/quiet_hours.hpp"
#include "config/text_checks.hpp"

#include <algorithm>
#include <cstddef>

namespace weappd {
namespace {

constexpr std::size_t longest_address = 1'024;

bool is_visible_up_to(std::string_view text, std::size_t longest) {
  return text.size() <= longest && std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

} // namespace

bool is_template_name(std::string_view text) {
  for (const std::string_view space : {"industry:", "custom:"})
    if (text.starts_with(space))
      return is_entry_name(text.substr(space.size()));
  return false;
}

bool is_field_name(std::string_view text) {
  return text.size() <= 32 && templates::is_variable_name(text) && text.front() != '_';
}

bool is_template_id(std::string_view text) {
  constexpr std::string_view known = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
  return !text.empty() && text.size() <= 128 && text.find_first_not_of(known) == text.npos;
}

bool is_event_name(std::string_view text) {
  constexpr std::string_view known = "abcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !text.empty() && text.size() <= 64 && text.find_first_not_of(known) == text.npos;
}

bool is_page_or_empty(std::string_view text) {
  return is_visible_up_to(text, longest_address);
}

bool is_link_or_empty(std::string_view text) {
  if (text.empty())
    return true;
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : text.size();
  return text.size() > scheme && is_visible_up_to(text, longest_address);
}

bool is_color_or_empty(std::string_view text) {
  return text.empty() || templates::is_color(text);
}

bool is_message_text(std::string_view text) {
  return text.size() <= 1'024 && templates::is_one_line(text) && templates::is_variable_text(text);
}

bool is_choice_text(std::string_view text) {
  return !text.empty() && text.size() <= 64 && templates::is_one_line(text);
}

bool is_quiet_hours_or_empty(std::string_view text) {
  return text.empty() || templates::is_quiet_hours(text);
}

} // namespace weappd
