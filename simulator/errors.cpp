#include "simulator/errors.hpp"

namespace weappd::simulator {

std::string_view text_of(errcode code) {
  switch (code) {
  case errcode::token_invalid:
    return "invalid credential, access_token is invalid or not latest";
  case errcode::bad_grant_type:
    return "invalid grant_type";
  case errcode::bad_app_id:
    return "invalid appid";
  case errcode::bad_code:
    return "invalid code";
  case errcode::unknown_api:
    return "invalid url";
  case errcode::bad_secret:
    return "invalid appsecret";
  case errcode::code_used:
    return "code been used";
  case errcode::token_missing:
    return "access_token missing";
  case errcode::app_id_missing:
    return "appid missing";
  case errcode::secret_missing:
    return "appsecret missing";
  case errcode::code_missing:
    return "missing code";
  case errcode::token_expired:
    return "access_token expired";
  case errcode::get_required:
    return "require GET method";
  case errcode::post_required:
    return "require POST method";
  case errcode::day_limit:
    return "reach max api daily quota limit";
  case errcode::bad_json:
    return "data format error";
  }
  return "unknown error";
}

} // namespace weappd::simulator
