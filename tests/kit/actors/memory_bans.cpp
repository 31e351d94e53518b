#include "tests/kit/actors/memory_store.hpp"

namespace weappd {

caf::expected<stored> memory_store::save(const save_bans& wanted) {
  for (const auto& ban : wanted.put)
    bans[ban.who] = ban;
  for (const auto& who : wanted.gone)
    bans.erase(who);
  return stored{};
}

caf::expected<all_bans> memory_store::load(const load_bans&) const {
  all_bans found;
  for (const auto& [who, ban] : bans)
    found.items.push_back(ban);
  return found;
}

} // namespace weappd
