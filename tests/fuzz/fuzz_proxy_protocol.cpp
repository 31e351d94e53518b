#include "http/server/proxy_protocol.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Any bytes, and each beginning of them: what is broken stays broken, what is complete stays the same, and
/// whoever reads as many bytes as are asked for never reads past the header.
namespace {

using namespace weappd::http::proxy_protocol;

void require(bool holds) {
  if (!holds)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = parse(bytes);
  for (std::size_t cut = 0; cut < size && cut < 600; ++cut) {
    const auto part = parse(bytes.substr(0, cut));
    if (part.what == state::broken)
      require(whole.what == state::broken);
    if (part.what == state::complete)
      require(whole.what == state::complete && whole.size == part.size && whole.client == part.client &&
              part.size <= cut);
    if (part.what == state::incomplete) {
      require(part.size > cut && part.size <= max_size);
      require(whole.what != state::complete || part.size <= whole.size);
    }
  }
  return 0;
}
