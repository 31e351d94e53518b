#pragma once

#include "actors/logic/accept_rush.hpp"
#include "actors/logic/push_queue.hpp"
#include "actors/logic/send_rules.hpp"
#include "actors/services.hpp"
#include "actors/sure_promise.hpp"
#include "messages/actors.hpp"
#include "messages/fwd.hpp"

#include <caf/actor_clock.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

/// Takes messages to users and sees each one to its end. Options: push and pools.template_pusher of
/// config/options.hpp. Whose turn it is is decided by logic/push_queue, what becomes of a message after an
/// attempt by logic/send_rules. The life of a message is drawn in actors/README.md.
namespace weappd {

/// To itself: something is due. A timer that is not the newest one does nothing.
struct tick_push {
  std::uint64_t timer = 0;
};
/// To itself: look for calls that nobody answered.
struct tick_push_sweep {};
/// To itself: look into the store. A timer that is not the newest one does nothing.
struct tick_push_look {
  std::uint64_t timer = 0;
};
/// From another pusher of the pool, which was asked to accept it: it is queued, in the store, and not its
/// own.
struct handed_on {
  queue_entry entry;
};
/// From another pusher of the pool, which the platform told it: an app, or a template, is to be left alone.
struct told_to_rest {
  app_key app;
  std::string template_name; ///< empty: all of the app
  timestamp until;
  bool messages_fail = false; ///< they do not wait for the end of it (push.on_quota)
};

/// What a pusher really takes; everybody else sees a template_pusher_actor.
using template_pusher_self =
    template_pusher_actor::extend<caf::reacts_to<tick_push>, caf::reacts_to<tick_push_sweep>,
                                  caf::reacts_to<tick_push_look>, caf::reacts_to<handed_on>,
                                  caf::reacts_to<told_to_rest>, caf::replies_to<rest_pusher>::with<done>,
                                  caf::replies_to<resume_pusher>::with<done>>;

/// A call of WeChat that gives no answer within the lease and this counts as unknown.
inline constexpr std::chrono::seconds push_sweep_interval{5};
/// How long a pusher waits before it asks a store again that has failed.
inline constexpr std::chrono::seconds push_store_patience{1};
/// When a pusher looks into the store again after it has begun, or gone on in a pool of another size: what
/// one that died had accepted for it is there by then.
inline constexpr std::chrono::seconds push_second_look{15};
/// And from then on so often. Nothing should be found.
inline constexpr std::chrono::minutes push_look_interval{30};
/// How long a pusher that rests may not notice that its pool changes no more.
inline constexpr std::chrono::seconds push_rest_check{1};

/// What a template's messages need of the ledger.
[[nodiscard]] consent_need need_of(const template_options& of);

class template_pusher_state {
public:
  static inline const char* name = "template_pusher";

  template_pusher_state() = default;
  template_pusher_state(const template_pusher_state&) = delete;
  template_pusher_state& operator=(const template_pusher_state&) = delete;

  void init(template_pusher_self::pointer self, services_ptr services, std::size_t place);

  // What it is asked:
  caf::result<message_accepted> accept(accept_message& wanted);
  caf::result<message_accepted> retry(const retry_message& wanted);
  [[nodiscard]] status_report status() const;
  void on_tick(std::uint64_t timer);
  void sweep();
  void on_look(std::uint64_t timer);
  caf::result<done> rest_for_resizing();
  done resume_after_resizing();
  /// A message that another pusher has accepted: durable, and maybe ours.
  void on_handed_on(queue_entry entry);
  void on_told_to_rest(const told_to_rest& what);
  /// Begins nothing more; quits when what is under way has ended and is stored.
  void stop(caf::error reason);

private:
  using clock_time = caf::actor_clock::time_point;

  /// A message between its lease and the store's answer to its settlement.
  struct attempt {
    leased_message letter;
    const template_options* of = nullptr;
    std::uint64_t token_epoch = 0;
    bool token_renewed = false;
    bool handed_over = false; ///< the gateway has the request: it may have been written
    bool ended = false;       ///< decided; waits for the store
    clock_time began;
    message_story events;
    std::string platform_id; ///< once it was sent
  };

  /// Names one attempt: a late answer to an older one of the same message must not meet a newer one.
  struct attempt_key {
    message_id id;
    std::uint32_t lease = 0;
  };

  // template_pusher.cpp: what comes in, and whose turn it is
  [[nodiscard]] caf::error refusal() const;
  [[nodiscard]] const template_options* find_template(const std::string& key) const;
  void ask_for_followers(const app_key& app);
  void on_accepted(queue_entry entry, const message_accepted& answer);
  void work();
  [[nodiscard]] std::optional<timestamp> next_lease() const;
  void set_timer();
  void wait_for_store();
  [[nodiscard]] bool store_rests() const;
  void begin_accepting();
  void end_accepting();
  [[nodiscard]] std::size_t calls_allowed() const;
  void lease();
  void on_lease_failed(const std::vector<message_id>& asked, ec failure);
  void on_leased(const std::vector<message_id>& asked, messages_leased& answer);
  void forget(message_id id);
  void quit_if_done();

  // template_pusher_loading.cpp: what the store knows
  void look_later(std::chrono::seconds wait);
  void load_behind_writes();
  void load(message_id after, std::uint64_t pass);
  void on_loaded(unfinished_messages& page, std::uint64_t pass);
  void on_loaded(queue_entry& entry);
  void on_load_failed(std::uint64_t pass);
  [[nodiscard]] bool may_load() const;
  void end_pass();
  void take_what_is_no_more_ahead();
  void load_again();
  void resume(queue_entry& entry);

