#pragma once

#include "config/keyring.hpp"
#include "persistence/store.hpp"

#include <caf/expected.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace weappd {

/// A kind of store that must keep the contract. `open` may be called again for a folder that it has used
/// before, also by another process: it finds the same data.
struct store_kind {
  std::string name;
  std::function<store_backend_ptr(const std::filesystem::path& folder)> open;
  std::function<caf::expected<store_backend_ptr>(const std::filesystem::path& folder, const key_set& keys)>
      open_with;
};

/// All kinds. A new store is added here and nowhere else.
const std::vector<store_kind>& store_kinds();
const store_kind& store_kind_named(const std::string& name);
std::vector<std::string> store_kind_names();

} // namespace weappd
