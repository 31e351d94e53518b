#include "config/option_reader.hpp"

#include "config/text_checks.hpp"

#include <algorithm>

namespace weappd {
namespace {

std::string in_brackets(const value_source& source) {
  return " (" + source.words + ")";
}

} // namespace

void option_reader::complain(std::string_view path, std::string text) {
  problems_.push_back({printable(path), std::move(text)});
}

bool option_reader::has_problem(std::string_view path) const {
  return std::ranges::find(problems_, path, &config_problem::path) != problems_.end();
}

void option_reader::note_entry(const schema_path& path, const value_source& source) {
  if (path.entry.empty())
    return;
  const bool is_app = path.general.starts_with("apps.");
  const auto name = (is_app ? "apps." : "limits.") + path.entry;
  if (std::ranges::find(entries_, name) != entries_.end())
    return;
  entries_.push_back(name);
  if (is_app) {
    values_.apps.try_emplace(path.entry);
    app_order_.push_back(path.entry);
  } else {
    values_.limits.try_emplace(path.entry);
  }
  if (!is_entry_name(path.entry))
    complain(name, "the name does not fit; allowed: 1 to 32 of a-z 0-9 _ -" + in_brackets(source));
}

bool option_reader::is_second_secret(const schema_path& path, const value_source& source) {
  const auto option = path.general.substr(path.general.rfind('.') + 1);
  if (option != "secret" && option != "secret_file")
    return false;
  const auto [found, first] = secret_given_by_.try_emplace(path.entry, option, source.level);
  const auto before = std::exchange(found->second, std::pair(option, source.level));
  return !first && before.first != option && before.second == source.level;
}

void option_reader::assign(const std::string& path, const given_value& value, const value_source& source) {
  const auto known = generalise(path);
  note_entry(known, source);
  if (is_group(known)) {
    if (value.kind != given_value::form::group && value.kind != given_value::form::nothing)
      complain(path, "is a group of options and has no value itself" + in_brackets(source));
    return;
  }
  const auto* row = find_row(known);
  if (row == nullptr) // without the value: it may be a secret whose name was mistyped
    return complain(path,
                    "unknown option; the nearest known one is " + nearest_path(path) + in_brackets(source));
  if (is_second_secret(known, source))
    complain(path, "secret and secret_file exclude one another; allowed: one of them" + in_brackets(source));

  const auto where = row->find(values_, known.entry);
  const auto problem = set_value(*row, where, value);
  if (problem.empty())
    return;
  const auto range = allowed_of(*row);
  complain(path, shown(where, value) + " " + problem + (range.empty() ? "" : "; allowed: " + range) +
                     in_brackets(source));
}

void option_reader::assign_text(const std::string& path, const std::string& text,
                                const value_source& source) {
  const auto known = generalise(path);
  const auto* row = find_row(known);
  if (row == nullptr)
    return assign(path, {.kind = given_value::form::plain, .text = text, .items = {}}, source);
  note_entry(known, source);
  assign(path, value_of_text(row->find(values_, known.entry), text), source);
}

} // namespace weappd
