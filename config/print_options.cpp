#include "config/demo_app.hpp"
#include "config/load.hpp"
#include "config/option_value.hpp"
#include "config/schema.hpp"

#include <cstddef>
#include <string_view>
#include <variant>

namespace weappd {
namespace {

/// What the example shows: the defaults and one app.
options example() {
  options values;
  values.apps["demo"] = demo_app();
  return values;
}

std::string_view group_of(std::string_view path) {
  const auto dot = path.find('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(0, dot);
}
std::string_view name_of(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}
bool is_in_map(const option_row& row) {
  return row.path.find('<') != std::string_view::npos;
}

/// Writes the example, line by line.
class yaml_writer {
public:
  void head() {
    out_ += "# Every option of weappd with its default. This file works as it is: it knows the mini program "
            "of the\n"
            "# simulator. Made by `weappd print-options --yaml`; README.md beside it explains the rest.\n";
  }

  void group(std::string_view name) { ((out_ += '\n') += name) += ":\n"; }

  void entry(std::string_view name) { ((out_ += "  ") += name) += ":\n"; }

  void option(const option_row& row, const std::string& entry, bool with_comment) {
    const auto group = group_of(row.path);
    const std::string indent = is_in_map(row) ? "    " : group.empty() ? "" : "  ";
    if (group.empty())
      out_ += '\n';
    if (with_comment)
      out_ += indent + comment(row);
    const auto where = row.find(values_, entry);
    if (std::holds_alternative<secret_from_file>(where)) {
      out_ += indent + "# secret_file: /etc/weappd/" + entry + ".secret\n";
      return;
    }
    const auto* shown_secret = std::get_if<secret*>(&where);
    const auto text = shown_secret != nullptr ? (*shown_secret)->reveal() : written(where);
    out_ += indent + std::string(name_of(row.path)) + ": " + text + "\n";
  }

  void another_app() {
    out_ += "  # One more, for example:\n"
            "  # news:\n"
            "  #   kind: official_account\n"
            "  #   app_id: wx0123456789abcdef\n"
            "  #   secret_file: /etc/weappd/news.secret\n";
  }

  [[nodiscard]] std::vector<std::string> entries(std::string_view group) const {
    std::vector<std::string> names;
    if (group == "apps")
      for (const auto& [key, app] : values_.apps)
        names.push_back(key);
    else
      for (const auto& [name, policy] : values_.limits)
        names.push_back(name);
    return names;
  }

  [[nodiscard]] std::string text() && { return std::move(out_); }

private:
  static std::string comment(const option_row& row) {
    const auto range = allowed_of(row);
    return "# " + std::string(row.sentence) + (range.empty() ? "" : " Allowed: " + range) + "\n";
  }

  options values_ = example();
  std::string out_;
};

/// All entries of a map; the options of the first one have their comments.
void write_map(yaml_writer& out, std::span<const option_row> rows) {
  bool first = true;
  for (const auto& entry : out.entries(group_of(rows.front().path))) {
    out.entry(entry);
    for (const auto& row : rows)
      out.option(row, entry, first);
    first = false;
  }
}

/// The default of an option; for a map, that of each entry which is there without being configured.
std::string default_of(const option_row& row) {
  options values;
  if (!is_in_map(row))
    return "`" + written(row.find(values, {})) + "`";
  std::string text;
  if (group_of(row.path) == "limits")
    for (const auto& [name, policy] : options{}.limits)
      text += (text.empty() ? "`" : ", `") + written(row.find(values, name)) + "` " + name;
  else if (name_of(row.path) == "kind")
    text = "`" + written(row.find(values, "x")) + "`";
  return text;
}

} // namespace

std::string options_as_yaml() {
  yaml_writer out;
  out.head();
  const auto rows = schema();
  std::size_t next = 0;
  while (next < rows.size()) {
    const auto group = group_of(rows[next].path);
    std::size_t end = next + 1;
    while (end < rows.size() && !group.empty() && group_of(rows[end].path) == group)
      ++end;
    const auto members = rows.subspan(next, end - next);
    if (!group.empty())
      out.group(group);
    if (is_in_map(members.front()))
      write_map(out, members);
    else
      for (const auto& row : members)
        out.option(row, {}, true);
    if (group == "apps")
      out.another_app();
    next = end;
  }
  return std::move(out).text();
}

std::string options_as_markdown() {
  std::string out = "| option | type | default | allowed | meaning |\n|---|---|---|---|---|\n";
  for (const auto& row : schema()) {
    out += "| `" + std::string(row.path) + "` | " + type_of(row) + " | " + default_of(row) + " | " +
           allowed_of(row) + " | " + std::string(row.sentence) + " |\n";
  }
  return out;
}

} // namespace weappd
