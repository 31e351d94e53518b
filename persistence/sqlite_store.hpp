#pragma once

#include "config/crypto/random.hpp"
#include "config/keyring.hpp"
#include "config/options.hpp"
#include "persistence/store.hpp"

#include <caf/expected.hpp>

#include <filesystem>

namespace weappd {

/// Makes the folder of a file of the store, with mode 0700, if it is missing. Throws
/// std::filesystem::filesystem_error.
void make_store_folder(const std::filesystem::path& file);

/// Opens the embedded store: makes its folder (mode 0700) and file (mode 0600) if they are missing and brings
/// the schema to the version of this program. Blocks; to be called once, before any actor needs the store.
/// Takes the same short time for any number of users.
///
/// Errors: storage_unavailable, with a sentence for the operator: no rights, not a database, a database that
/// is newer than the program, keys that are not those of the store (key_check.hpp). Nothing was changed then,
/// except that folder and file may have been made and the schema may be that of this program.
/// `random` must outlive the store and everything opened from it.
caf::expected<store_backend_ptr> open_sqlite_store(const store_options& options, const key_set& keys,
                                                   crypto::random_source& random);

/// What would keep that from opening a store that another server still uses, as far as it can be seen without
/// writing: a newer database, keys that are not those of the store. None for a store that is not there.
caf::error examine_sqlite_store(const store_options& options, const key_set& keys,
                                crypto::random_source& random);

} // namespace weappd
