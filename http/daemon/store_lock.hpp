#pragma once

#include "http/server/socket_handle.hpp"

#include <chrono>
#include <string>

namespace weappd {

/// The store of a server is its own: its actors remember what is there, so two servers on one store would
/// each believe something else. As long as this lives, no other process gets the lock on the file beside the
/// store (flock(2)); the kernel takes it from a process that dies.
class store_lock {
public:
  /// Waits for as long as `patience` for somebody who is about to end. Throws std::runtime_error.
  store_lock(const std::string& store_path, std::chrono::milliseconds patience);

private:
  http::socket_handle file_;
};

/// Which file the store is, by whatever name it is called: device and inode. Empty if it is not there.
[[nodiscard]] std::string identity_of_store(const std::string& store_path);

} // namespace weappd
