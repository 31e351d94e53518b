#include "config/demo_config.hpp"
#include "config/load.hpp"
#include "config/option_reader.hpp"
#include "config/option_value.hpp"
#include "config/schema.hpp"

#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>

namespace weappd {
namespace {

using rows_view = std::span<const option_row>;

/// What the example shows: the defaults and the demo.
options example() {
  option_reader reader{options{}};
  (void)read_yaml(demo_configuration(), "demo", reader); // a test says that there is no problem
  return std::move(reader.values());
}

bool is_in_map(const option_row& row) {
  return row.path.find('<') != std::string_view::npos;
}

/// The part of a path that begins at `from`, up to its dot.
std::string_view part_at(std::string_view path, std::size_t from) {
  return path.substr(from, path.find('.', from) - from);
}

/// An entry of every map that nobody configured.
const entry_names nobody{"x", "x"};

/// Writes the example. What is written below a group comes as lines that are indented already.
class yaml_writer {
public:
  std::string all() {
    std::string out =
        "# Every option of weappd with its default. This file works as it is: it knows what the simulator\n"
        "# knows. Of an entry that is not the first of its map, only what differs from the defaults is "
        "here.\n"
        "# Made by `weappd print-options --yaml`; README.md beside it explains the rest.\n";
    const auto rows = schema();
    for (std::size_t next = 0; next < rows.size();) {
      const auto members = same_part(rows.subspan(next), 0);
      out += "\n" + part(members, {.from = 0, .indent = 0, .is_first = true});
      next += members.size();
    }
    return out;
  }

private:
  /// Where in the document something is written.
  struct place {
    std::size_t from;   ///< where the part of the path begins that is next
    std::size_t indent; ///< in steps
    bool is_first;      ///< of its map, with comments and with what is as the default
  };

  static rows_view same_part(rows_view rows, std::size_t from) {
    std::size_t count = 1;
    const auto part = part_at(rows.front().path, from);
    while (count < rows.size() && part_at(rows[count].path, from) == part)
      ++count;
    return rows.first(count);
  }

  static std::string line(std::size_t indent, std::string_view text) {
    return std::string(2 * indent, ' ').append(text) + "\n";
  }

  /// Rows that share the next part of their path: an option, a group, or the entries of a map.
  std::string part(rows_view rows, const place& at) {
    const auto path = rows.front().path;
    const auto name = part_at(path, at.from);
    if (name.starts_with('<'))
      return entries(rows, at);
    if (at.from + name.size() == path.size())
      return option(rows.front(), name, at);
    return group(rows, name, at);
  }

  std::string group(rows_view rows, std::string_view name, place at) {
    at.from += part_at(rows.front().path, at.from).size() + 1;
    ++at.indent;
    std::string body;
    for (std::size_t next = 0; next < rows.size();) {
      const auto members = same_part(rows.subspan(next), at.from);
      body += part(members, at);
      next += members.size();
    }
    --at.indent;
    if (body.empty())
      return names_.empty() || !at.is_first ? std::string{} : line(at.indent, std::string(name) + ": {}");
    return line(at.indent, std::string(name) + ":") + body;
  }

  std::string entries(rows_view rows, place at) {
    const auto path = rows.front().path;
    const auto& map = *find_map(path.substr(0, at.from - 1));
    const bool is_option = at.from + map.placeholder.size() == path.size();
    auto names = map.names(values_, names_);
    if (names.empty())
      return at.is_first && is_option ? commented_out(rows.front(), map, at) : std::string{};
    std::string out;
    for (const auto& name : names) {
      names_.push_back(name);
      auto entry = is_option ? option(rows.front(), name, at) : group(rows, name, at);
      out += entry.empty() ? line(at.indent, name + ": {}") : entry;
      names_.pop_back();
      at.is_first = false;
    }
    return out;
  }

  std::string option(const option_row& row, std::string_view name, const place& at) {
    const auto where = row.find(values_, names_);
    if (!at.is_first && !differs(row, where))
      return {};
    const auto head = at.is_first ? line(at.indent, comment(row)) : std::string{};
    if (std::holds_alternative<secret_from_file>(where))
      return head + line(at.indent, "# " + std::string(name) + ": /etc/weappd/" + file_name(row));
    const auto* shown_secret = std::get_if<secret*>(&where);
    const auto text = shown_secret != nullptr ? (*shown_secret)->reveal() : written(where);
    return head + line(at.indent, std::string(name) + ": " + text);
  }

  /// Of the file that an option would name: after the entry of a map, or the group of the option.
  [[nodiscard]] std::string file_name(const option_row& row) const {
    const auto kind = row.path.substr(row.path.rfind('.') + 1);
    const auto group = row.path.substr(0, row.path.rfind('.'));
    return (names_.empty() ? std::string(group.substr(group.rfind('.') + 1)) : names_.front()) + '.' +
           std::string(kind.substr(0, kind.rfind("_file")));
  }

  /// The option of a map without entries.
  static std::string commented_out(const option_row& row, const option_map& map, const place& at) {
    options standard;
    return line(at.indent, comment(row)) +
           line(at.indent, "# " + std::string(map.placeholder) + ": " + written(row.find(standard, nobody)));
  }

  static bool differs(const option_row& row, const slot& where) {
    if (std::holds_alternative<secret*>(where))
      return true;
    options standard;
    return written(where) != written(row.find(standard, nobody));
  }

  static std::string comment(const option_row& row) {
    const auto range = allowed_of(row);
    return "# " + std::string(row.sentence) + (range.empty() ? "" : " Allowed: " + range);
  }

  options values_ = example();
  entry_names names_; ///< of the entries that are being written
};

/// The default of an option; for a map, that of each entry which is there without being configured, or of any
/// entry if it is worth telling.
std::string default_of(const option_row& row) {
  options values;
  if (!is_in_map(row))
    return "`" + written(row.find(values, {})) + "`";
  const auto& map = *find_map(row.path.substr(0, row.path.find('<') - 1));
  std::string text;
  for (const auto& name : map.names(values, {}))
    text += (text.empty() ? "`" : ", `") + written(row.find(values, {name})) + "` " + name;
  if (!text.empty())
    return text;
  const auto standard = written(row.find(values, nobody));
  return standard == "\"\"" || standard == "[]" || standard == "***" ? "" : "`" + standard + "`";
}

} // namespace

std::string options_as_yaml() {
  return yaml_writer().all();
}

std::string options_as_markdown() {
  std::string out = "| option | type | default | allowed | applied | meaning |\n|---|---|---|---|---|---|\n";
  for (const auto& row : schema()) {
    out += "| `" + std::string(row.path) + "` | " + type_of(row) + " | " + default_of(row) + " | " +
           allowed_of(row) + " | " + (row.at_reload ? "at reload" : "at start") + " | " +
           std::string(row.sentence) + " |\n";
  }
  return out;
}

} // namespace weappd
