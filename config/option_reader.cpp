#include "config/option_reader.hpp"

#include <cstddef>
#include <utility>

namespace weappd {
namespace {

/// Longer than any path whose names fit.
constexpr std::size_t longest_path = 128;

std::string in_brackets(const value_source& source) {
  return " (" + source.words + ")";
}

} // namespace

void option_reader::complain(std::string_view path, std::string text) {
  auto shown_path = printable(path, longest_path);
  complained_.insert(shown_path);
  problems_.push_back({std::move(shown_path), std::move(text)});
}

bool option_reader::has_problem(std::string_view path) const {
  return complained_.contains(printable(path, longest_path));
}

const entry_names& option_reader::order_of(const std::string& map) const {
  static const entry_names none;
  const auto found = order_.find(map);
  return found == order_.end() ? none : found->second;
}

void option_reader::note_entries(const schema_path& path, const value_source& source) {
  entry_names names;
  for (std::size_t i = 0; i < path.names.size(); ++i) {
    names.push_back(path.names[i]);
    note_entry(*path.maps[i], names, source);
  }
}

void option_reader::note_entry(const option_map& map, const entry_names& names, const value_source& source) {
  const auto group = particular(map.path, names);
  const auto entry = group + "." + names.back();
  if (!entries_.insert(entry).second)
    return;
  map.make(values_, names);
  order_[group].push_back(names.back());
  if (!map.is_name(names.back()))
    complain(entry, "the name does not fit; allowed: " + std::string(map.words) + in_brackets(source));
}

bool option_reader::is_second_secret(const schema_path& path, const value_source& source) {
  if (path.general != "apps.<key>.secret" && path.general != "apps.<key>.secret_file")
    return false;
  const auto option = path.general.substr(path.general.rfind('.') + 1);
  const auto [found, first] = secret_given_by_.try_emplace(path.names.front(), option, source.level);
  const auto before = std::exchange(found->second, std::pair(option, source.level));
  return !first && before.first != option && before.second == source.level;
}

void option_reader::add_places(std::size_t first_problem) {
  for (auto i = first_problem; i < problems_.size(); ++i)
    if (const auto* place = place_of(problems_[i].path))
      problems_[i].text += in_brackets(*place);
}

const value_source* option_reader::place_of(std::string path) const {
  while (!path.empty()) {
    if (const auto found = given_at_.find(path); found != given_at_.end())
      return &found->second;
    const auto dot = path.rfind('.');
    path.resize(dot == std::string::npos ? 0 : dot);
  }
  return nullptr;
}

void option_reader::assign(const std::string& path, const given_value& value, const value_source& source) {
  given_at_.insert_or_assign(path, source);
  const auto known = generalise(path);
  note_entries(known, source);
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

  const auto where = row->find(values_, known.names);
  const auto problem = set_value(*row, where, value);
  if (problem.empty())
    return;
  const auto range = allowed_of(*row);
  complain(path, shown(*row, where, value) + " " + problem + (range.empty() ? "" : "; allowed: " + range) +
                     in_brackets(source));
}

void option_reader::assign_text(const std::string& path, const std::string& text,
                                const value_source& source) {
  const auto known = generalise(path);
  const auto* row = find_row(known);
  if (row == nullptr)
    return assign(path, {.kind = given_value::form::plain, .text = text, .items = {}}, source);
  note_entries(known, source);
  assign(path, value_of_text(row->find(values_, known.names), text), source);
}

} // namespace weappd
