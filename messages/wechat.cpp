#include "messages/wechat.hpp"

namespace weappd {

std::string_view to_string(handling what) {
  switch (what) {
  case handling::ok:
    return "ok";
  case handling::retry_backoff:
    return "retry_backoff";
  case handling::refresh_token_and_retry:
    return "refresh_token_and_retry";
  case handling::stop_mark_user:
    return "stop_mark_user";
  case handling::stop_bad_request:
    return "stop_bad_request";
  case handling::stop_config_alert:
    return "stop_config_alert";
  case handling::quota_exhausted:
    return "quota_exhausted";
  }
  return "";
}

} // namespace weappd
