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
/// is newer than the program. Nothing was changed then, except that folder and file may have been made.
/// `random` must outlive the store and everything opened from it.
caf::expected<store_backend_ptr> open_sqlite_store(const store_options& options, const key_set& keys,
                                                   crypto::random_source& random);

} // namespace weappd
