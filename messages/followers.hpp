#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/ids.hpp"
#include "messages/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Followers of official accounts: how a user who logged in to a mini program gets the openid that the
/// account knows the same person by. The unionid joins the two.
namespace weappd {

// -- to the follower_sync of an official account

/// Somebody needs an openid of this account, so look for new followers now and not at the next turn. Looks
/// that are asked for meanwhile are one look; there are at most so many of them (actors/follower_sync.hpp).
struct look_for_followers {};

/// The platform says that somebody follows the account from now on, or not any more.
struct follower_changed {
  openid who{};
  bool follows = false;
};

// -- to the store; the rules of messages/store.hpp hold

struct follower {
  openid who{};
  unionid union_id{};
};

/// Of a list of the account's followers, those who matter. Answer: new_followers, each in the order asked.
struct find_new_followers {
  app_key app{};
  std::vector<openid> who{};
};
struct new_followers {
  std::vector<openid> unknown{};  ///< neither a user has this openid nor does it wait for one
  std::vector<openid> returned{}; ///< of a user who is marked not_following
};

/// Each whose unionid a user has becomes an identity of that user; any other waits until a login brings the
/// unionid (resolve_identity). Nobody is made a user by following. Those who are known stay as they are.
/// Answer: followers_added.
struct add_followers {
  app_key app{};
  std::vector<follower> items{};
  timestamp at{};
};
struct followers_added {
  std::size_t linked = 0;  ///< openids of users from now on
  std::size_t waiting = 0; ///< kept for a login to come
};

/// Somebody follows, or not any more: a user gets or loses the mark not_following for this app (another mark
/// stays), and one who waits and follows no more is forgotten. Unknown openids are ignored. Answer: stored.
struct note_following {
  app_key app{};
  openid who{};
  bool follows = false;
  timestamp at{};
};

// -- to the gateway; errors: the common ones of messages/wechat.hpp, token_rejected, and quota_exhausted

/// What one call may ask for, by the platform's rule.
inline constexpr std::size_t max_followers_listed = 10'000;
inline constexpr std::size_t max_followers_described = 100;

/// cgi-bin/user/get: followers behind `after` in the platform's order. Answer: followers_listed.
struct list_followers {
  app_key app{};
  secret access_token{};
  openid after{}; ///< empty: from the first one
};
struct followers_listed {
  std::vector<openid> who{}; ///< at most max_followers_listed
  std::uint64_t total = 0;   ///< of the account
  bool more = false;         ///< behind the last of these
};

/// cgi-bin/user/info/batchget, for at most max_followers_described of them. Answer: followers_described.
/// Errors besides those: not_found (the platform does not know one of them, and tells of none).
struct describe_followers {
  app_key app{};
  secret access_token{};
  std::vector<openid> who{};
};
struct followers_described {
  std::vector<follower> items{}; ///< those that follow and have a unionid
  std::size_t nameless = 0;      ///< those that follow and have none
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::look_for_followers)
WEAPPD_MESSAGE(weappd::follower_changed)
WEAPPD_MESSAGE(weappd::find_new_followers)
WEAPPD_MESSAGE(weappd::new_followers)
WEAPPD_MESSAGE(weappd::add_followers)
WEAPPD_MESSAGE(weappd::followers_added)
WEAPPD_MESSAGE(weappd::note_following)
WEAPPD_MESSAGE(weappd::list_followers)
WEAPPD_MESSAGE(weappd::followers_listed)
WEAPPD_MESSAGE(weappd::describe_followers)
WEAPPD_MESSAGE(weappd::followers_described)
