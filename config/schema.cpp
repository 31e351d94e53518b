#include "config/schema.hpp"

#include "config/schema_table.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace weappd {
namespace {

/// The groups that options are in.
const std::set<std::string, std::less<>>& groups() {
  static const auto all = [] {
    std::set<std::string, std::less<>> found;
    for (const auto& row : schema())
      for (auto dot = row.path.find('.'); dot != std::string_view::npos; dot = row.path.find('.', dot + 1))
        found.emplace(row.path.substr(0, dot));
    return found;
  }();
  return all;
}

/// How many characters must be added, removed or changed (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row[b.size()];
}

std::string_view leaf(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

} // namespace

bool choice::set(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  if (found == names_.end())
    return false;
  set_(member_, static_cast<std::size_t>(found - names_.begin()));
  return true;
}

std::span<const option_row> schema() {
  static const auto rows = schema_table();
  return rows;
}

std::span<const option_map> schema_maps() {
  static const auto maps = schema_map_table();
  return maps;
}

const option_map* find_map(std::string_view path) {
  const auto maps = schema_maps();
  const auto found = std::ranges::find(maps, path, &option_map::path);
  return found == maps.end() ? nullptr : &*found;
}

std::vector<entry_names> places_of(const option_map& map, options& values) {
  const auto bracket = map.path.rfind('<');
  if (bracket == std::string_view::npos)
    return {{}};
  const auto& around = *find_map(map.path.substr(0, bracket - 1));
  std::vector<entry_names> places;
  for (const auto& above : places_of(around, values))
    for (auto& name : around.names(values, above))
      (places.emplace_back(above)).push_back(std::move(name));
  return places;
}

std::vector<entry_names> entries_of(const option_row& row, options& values) {
  const auto bracket = row.path.rfind('<');
  if (bracket == std::string_view::npos)
    return {{}};
  std::vector<entry_names> found;
  const auto& map = *find_map(row.path.substr(0, bracket - 1));
  for (const auto& above : places_of(map, values))
    for (const auto& name : map.names(values, above))
      (found.emplace_back(above)).push_back(name);
  return found;
}

schema_path generalise(std::string_view path) {
  schema_path out;
  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find('.', start), path.size());
    const auto part = path.substr(start, end - start);
    const auto* map = find_map(out.general);
    if (start > 0)
      out.general += '.';
    out.general += map == nullptr ? part : map->placeholder;
    if (map != nullptr) {
      out.names.emplace_back(part);
      out.maps.push_back(map);
    }
    start = end + 1;
  }
  return out;
}

std::string particular(std::string_view general, const entry_names& names) {
  std::string path;
  for (const auto& name : names) {
    const auto open = general.find('<');
    if (open == std::string_view::npos)
      break;
    (path += general.substr(0, open)) += name;
    general.remove_prefix(general.find('>') + 1);
  }
  return path.append(general);
}

const option_row* find_row(const schema_path& path) {
  static const auto by_path = [] {
    std::map<std::string_view, const option_row*> found;
    for (const auto& row : schema())
      found.emplace(row.path, &row);
    return found;
  }();
  const auto found = by_path.find(path.general);
  return found == by_path.end() ? nullptr : found->second;
}

bool is_group(const schema_path& path) {
  return groups().contains(path.general);
}

std::string nearest_path(std::string_view unknown) {
  constexpr std::size_t longest = 256; // the time is the product of the lengths
  unknown = unknown.substr(0, longest);
  const auto names = generalise(unknown).names;
  std::size_t best = std::numeric_limits<std::size_t>::max();
  std::string nearest;
  const auto consider = [&](std::string_view known) {
    const auto candidate = particular(known, names);
    // A right name in a wrong group is nearer than something that only looks alike.
    const std::size_t weight = leaf(candidate) == leaf(unknown) ? 1 : 4;
    const std::size_t distance = weight * edit_distance(unknown, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  };
  for (const auto& group : groups())
    consider(group);
  for (const auto& row : schema())
    consider(row.path);
  return nearest;
}

std::string type_of(const option_row& row) {
  options scratch;
  const auto where = row.find(scratch, {"x", "x"});
  struct {
    std::string operator()(bool*) const { return "true or false"; }
    std::string operator()(std::uint16_t*) const { return "integer"; }
    std::string operator()(std::uint32_t*) const { return "integer"; }
    std::string operator()(std::int32_t*) const { return "integer"; }
    std::string operator()(std::string*) const { return "text"; }
    std::string operator()(std::vector<std::string>*) const { return "list of texts"; }
    std::string operator()(secret*) const { return "secret"; }
    std::string operator()(secret_from_file) const { return "file"; }
    std::string operator()(const choice&) const { return "text"; }
  } const name;
  return std::visit(name, where);
}

std::string allowed_of(const option_row& row) {
  const auto& range = row.range;
  if (range.least != range.most)
    return std::to_string(range.least) + " to " + std::to_string(range.most);
  std::string text(range.words);
  for (std::size_t i = 0; i < range.choices.size(); ++i) {
    if (i > 0)
      text += i + 1 == range.choices.size() ? " or " : ", ";
    text += range.choices[i];
  }
  return text;
}

} // namespace weappd
