#include "config/schema.hpp"

#include "config/schema_table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>
#include <set>
#include <utility>

namespace weappd {
namespace {

/// The maps, and what stands for the name of an entry in paths.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> maps{
    {{"apps", "<key>"}, {"limits", "<name>"}}};

/// Every known path: options, and the groups that they are in.
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

/// The path with the name of an entry put back in.
std::string particular(std::string path, const std::string& entry) {
  for (const auto& [map, placeholder] : maps)
    if (const auto at = path.find(placeholder); at != std::string::npos && !entry.empty())
      path.replace(at, placeholder.size(), entry);
  return path;
}

} // namespace

std::span<const option_row> schema() {
  static const auto rows = schema_table();
  return rows;
}

schema_path generalise(std::string_view path) {
  const auto first = path.find('.');
  const auto group = path.substr(0, first);
  for (const auto& [map, placeholder] : maps) {
    if (group != map || first == std::string_view::npos)
      continue;
    const auto second = path.find('.', first + 1);
    std::string general = std::string(map) + "." + std::string(placeholder);
    if (second != std::string_view::npos)
      general += path.substr(second);
    return {.general = std::move(general), .entry = std::string(path.substr(first + 1, second - first - 1))};
  }
  return {.general = std::string(path), .entry = {}};
}

const option_row* find_row(const schema_path& path) {
  const auto rows = schema();
  const auto found = std::ranges::find(rows, path.general, &option_row::path);
  return found == rows.end() ? nullptr : &*found;
}

bool is_group(const schema_path& path) {
  return groups().contains(path.general);
}

bool is_entry(const schema_path& path) {
  return std::ranges::any_of(maps, [&](const auto& map) {
    return path.general == std::string(map.first) + "." + std::string(map.second);
  });
}

std::string nearest_path(std::string_view unknown) {
  constexpr std::size_t longest = 256; // the time is the product of the lengths
  unknown = unknown.substr(0, longest);
  const auto entry = generalise(unknown).entry;
  std::size_t best = std::numeric_limits<std::size_t>::max();
  std::string nearest;
  const auto consider = [&](std::string_view known) {
    const auto candidate = particular(std::string(known), entry);
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
  const auto where = row.find(scratch, "x");
  struct {
    std::string operator()(bool*) const { return "true or false"; }
    std::string operator()(std::uint16_t*) const { return "integer"; }
    std::string operator()(std::uint32_t*) const { return "integer"; }
    std::string operator()(std::int32_t*) const { return "integer"; }
    std::string operator()(std::string*) const { return "text"; }
    std::string operator()(std::vector<std::string>*) const { return "list of texts"; }
    std::string operator()(secret*) const { return "secret"; }
    std::string operator()(secret_from_file) const { return "file"; }
    std::string operator()(app_kind*) const { return "text"; }
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
