#include "http/server/forwarded.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

/// Any bytes that a client sends in front of what our proxy adds: they change nothing. And alone, as if the
/// proxy had added nothing, they crash nothing and are read only behind a proxy.
namespace {

using namespace weappd;
using namespace weappd::http;

void require(bool holds) {
  if (!holds)
    std::abort();
}

void look_at(forwarded_field kind, std::string_view sent, const std::string& added) {
  static const auto trusted = parse_blocks({"10.0.0.0/8", "2001:db8::/32"});
  static const auto proxy = boost::asio::ip::make_address("10.1.2.3");
  static const auto stranger = boost::asio::ip::make_address("203.0.113.9");
  static const auto client = boost::asio::ip::make_address("198.51.100.1");
  require(client_address(proxy, kind, std::string(sent) + ", " + added, trusted) == client);
  require(client_address(stranger, kind, sent, trusted) == stranger);
  (void)client_address(proxy, kind, sent, trusted);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  look_at(forwarded_field::x_forwarded_for, bytes, "198.51.100.1");
  look_at(forwarded_field::forwarded, bytes, "for=198.51.100.1");
  look_at(forwarded_field::forwarded, bytes, R"(host="a\",b";for="198.51.100.1:80")");
  return 0;
}
