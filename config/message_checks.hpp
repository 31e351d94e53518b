#pragma once

#include <string_view>

/// What a text about messages may look like, in the configuration and in requests. Pure.
namespace weappd {

/// "industry:..." or "custom:...", then 1 to 32 of a-z 0-9 _ -.
[[nodiscard]] bool is_template_name(std::string_view text);
/// The name of a field at the platform: a letter, then up to 31 of A-Z a-z 0-9 _.
[[nodiscard]] bool is_field_name(std::string_view text);
/// The id of a template at the platform: 1 to 128 of A-Z a-z 0-9 _ -.
[[nodiscard]] bool is_template_id(std::string_view text);
/// A business event: 1 to 64 of a-z 0-9 _ . -.
[[nodiscard]] bool is_event_name(std::string_view text);
/// A page of a mini program with the query that it may have: visible ASCII, up to 1,024.
[[nodiscard]] bool is_page_or_empty(std::string_view text);
/// Where a tap may lead: https:// or http:// and more visible ASCII, up to 1,024.
[[nodiscard]] bool is_link_or_empty(std::string_view text);
/// A colour of CSS (templates::is_color).
[[nodiscard]] bool is_color_or_empty(std::string_view text);
/// One line of up to 1,024 bytes whose {{variables}} are well formed; it may be empty.
[[nodiscard]] bool is_message_text(std::string_view text);
/// One line of up to 64 bytes, one of the values of an enum field.
[[nodiscard]] bool is_choice_text(std::string_view text);
/// "22:00-08:00" (templates::parse_quiet_hours).
[[nodiscard]] bool is_quiet_hours_or_empty(std::string_view text);

} // namespace weappd
