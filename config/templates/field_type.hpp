#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// What the platform lets into a field of a message. The rules are those of its page on subscribe messages
/// (subscribeMessage.send, "parameter value content limits"); what the page leaves open is decided so that
/// no text is accepted here that the platform might refuse with 47003. Lengths count code points.
namespace weappd::templates {

enum class field_type : std::uint8_t {
  thing,            ///< 20, anything on one line
  number,           ///< 32: digits, one decimal point among them
  letter,           ///< 32 Latin letters
  symbol,           ///< 5: neither letters nor digits nor blanks
  character_string, ///< 32 printable ASCII characters
  time,             ///< "15:01[:30]", with or without a date before it; two of them joined by ~
  date,             ///< a date, year and month, or month and day; a time may follow; two joined by ~
  amount,           ///< a currency sign if wanted, up to 10 digits, a decimal point among them, 元 if wanted
  phone_number,     ///< 17: digits and ASCII symbols
  car_number,       ///< 8 letters and digits; the first and the last may be Chinese
  name,             ///< 10; 20 if nothing in it is Chinese
  phrase,           ///< 5 Chinese characters
  enum_,            ///< one of its choices
  enum_string,      ///< one of its choices
};

/// "character_string", ...; "enum" for enum_.
[[nodiscard]] std::string_view to_string(field_type type);

/// Of a field's name at the platform, a type and a number: "thing1" is a thing. Case counts. Nothing for
/// other names, which templates of official accounts may have ("first").
[[nodiscard]] std::optional<field_type> field_type_of(std::string_view field);

/// Does a field of this type have choices?
[[nodiscard]] bool has_choices(std::optional<field_type> type);

/// The most code points that a text of this type can have; nothing where its form is the limit. No type: 200.
[[nodiscard]] std::optional<std::size_t> max_length(std::optional<field_type> type);

/// What is wrong with a text for a field of this type: "required" (it is empty), "too_long",
/// "invalid_characters" (control characters and line breaks in every type, what is not UTF-8, or the wrong
/// kind of characters), "wrong_format". Empty: it fits. No type: any line of up to 200.
[[nodiscard]] std::string_view check_text(std::optional<field_type> type, std::string_view text,
                                          std::span<const std::string> choices = {});

/// Can a text of this type be made shorter and still mean something? Things, character strings and texts
/// without a type can; half a number cannot.
[[nodiscard]] bool can_shorten(std::optional<field_type> type);

/// The text if it is within the limit of the type; else its beginning and an ellipsis, together exactly the
/// limit. The ellipsis is "…", or "..." in a character string, which knows ASCII only. Types that cannot be
/// shortened, and texts that are not UTF-8, stay as they are.
[[nodiscard]] std::string shorten(std::optional<field_type> type, std::string_view text);

} // namespace weappd::templates
