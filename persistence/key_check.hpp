#pragma once

#include "config/crypto/random.hpp"
#include "config/keyring.hpp"
#include "messages/ids.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

/// Whether the keys that a server starts with are those that its store was written with. With another lookup
/// key every user would silently become a new one; without an encryption key nothing that it sealed can be
/// read. Nothing here knows a database: sqlite_key_check.hpp has the rows.
namespace weappd {

/// A fixed text under one key: for a lookup key its keyed hash, for an encryption key a sealed box.
struct key_mark {
  std::string key_id;
  std::string value;
};

/// The keys that a store was written with.
struct key_marks {
  std::optional<key_mark> lookup;   ///< nothing: new, or from before there were marks
  std::vector<key_mark> encryption; ///< of each key that may have sealed something

  [[nodiscard]] bool empty() const { return !lookup && encryption.empty(); }
};

/// An openid as it lies in the store: by it a store without marks is judged.
struct stored_openid {
  app_key app;
  keyed_hash row;
  std::string box;
};

class key_check {
public:
  /// Both must outlive it. `random` is for the boxes of new marks.
  key_check(const key_set& keys, crypto::random_source& random) : keys_(keys), random_(random) {}

  /// What is wrong with the keys, in words for the operator that begin with the option; empty: they are those
  /// of the store.
  [[nodiscard]] std::vector<std::string> problems(const key_marks& known) const;
  /// The same for a store without marks, by some of its openids, the oldest first. Rows that were damaged
  /// say nothing, as long as one of the same key is whole.
  [[nodiscard]] std::vector<std::string> problems(std::span<const stored_openid> openids) const;

  /// The marks that a store with these lacks before anything is written with the keys: those of the active
  /// ones. `was_used`: it has no marks but users, so any key of the ring may have sealed something.
  [[nodiscard]] key_marks missing(const key_marks& known, bool was_used) const;

private:
  const key_set& keys_;
  crypto::random_source& random_;
};

} // namespace weappd
