#pragma once

#include "actors/logic/priority_wheel.hpp"
#include "messages/ids.hpp"
#include "messages/outbox.hpp"
#include "messages/push.hpp"
#include "messages/time.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

/// The messages of one pusher that are not at their end, and whose turn it is. Pure: the time is handed in,
/// nothing is sent here.
///
/// A message is taken when it is due, its app and template do not rest, its app has fewer than its share of
/// calls under way, and no other message to the same user of that app is under way: so the platform never
/// sees two at once for one openid (43108). Apps take turns; within an app the priorities do
/// (priority_wheel). A user with a thousand messages holds up nobody else.
namespace weappd {

class push_queue {
public:
  /// `max_under_way` for each app.
  explicit push_queue(std::size_t max_under_way) : max_under_way_(max_under_way) {}
  push_queue(const push_queue&) = delete;
  push_queue& operator=(const push_queue&) = delete;

  /// What is remembered of a message.
  struct item {
    queue_entry entry;
    std::uint32_t failures = 0; ///< in a row, also those that do not count as attempts
    bool under_way = false;
  };

  /// Waits until `entry.due_at`. A message that is here already stays as it is.
  void add(queue_entry entry, timestamp now);
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
  /// For a call: it is due.
  [[nodiscard]] bool somebody_waits() const;
  /// Null if it is not here. Valid until the message is removed.
  [[nodiscard]] item* find(message_id id);

  /// So many of `expired` are enough: take() gives nothing then, and next_due() says that there is more to
  /// do.
  static constexpr std::size_t max_expired = 256;
  /// Whose turn it is now; it is under way from here on. Messages whose not_after has passed go to `expired`
  /// instead and are not here any more. Nothing: nobody can be taken now; see next_due().
  [[nodiscard]] std::optional<message_id> take(timestamp now, std::vector<item>& expired);

  /// Its call has ended: the next one to the same user may go. It is neither waiting nor under way until it
  /// is put back or removed.
  void land(message_id id);
  /// A message that was under way, or has landed, is queued again, until `due_at`; its entry may have been
  /// changed meanwhile.
  void put_back(message_id id, timestamp due_at, timestamp now);
  /// It is at its end, or not ours any more.
  void remove(message_id id);

  /// Forgets the messages of those users whom `stays` does not name. Nothing may be under way, or have landed
  /// and wait for its end. Rests of apps and templates go on.
  void keep_only(const std::function<bool(user_id)>& stays, timestamp now);
  /// So many for each app from now on; what is under way beyond that goes on.
  void allow_under_way(std::size_t most) noexcept { max_under_way_ = most; }

  /// Messages of the app, or of the template, rest until then; a longer rest is not made shorter. True if it
  /// is news: they rest at least a second longer for it.
  bool pause_app(const app_key& app, timestamp until);
  bool pause_template(const std::string& name, timestamp until);
  /// What rests now, in words for an operator: "app demo until 2026-11-25T16:00:00.000Z".
  [[nodiscard]] std::vector<std::string> resting(timestamp now) const;

  /// When take() has something to do although nothing else happens, 1970 for at once; nothing: not by time
  /// alone.
  [[nodiscard]] std::optional<timestamp> next_due() const;

private:
  using lane_key = std::pair<std::uint64_t, const void*>; ///< user and app
  struct lane_hash {
    std::size_t operator()(const lane_key& key) const noexcept {
      return std::hash<user_id>{}({key.first}) ^ std::hash<const void*>{}(key.second);
    }
  };
  using ready_line = std::array<std::deque<message_id>, 3>; ///< by priority
  /// The same behind one message of a user. Almost always empty, and then it must cost nothing: an empty
  /// deque has memory already.
  using waiting_line = std::array<std::list<message_id>, 3>;
  /// One user of one app, while there is a message whose turn it is.
  struct lane {
    message_id holder; ///< is under way, or is the next one
    waiting_line line; ///< have had their turn in vain: they wait for the holder
  };
  struct app_state {
    ready_line ready;
    priority_wheel wheel;
    std::size_t under_way = 0;
    timestamp rests_until{};
  };
  struct timer {
    timestamp at;
    message_id id;
    friend bool operator>(const timer& a, const timer& b) {
      return std::tie(a.at, a.id) > std::tie(b.at, b.id);
    }
  };

  app_state& app_of(const item& one) { return apps_[one.entry.app]; }
  lane_key lane_of(const item& one) { return {one.entry.to.value, &app_of(one)}; }
  void wait_until(message_id id, timestamp at) { timers_.push({at, id}); }
  void make_ready(const item& one);
  void wake(timestamp now);
  void end_turn(item& one);
  void leave_lane(const item& one);
  [[nodiscard]] bool enter_lane(const item& one);
  [[nodiscard]] static std::optional<message_id> pop(app_state& app);
  void send_to_rest(app_state& app, timestamp now, std::vector<item>& expired);
  bool expire(const item& one, timestamp now, std::vector<item>& expired);
  [[nodiscard]] std::optional<message_id> take_from(app_state& app, timestamp now,
                                                    std::vector<item>& expired);
  [[nodiscard]] bool may_go(item& one, timestamp now, std::vector<item>& expired);

  std::size_t max_under_way_;
  std::size_t under_way_ = 0;
  std::unordered_map<message_id, item> items_;
  std::map<app_key, app_state> apps_; ///< as many as are configured
  app_key last_app_;                  ///< had its turn last
  std::unordered_map<lane_key, lane, lane_hash> lanes_;
  std::map<std::string, timestamp> resting_templates_;
  std::priority_queue<timer, std::vector<timer>, std::greater<>> timers_;
};

} // namespace weappd
