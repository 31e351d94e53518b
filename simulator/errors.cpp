#include "simulator/errors.hpp"

namespace weappd::simulator {

std::string_view text_of(errcode code) {
  switch (code) {
  case errcode::token_invalid:
    return "invalid credential, access_token is invalid or not latest";
  case errcode::bad_grant_type:
    return "invalid grant_type";
  case errcode::bad_openid:
    return "invalid openid";
  case errcode::bad_app_id:
    return "invalid appid";
  case errcode::token_malformed:
    return "invalid access_token";
  case errcode::bad_code:
    return "invalid code";
  case errcode::bad_list_size:
    return "invalid openid list size";
  case errcode::bad_template:
    return "invalid template_id";
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
  case errcode::not_a_follower:
    return "require subscribe";
  case errcode::not_subscribed:
    return "user refuse to accept the msg";
  case errcode::receiver_busy:
    return "concurrent send to the same user, please retry";
  case errcode::day_limit:
    return "reach max api daily quota limit";
  case errcode::minute_limit:
    return "api minute-quota reach limit";
  case errcode::bad_json:
    return "data format error";
  case errcode::bad_data:
    return "argument invalid!";
  case errcode::wrong_kind_of_app:
    return "api unauthorized";
  }
  return "unknown error";
}

} // namespace weappd::simulator
