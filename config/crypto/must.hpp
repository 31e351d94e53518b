#pragma once

#include <cstdio>
#include <cstdlib>

namespace weappd::crypto {

/// For OpenSSL calls that, with the arguments we give them, can fail only for want of memory or because the
/// installation is broken. There is no honest answer to go on with, so the process ends.
inline void must(bool worked) noexcept {
  if (worked)
    return;
  std::fputs("weappd: OpenSSL failed; going on would be unsafe\n", stderr);
  std::abort();
}

} // namespace weappd::crypto
