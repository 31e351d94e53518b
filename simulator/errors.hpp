#pragma once

#include <string_view>

namespace weappd::simulator {

/// The errcodes that this simulator answers by itself. Any other one can be had by a fault.
enum class errcode : int {
  token_invalid = 40001, ///< at a business endpoint: unknown, or another token has taken its place
  bad_grant_type = 40002,
  bad_app_id = 40013,
  bad_code = 40029, ///< unknown, expired, or of another app
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
  day_limit = 45009,
  bad_json = 47001,
};

/// The words of errmsg, without the rid.
std::string_view text_of(errcode code);

} // namespace weappd::simulator
