#pragma once

#include "config/secret.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weappd {

/// One key of 32 random bytes and its name, which travels with everything that was made with it.
struct named_key {
  std::string id; ///< 1 to 32 of [A-Za-z0-9_-]
  secret bytes;   ///< 32 raw bytes
};

/// Named keys of one purpose. The active one signs or seals; all of them verify and open, so a key is rotated
/// by adding a new active one and keeping the old one until nothing made with it is alive.
class keyring {
public:
  keyring() = default;
  /// `active` must be the id of one of `keys`, ids must differ: the loader checks it.
  keyring(std::vector<named_key> keys, std::string_view active);

  [[nodiscard]] const named_key& active() const;
  /// Null when there is no such key.
  [[nodiscard]] const named_key* find(std::string_view id) const;
  [[nodiscard]] std::span<const named_key> all() const { return keys_; }

private:
  std::vector<named_key> keys_;
  std::size_t active_ = 0;
};

/// All keys of a server.
struct key_set {
  keyring signing;    ///< access tokens
  keyring encryption; ///< columns at rest
  keyring lookup;     ///< keyed hashes and refresh token succession; its active key must not change
};

} // namespace weappd
