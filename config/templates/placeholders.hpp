#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Texts with variables: "Order {{number}} is paid". A variable's name is [A-Za-z_][A-Za-z0-9_]{0,63}, with
/// or without blanks inside the braces. A brace that stands alone is a brace.
namespace weappd::templates {

[[nodiscard]] bool is_variable_name(std::string_view text);

/// The values of variables, by name.
using variables = std::map<std::string, std::string>;

/// A text that was taken apart.
class variable_text {
public:
  /// Nothing if "{{" is not closed, "}}" is not opened, or what is between them is not a name.
  [[nodiscard]] static std::optional<variable_text> parse(std::string_view text);

  /// The names of its variables, each once, in the order of their first use.
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] bool is_literal() const;
  /// The text with the values put in. What is not among them is left out; ask names() first.
  [[nodiscard]] std::string render(const variables& values) const;

private:
  struct piece {
    bool is_variable = false;
    std::string text; ///< literally, or the name of the variable
  };
  std::vector<piece> pieces_;
};

/// Does it parse?
[[nodiscard]] bool is_variable_text(std::string_view text);

} // namespace weappd::templates
