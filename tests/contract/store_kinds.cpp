#include "store_kinds.hpp"

#include "store_kit.hpp"

namespace weappd {

const std::vector<store_kind>& store_kinds() {
  static const std::vector<store_kind> kinds{
      {"sqlite", [](const std::filesystem::path& folder) { return open_sqlite_in(folder); },
       [](const std::filesystem::path& folder, const key_set& keys) {
         return open_sqlite_store(options_in(folder), keys, test_random());
       }},
  };
  return kinds;
}

const store_kind& store_kind_named(const std::string& name) {
  for (const auto& kind : store_kinds())
    if (kind.name == name)
      return kind;
  throw std::invalid_argument("no such kind of store: " + name);
}

std::vector<std::string> store_kind_names() {
  std::vector<std::string> names;
  for (const auto& kind : store_kinds())
    names.push_back(kind.name);
  return names;
}

} // namespace weappd
