#include "http/client/http_client.hpp"

namespace weappd {

std::string_view to_string(http_failure failure) {
  switch (failure) {
  case http_failure::none:
    return "none";
  case http_failure::connect:
    return "connect";
  case http_failure::timeout_before_send:
    return "timeout_before_send";
  case http_failure::timeout_after_send:
    return "timeout_after_send";
  case http_failure::tls:
    return "tls";
  case http_failure::too_large:
    return "too_large";
  case http_failure::stopped:
    return "stopped";
  case http_failure::other:
    break;
  }
  return "other";
}

} // namespace weappd
