#pragma once

#include "http/server/socket_handle.hpp"

#include <chrono>
#include <string>

namespace weappd {

/// The store of a server is its own: its actors remember what is there, so two servers on one store would
/// each believe something else. As long as this lives, no other process gets the lock on the file beside the
/// store (flock(2)), by whatever symbolic link it comes; the kernel takes it from a process that dies.
class store_lock {
public:
  /// Waits for as long as `patience` for somebody who is about to end. Throws std::runtime_error, also where
  /// require_one_name does.
  store_lock(const std::string& store_path, std::chrono::milliseconds patience);

private:
  http::socket_handle file_;
};

/// Throws std::runtime_error for a store with hard links: SQLite finds the log beside the name that it was
/// given, so under a second name it misses what is only in the log.
void require_one_name(const std::string& store_path);

/// Which file the store is, by whatever name it is called: device and inode. Empty if it is not there.
[[nodiscard]] std::string identity_of_store(const std::string& store_path);

} // namespace weappd
