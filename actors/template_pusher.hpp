#pragma once

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

/// What a pusher really takes; everybody else sees a template_pusher_actor.
using template_pusher_self =
    template_pusher_actor::extend<caf::reacts_to<tick_push>, caf::reacts_to<tick_push_sweep>>;

/// A call of WeChat that gives no answer within the lease and this counts as unknown.
inline constexpr std::chrono::seconds push_sweep_interval{5};
/// How long a pusher waits before it asks a store again that has failed.
inline constexpr std::chrono::seconds push_store_patience{1};

/// What a template's messages need of the ledger.
[[nodiscard]] consent_need need_of(const template_options& of);

class template_pusher_state {
public:
  static inline const char* name = "template_pusher";

  template_pusher_state() = default;
  template_pusher_state(const template_pusher_state&) = delete;
  template_pusher_state& operator=(const template_pusher_state&) = delete;

  void init(template_pusher_self::pointer self, services_ptr services, std::size_t shard);

  // What it is asked:
  caf::result<message_accepted> accept(accept_message& wanted);
  caf::result<message_accepted> retry(const retry_message& wanted);
  [[nodiscard]] status_report status() const;
  void on_tick(std::uint64_t timer);
  void sweep();
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
  [[nodiscard]] std::size_t bound() const;
  [[nodiscard]] caf::error refusal() const;
  [[nodiscard]] const template_options* find_template(const std::string& key) const;
  void ask_for_followers(const app_key& app);
  void on_accepted(queue_entry entry, const message_accepted& answer);
  void load_behind_writes();
  void load(message_id after);
  void on_loaded(unfinished_messages& page);
  void on_loaded(queue_entry& entry);
  void load_again();
  void resume(queue_entry& entry);
  void work();
  void set_timer();
  void wait_for_store();
  [[nodiscard]] bool store_rests() const;
  void lease();
  void on_lease_failed(const std::vector<message_id>& asked, ec failure);
  void on_leased(const std::vector<message_id>& asked, messages_leased& answer);
  void expire(const std::vector<push_queue::item>& expired);
  void quit_if_done();

  // template_pusher_attempts.cpp: from a lease to the end of an attempt
  void begin(leased_message& letter);
  [[nodiscard]] attempt* find_attempt(attempt_key key);
  [[nodiscard]] bool is_left_alone(message_id id);
  void fetch_token_and_send(const app_key& app, const std::vector<attempt_key>& keys);
  void send(attempt_key key, const token_lease& token);
  void on_result(attempt_key key, const send_result& result);
  void on_no_token(attempt_key key, const caf::error& error);
  [[nodiscard]] send_facts facts_of(const attempt& one, const push_queue::item& item) const;
  void renew_token(attempt_key key, attempt& one, const app_key& app);
  void report_token(const app_key& app, std::uint64_t epoch);
  void conclude(message_id id, const send_decision& decision);
  void rest(const push_queue::item& item, const send_decision& decision);
  void settle();
  void on_settled(const std::vector<settlement>& items);
  void finish(message_id id, message_state state, fail_reason reason);
  void note_end(const queue_entry& entry, message_state state, fail_reason reason);

  [[nodiscard]] timestamp now() const { return services_->wall.now(); }
  [[nodiscard]] std::uint32_t random() const;

  template_pusher_self::pointer self_ = nullptr;
  services_ptr services_;
  std::size_t shard_ = 0;
  std::optional<push_queue> queue_;
  std::unordered_map<message_id, attempt> attempts_;
  std::unordered_map<message_id, queue_entry>
      interrupted_; ///< found in the middle of an attempt; not yet settled
  std::unordered_set<message_id>
      doubtful_; ///< a writer died over their lease: the store must say what they are
  std::vector<settlement> to_settle_;
  std::size_t accepting_ = 0; ///< messages that the store is being asked to add
  bool loading_ = false;
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
/// accept_message is answered when the message is durable, also if it is refused for good at once (no
/// consent, a marked user). At most push.max_queued / pools.template_pusher messages are not at their end:
/// queue_full beyond. Writes are asked for in groups: while one group is being written the next one gathers.
///
/// While the store fails nothing new is begun; what was sent is told to it again until it takes it.
///
/// Status: ok with the number of messages; degraded while an app or a template rests because the platform
/// refused.
template_pusher_self::behavior_type
template_pusher(template_pusher_self::stateful_pointer<template_pusher_state> self, services_ptr services,
                std::size_t shard);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_push)
WEAPPD_MESSAGE(weappd::tick_push_sweep)
