#pragma once

#include "config/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weappd {

/// A value as it was written.
struct given_value {
  enum class form : std::uint8_t {
    plain,  ///< text that may also be a number or true
    quoted, ///< text that is meant as text
    list,
    group,
    nothing, ///< a YAML key without value
  };
  form kind = form::plain;
  std::string text;
  std::vector<std::string> items; ///< of a list
  bool flat = true;               ///< false for a list that holds more than texts
};

/// Puts the value into its member. If it does not fit, the member stays as it was and the answer says why in
/// words that follow the value: "is out of range". Opens the file of a secret_from_file. Never throws
/// anything but bad_alloc.
[[nodiscard]] std::string set_value(const option_row& row, const slot& where, const given_value& value);

/// From the text of an environment variable or --set: for a list "a,b" or "[a, b]", else as it is.
[[nodiscard]] given_value value_of_text(const slot& where, const std::string& text);

/// The value for a problem: short, on one line, and never a secret (also not a URL that might hold a
/// password).
[[nodiscard]] std::string shown(const option_row& row, const slot& where, const given_value& value);

/// At most `longest` characters of it, in printable ASCII or escaped as \xNN.
[[nodiscard]] std::string printable(std::string_view text, std::size_t longest = 64);

/// The value of a member as it would be written in YAML; "***" for a secret.
[[nodiscard]] std::string written(const slot& where);

} // namespace weappd
