#pragma once

#include "http/daemon/handover.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace weappd {

/// Who starts us may have opened our listening sockets before and keep them over our restarts: systemd's
/// protocol, sd_listen_fds(3). These are its environment variables; null: not set.
struct activation_variables {
  const char* listen_pid = nullptr;
  const char* listen_fds = nullptr;
  const char* listen_fdnames = nullptr;
};

/// The listener of each descriptor from 3 on; nothing if the sockets are not for process `self`. A socket
/// without a name is that of http. Throws std::runtime_error for what nobody can have meant.
std::vector<std::string> activated_listeners(const activation_variables& given, pid_t self);

/// The sockets that were handed to this process, by listener. Once, before other descriptors are opened and
/// before the first thread; takes the variables away, so that no child believes them.
named_sockets inherited_sockets();

} // namespace weappd
