#include "config/option_value.hpp"

#include "config/private_file.hpp"
#include "config/text_checks.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

#include <yaml-cpp/yaml.h>

namespace weappd {
namespace {

using form = given_value::form;
constexpr std::size_t max_items = 256;

/// What is wrong with a text, or nothing.
std::string check_text(const option_row& row, std::string_view text) {
  const auto& choices = row.range.choices;
  if (!choices.empty() && std::ranges::find(choices, text) == choices.end())
    return "is not one of the choices";
  if (row.range.fits != nullptr && !row.range.fits(text))
    return "does not fit";
  return {};
}

/// In quotes; but a text with an @ may be a URL with a password in it.
std::string quoted(std::string_view text) {
  return text.find('@') == std::string_view::npos ? "'" + printable(text) + "'" : "***";
}

std::string check_is_text(const given_value& value) {
  if (value.kind == form::nothing)
    return "has no value (an empty text is written as \"\")";
  return value.kind == form::plain || value.kind == form::quoted ? std::string{} : "is not a text";
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-'))
    text.remove_prefix(1);
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// A file may end with one line break that is not part of the secret.
std::string_view without_line_break(std::string_view text) {
  if (text.ends_with('\n'))
    text.remove_suffix(text.ends_with("\r\n") ? 2 : 1);
  return text;
}

/// Sets one member; an overload for each type of slot.
struct setter {
  const option_row& row;
  const given_value& value;

  template <class Integer>
  std::string operator()(Integer* member) const {
    if (value.kind != form::plain || !is_integer(value.text))
      return "is not an integer";
    std::int64_t number = 0;
    const auto* end = value.text.data() + value.text.size();
    const auto error = std::from_chars(value.text.data(), end, number).ec;
    if (error != std::errc{} || number < row.range.least || number > row.range.most)
      return "is out of range";
    *member = static_cast<Integer>(number); // the range of the row is within the type; a test says so
    return {};
  }

  std::string operator()(bool* member) const {
    if (value.kind != form::plain || (value.text != "true" && value.text != "false"))
      return "is not true or false";
    *member = value.text == "true";
    return {};
  }

  std::string operator()(std::string* member) const {
    auto problem = check_is_text(value);
    if (problem.empty())
      problem = check_text(row, value.text);
    if (problem.empty())
      *member = value.text;
    return problem;
  }

  std::string operator()(const choice& member) const {
    auto problem = check_is_text(value);
    if (problem.empty() && !member.set(value.text))
      problem = "is not one of the choices";
    return problem;
  }

  std::string operator()(std::vector<std::string>* member) const {
    if (value.kind != form::list || !value.flat)
      return "is not a list of texts";
    if (value.items.size() > max_items)
      return "has more than " + std::to_string(max_items) + " items";
    if (auto problem = check_items(); !problem.empty())
      return problem;
    *member = value.items;
    return {};
  }

  /// Each item that is wrong; an operator should not have to come again for the next one.
  [[nodiscard]] std::string check_items() const {
    std::string problems;
    for (std::size_t i = 0; i < value.items.size(); ++i)
      if (const auto problem = check_text(row, value.items[i]); !problem.empty())
        problems += (problems.empty() ? "is wrong at item " : ", item ") + std::to_string(i + 1) + " (" +
                    quoted(value.items[i]) + " " + problem + ")";
    return problems;
  }

  std::string operator()(secret* member) const {
    auto problem = check_is_text(value);
    if (problem.empty())
      problem = check_text(row, value.text);
    if (problem.empty())
      *member = secret(value.text);
    return problem;
  }

  std::string operator()(const secret_from_file& into) const {
    std::string path;
    if (auto problem = (*this)(&path); !problem.empty())
      return problem;
    constexpr std::size_t max_bytes = 4'096;
    const auto file = read_private_file(path, max_bytes);
    if (!file.problem.empty())
      return file.problem;
    const auto text = without_line_break(file.text.reveal());
    if (!is_secret_text(text))
      return "does not hold a secret (1 to 512 visible ASCII characters)";
    *into.target = secret(std::string(text));
    return {};
  }
};

/// "a, b" without the spaces around the items.
std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    auto item = text.substr(0, comma);
    item.remove_prefix(std::min(item.find_first_not_of(' '), item.size()));
    item = item.substr(0, item.find_last_not_of(' ') + 1);
    items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

given_value flow_list(const std::string& text) {
  given_value value{.kind = form::list, .text = text, .items = {}, .flat = false};
  try {
    const auto node = YAML::Load(text);
    value.flat =
        node.IsSequence() && std::ranges::all_of(node, [](const auto& item) { return item.IsScalar(); });
    if (value.flat)
      for (const auto& item : node)
        value.items.push_back(item.Scalar());
  } catch (const YAML::Exception&) {
    // It stays a list that is not flat: "is not a list of texts".
  }
  return value;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

} // namespace

std::string set_value(const option_row& row, const slot& where, const given_value& value) {
  return std::visit(setter{row, value}, where);
}

given_value value_of_text(const slot& where, const std::string& text) {
  if (!std::holds_alternative<std::vector<std::string>*>(where))
    return {.kind = form::plain, .text = text, .items = {}};
  if (text.starts_with('['))
    return flow_list(text);
  return {.kind = form::list, .text = text, .items = split_at_commas(text)};
}

std::string printable(std::string_view text, std::size_t longest) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte <= '~')
      out += c;
    else
      (out += "\\x") += {digits[byte >> 4], digits[byte & 15]};
  }
  return text.size() > longest ? out + "..." : out;
}

std::string shown(const option_row& row, const slot& where, const given_value& value) {
  if (row.range.hidden || std::holds_alternative<secret*>(where))
    return "***";
  switch (value.kind) {
  case form::plain:
  case form::quoted:
    return value.kind == form::plain && is_integer(value.text) ? printable(value.text) : quoted(value.text);
  case form::list:
    return "the list";
  case form::group:
    return "a group";
  case form::nothing:
    return "it";
  }
  return {};
}

std::string written(const slot& where) {
  struct {
    std::string operator()(const bool* v) const { return *v ? "true" : "false"; }
    std::string operator()(const std::uint16_t* v) const { return std::to_string(*v); }
    std::string operator()(const std::uint32_t* v) const { return std::to_string(*v); }
    std::string operator()(const std::int32_t* v) const { return std::to_string(*v); }
    std::string operator()(const std::string* v) const { return in_quotes(*v); }
    std::string operator()(const secret*) const { return "***"; }
    std::string operator()(const secret_from_file&) const { return "\"\""; }
    std::string operator()(const choice& v) const { return std::string(v.name()); }
    std::string operator()(const std::vector<std::string>* v) const {
      std::string out = "[";
      for (const auto& item : *v)
        out += (out.size() > 1 ? ", " : "") + in_quotes(item);
      return out + "]";
    }
  } const write;
  return std::visit(write, where);
}

} // namespace weappd
