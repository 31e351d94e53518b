#pragma once

#include "actors/logic/refresh_schedule.hpp"
#include "actors/services.hpp"
#include "actors/sure_promise.hpp"
#include "messages/actors.hpp"
#include "messages/error.hpp"
#include "messages/fwd.hpp"
#include "messages/token.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_clock.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// The one holder of an app's access token. Options: token of config/options.hpp; when it fetches is decided
/// by logic/refresh_schedule.hpp.
namespace weappd {

/// To itself: fetch now. A timer that is not the newest one does nothing.
struct tick_refresh {
  std::uint64_t timer = 0;
};

/// What a refresher really takes; everybody else sees a token_refresher_actor.
using token_refresher_self = token_refresher_actor::extend<caf::reacts_to<tick_refresh>>;

/// What WeChat has said of the token that we hold.
enum class token_trust : std::uint8_t {
  good,    ///< nothing against it
  refused, ///< a call was refused because of it: not handed out until a fetch has answered
  doubted, ///< refused, and then the platform gave the very same one again: handed out, there is no better
           ///< one
};

struct held_token {
  token_lease lease;
  caf::actor_clock::time_point ends; ///< by the actor clock, which does not jump
  token_trust trust = token_trust::good;
  bool refused_again = false;                                 ///< while doubted
  caf::actor_clock::time_point since{};                       ///< when it was first given to us
  std::optional<std::chrono::milliseconds> left_when_refused; ///< refused while no fetch of ours could be why
};

struct token_refresher_state {
  static inline const char* name = "token_refresher";
  using waiter = sure_promise<token_lease>; ///< answered even when the refresher dies

  services_ptr services;
  app_key app;
  std::optional<refresh_schedule> schedule;
  std::optional<held_token> token;
  std::uint64_t epoch = 0;   ///< starts at the time of the start, so that a restarted refresher repeats none
  caf::actor_addr asked;     ///< the gateway that is fetching; watched, for a dead one never answers
  std::uint64_t fetches = 0; ///< the number of the newest fetch; an answer to another one is void
  bool fetching = false;     ///< at most one fetch at a time
  std::uint64_t timer = 0;   ///< the newest one
  ec failure = ec::none;     ///< of the last fetch
  std::uint64_t foreign = 0; ///< how often somebody else had replaced the token
  caf::actor_clock::time_point foreign_at{}; ///< the last time
  std::vector<waiter> waiters;
};

/// Who may wait for one fetch; one more is refused with `overloaded`.
inline constexpr std::size_t max_token_waiters = 65'536;
/// How long a foreign refresher is reported in the status.
inline constexpr std::chrono::hours foreign_memory{1};
/// A fetch that is not answered by then has failed, whatever the gateway may be doing.
inline constexpr std::chrono::seconds max_fetch_time{60};

/// Fetches when it starts, again as refresh_schedule says, and at once when the current token was refused.
/// Never two fetches at the same time.
///
/// get_access_token: a token that may be used is answered at once, also while a fetch is under way. Without
/// one the asker waits for the fetch that is under way; between two tries it gets the error of the last one
/// at once, so that WeChat sees no more tries than the schedule has.
///
/// When the platform gives back the very token that was refused, asking again at once would be of no use: it
/// is handed out, refusals of it fetch no more, and it is asked for again by the waits for failures until it
/// changes or nobody complains. A forced refresh, of which there are 20 a day, is never asked for.
///
/// A token that was replaced by somebody else (logic/foreign_refresh.hpp) is counted and logged as
/// token.foreign_refresher: two programs that fetch tokens of one app take them from each other.
///
/// Status: ok; degraded (a token that may be used, but the last fetch failed, the token is doubted, or it was
/// replaced by somebody else within the last hour); down (none). The detail has the count of the latter.
token_refresher_self::behavior_type
token_refresher(token_refresher_self::stateful_pointer<token_refresher_state> self, services_ptr services,
                app_key app);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_refresh)
