#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace weappd::json {

/// What is wrong with one place of a document.
struct problem {
  std::string field;     ///< "device.name", "items[3].id"; empty: the document as a whole
  std::string_view word; ///< one of `words`, or of a template's rules; outlives the problem

  friend bool operator==(const problem&, const problem&) = default;
};

/// Appends a member's name as a client may see it again: at most 64 bytes of it, whole characters.
inline void append_name(std::string& out, std::string_view name) {
  constexpr std::size_t max = 64;
  auto size = name.size() < max ? name.size() : max;
  while (size != 0 && size < name.size() && (static_cast<unsigned char>(name[size]) & 0xC0) == 0x80)
    --size;
  out += name.substr(0, size);
}

/// All words that a problem may use.
namespace words {
inline constexpr std::string_view bad_json = "bad_json";
inline constexpr std::string_view bad_utf8 = "bad_utf8";
inline constexpr std::string_view too_deep = "too_deep";
inline constexpr std::string_view duplicate_field = "duplicate_field";
inline constexpr std::string_view out_of_range = "out_of_range";
inline constexpr std::string_view too_long = "too_long";
inline constexpr std::string_view too_short = "too_short";
inline constexpr std::string_view required = "required";
inline constexpr std::string_view unknown_field = "unknown_field";
inline constexpr std::string_view wrong_type = "wrong_type";
inline constexpr std::string_view invalid_characters = "invalid_characters";
inline constexpr std::string_view not_a_url = "not_a_url";
inline constexpr std::string_view not_a_time = "not_a_time";
inline constexpr std::string_view unknown_value = "unknown_value"; ///< none of the values there are
inline constexpr std::string_view unknown_app = "unknown_app";
inline constexpr std::string_view never_banned = "never_banned"; ///< a trusted proxy, or on bans.allow
inline constexpr std::string_view too_many = "too_many";         ///< there is no room for one more
} // namespace words

} // namespace weappd::json
