#include "config/keyring.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace weappd {

keyring::keyring(std::vector<named_key> keys, std::string_view active) : keys_(std::move(keys)) {
  const auto found = std::ranges::find(keys_, active, &named_key::id);
  assert(found != keys_.end());
  active_ = static_cast<std::size_t>(found - keys_.begin());
}

const named_key& keyring::active() const {
  assert(active_ < keys_.size());
  return keys_[active_];
}

const named_key* keyring::find(std::string_view id) const {
  const auto found = std::ranges::find(keys_, id, &named_key::id);
  return found == keys_.end() ? nullptr : &*found;
}

} // namespace weappd
