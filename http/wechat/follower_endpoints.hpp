#pragma once

#include "http/wechat/endpoints.hpp"
#include "messages/followers.hpp"

#include <string_view>

/// The endpoints that tell who follows an official account. Pure.
namespace weappd {

/// cgi-bin/user/get.
http_call follower_list_call(const wechat_options& options, const list_followers& ask);
/// cgi-bin/user/info/batchget.
http_call follower_details_call(const wechat_options& options, const describe_followers& ask);

// As the readers in endpoints.hpp.
/// There is more behind a full page.
wechat_answer<followers_listed> read_follower_list(std::string_view body);
/// People who do not follow (any more) are left out.
wechat_answer<followers_described> read_follower_details(std::string_view body);

} // namespace weappd
