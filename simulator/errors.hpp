#pragma once

#include <string_view>

namespace weappd::simulator {

/// The errcodes that this simulator answers by itself. Any other one can be had by a fault.
enum class errcode : int {
  token_invalid = 40001, ///< at a business endpoint: unknown, or another token has taken its place
  bad_grant_type = 40002,
  bad_openid = 40003,      ///< of no user of this app
  bad_app_id = 40013,      ///< unknown, or an app of another kind
  token_malformed = 40014, ///< no text of the shape of a token
  bad_code = 40029,        ///< unknown, expired, or of another app
  bad_list_size = 40032,   ///< of openids
  bad_template = 40037,    ///< the app has no template with this id
  unknown_api = 40066,
  bad_secret = 40125,
  code_used = 40163,
  token_missing = 41001,
  app_id_missing = 41002,
  secret_missing = 41004,
  code_missing = 41008,
  token_expired = 42001,
  get_required = 43001,
  post_required = 43002,
  not_a_follower = 43004,
  not_subscribed = 43101, ///< never, or its credits are used up
  receiver_busy = 43108,  ///< another message to the same user is under way
  day_limit = 45009,
  minute_limit = 45011,
  bad_json = 47001,
  bad_data = 47003,          ///< of a template's fields
  wrong_kind_of_app = 48001, ///< an endpoint of mini programs called for an official account, or the reverse
};

/// The words of errmsg, without the rid.
std::string_view text_of(errcode code);

} // namespace weappd::simulator
