#pragma once

#include "config/crypto/random.hpp"
#include "config/keyring.hpp"

namespace SQLite {
class Database;
}

namespace weappd {

/// Refuses keys that are not those of the store (key_check.hpp); else notes those that are used from now on.
/// The schema must be that of this program. Nothing to note: nothing is written. Throws std::runtime_error
/// with words for the operator; nothing was changed then.
void check_keys(SQLite::Database& database, const key_set& keys, crypto::random_source& random);

/// The same without noting anything, for any schema of our past: the store may be another server's.
void examine_keys(SQLite::Database& database, const key_set& keys, crypto::random_source& random);

} // namespace weappd