  // template_pusher_resizing.cpp: its place in the pool
  [[nodiscard]] bool is_mine(user_id user) const;
  void take_up(queue_entry entry);
  void remember(queue_entry entry);
  [[nodiscard]] bool is_quiet() const;
  void look_at_the_pool();
  void go_on();
  [[nodiscard]] std::size_t share_of(std::size_t all) const;

  // template_pusher_attempts.cpp: from a lease to the end of an attempt
  void begin(leased_message& letter);
  [[nodiscard]] attempt* find_attempt(attempt_key key);
  [[nodiscard]] bool is_left_alone(message_id id);
  void fetch_token_and_send(const app_key& app, const std::vector<attempt_key>& keys);
  void send(attempt_key key, const token_lease& token);
  void on_lost(attempt_key key, const char* why);
  [[nodiscard]] std::chrono::milliseconds age_of(const attempt& one) const;
  void on_result(attempt_key key, const send_result& result);
  void on_no_token(attempt_key key, const caf::error& error);
  [[nodiscard]] send_facts facts_of(const attempt& one, const push_queue::item& item) const;
  void renew_token(attempt_key key, attempt& one, const app_key& app);
  void report_token(const app_key& app, std::uint64_t epoch);
  void conclude(message_id id, const send_decision& decision);
  void rest(const push_queue::item& item, const send_decision& decision, bool platform_said_so);
  bool take_rest(const told_to_rest& what);
  void tell_the_pool(const told_to_rest& what);

  // template_pusher_settling.cpp: from an end to the store
  [[nodiscard]] settlement end_of(message_id id, const send_decision& decision) const;
  void expire(const std::vector<push_queue::item>& expired);
  void settle();
  void on_settled(const std::vector<settlement>& items);
  void finish(message_id id, message_state state, fail_reason reason);
  void note_end(const queue_entry& entry, message_state state, fail_reason reason);

  [[nodiscard]] timestamp now() const { return services_->wall.now(); }
  [[nodiscard]] std::uint32_t random() const;

  template_pusher_self::pointer self_ = nullptr;
  services_ptr services_;
  std::size_t place_ = 0;                        ///< its own in the pool
  std::size_t count_ = 1;                        ///< of pushers; its queue is that of one among so many
  bool resting_ = false;                         ///< the pool changes
  std::optional<sure_promise<done>> rest_asked_; ///< until nothing is under way
  std::optional<push_queue> queue_;
  std::map<app_key, timestamp> out_of_quota_; ///< their messages fail until then
  std::unordered_map<message_id, attempt> attempts_;
  std::unordered_map<message_id, queue_entry>
      interrupted_; ///< found in the middle of an attempt; not yet settled
  std::unordered_set<message_id>
      doubtful_; ///< a writer died over their lease: the store must say what they are
  /// Every message of its users with an id up to here is known; nothing: all of them are.
  std::optional<message_id> known_to_ = message_id{};
  std::map<message_id, queue_entry> ahead_; ///< accepted beyond that: an older one may not be known yet
  std::size_t not_loaded_ = 0;              ///< accepted while it rested; the store has them
  std::unordered_set<message_id> expiring_; ///< not here any more; not yet settled
  std::unordered_set<message_id> gone_;     ///< have ended since the load began: its pages may not know it
  std::vector<settlement> to_settle_;
  accept_rush accepting_; ///< messages that the store is being asked to add
  bool loading_ = false;
  std::uint64_t pass_ = 0; ///< the load under way; answers to an older one count no more
  std::uint64_t look_timer_ = 0;
  bool load_again_ = false; ///< the store may hold messages that this actor does not know
  bool leasing_ = false;
  bool settling_ = false;
  clock_time store_rests_until_{};
  std::uint64_t timer_ = 0;
  std::optional<timestamp> timer_at_; ///< when the newest timer fires
  bool sweeping_ = false;
  std::optional<caf::error> stopping_;
};

/// One pusher of a pool: it has the messages of the users that directory::pusher_of gives it. It remembers
/// nothing that the store does not: when it dies the next one loads what is unfinished, and what was being
/// sent then is judged by send_rules (after_interruption).
///
/// A pusher that begins knows nothing of its users' older messages: what is accepted meanwhile waits until
/// the load has come so far. So messages of one user are sent in the order in which they were accepted, at a
/// start, too.
///
/// `place` is its own in the pool, which may be resized while it works: it rests when it is asked to, and
/// goes on with what is its own by the new size (DESIGN 34). What it is asked to accept for a user who is not
/// its own any more is accepted, and handed on.
///
/// accept_message is answered when the message is durable, also if it is refused for good at once (no
/// consent, a marked user). At most push.max_queued / pools.template_pusher messages are not at their end:
/// queue_full beyond, except for what was handed on. Writes are asked for in groups: while one group is being
/// written the next one gathers.
///
/// While the store fails nothing new is begun; what was sent is told to it again until it takes it.
///
/// What the platform says of an app or a template as such, it tells the other pushers of the pool, so that
/// they need not find it out with calls of their own.
///
/// Status: ok with the number of messages; degraded while an app or a template rests because the platform
/// refused.
template_pusher_self::behavior_type
template_pusher(template_pusher_self::stateful_pointer<template_pusher_state> self, services_ptr services,
                std::size_t place);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_push)
WEAPPD_MESSAGE(weappd::tick_push_sweep)
WEAPPD_MESSAGE(weappd::tick_push_look)
WEAPPD_MESSAGE(weappd::handed_on)
WEAPPD_MESSAGE(weappd::told_to_rest)
