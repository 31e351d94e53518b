#include "persistence/store_actor.hpp"

#include "messages/meter/metered_actor.hpp"

#include <caf/exit_reason.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace weappd {

/// The writer's note to itself: what has arrived before this belongs to one batch.
struct tick_commit {};

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_commit)

namespace weappd {
namespace {

// -- writer
// -------------------------------------------------------------------------------------------------------

using writer_actor = store_writer_actor::extend<caf::reacts_to<tick_commit>>;

constexpr auto probe_interval = std::chrono::seconds(1);
/// No client waits for it.
template <class What>
constexpr bool is_background =
    std::is_same_v<What, lease_messages> || std::is_same_v<What, settle_messages> ||
    std::is_same_v<What, touch_sessions> || std::is_same_v<What, forget_old>;

/// A write that waits for its batch, and then for its commit.
template <class What, class Answer>
struct waiting_write {
  What what;
  caf::typed_response_promise<Answer> asker;
  caf::expected<Answer> outcome = make_error(ec::storage_unavailable);

  void apply(store_writer& store) { outcome = store.apply(what); }
  [[nodiscard]] const caf::error* failure() const { return outcome ? nullptr : &outcome.error(); }
  /// With its outcome or, when there is one, with the failure of the whole batch.
  void answer(const caf::error& batch_failure) {
    if (batch_failure)
      asker.deliver(batch_failure);
    else if (outcome)
      asker.deliver(std::move(*outcome));
    else
      asker.deliver(std::move(outcome.error()));
  }
};

using any_write =
    std::variant<waiting_write<resolve_identity, identity_resolved>, waiting_write<add_session, stored>,
                 waiting_write<rotate_refresh_token, stored>, waiting_write<remove_sessions, stored>,
                 waiting_write<save_user, stored>, waiting_write<touch_sessions, stored>,
                 waiting_write<add_message, message_accepted>, waiting_write<lease_messages, messages_leased>,
                 waiting_write<settle_messages, stored>, waiting_write<requeue_message, requeued>,
                 waiting_write<record_consents, consent_balances>, waiting_write<clear_marks, stored>,
                 waiting_write<keep_answer, stored>, waiting_write<forget_old, forgotten>,
                 waiting_write<add_followers, followers_added>, waiting_write<note_following, stored>,
                 waiting_write<save_bans, stored>>;

struct store_writer_state {
  static inline const char* name = "store_writer";
  /// Other than `overloaded`, which may also mean that a writer died, this says that nothing was written.
  static constexpr ec when_full = ec::storage_unavailable;

  store_backend_ptr store;
  std::size_t max_batch = 1;
  std::chrono::milliseconds background_wait{};
  std::unique_ptr<store_writer> writer; ///< opened by the first write
  std::vector<any_write> waiting;       ///< with those in the background at most max_batch
  std::vector<any_write> background;
  caf::actor_clock::time_point background_since; ///< of the first of them
  bool called = false;                           ///< a tick_commit is under way
  std::vector<any_write> batch;                  ///< in their transaction
  std::optional<std::string> trouble;            ///< why the store is down
  caf::actor_clock::time_point next_probe;

  ~store_writer_state() {
    // A promise that is dropped would leave its asker waiting for ever.
    take_all();
    answer_all(make_error(ec::storage_unavailable, "the store writer was ended"));
  }

  caf::error open() {
    if (writer != nullptr)
      return {};
    auto opened = store->open_writer();
    if (!opened)
      return std::move(opened.error());
    writer = std::move(*opened);
    return {};
  }

  void take(std::vector<any_write>& writes) {
    std::ranges::move(writes, std::back_inserter(batch));
    writes.clear();
  }
  void take_all() {
    take(waiting);
    take(background);
  }

  /// What was taken, in one transaction.
  void commit_batch() {
    if (batch.empty())
      return;
    const auto failure = write_all();
    note(failure ? failure : first_trouble());
    answer_all(failure);
  }

  caf::error write_all() {
    if (auto failure = open())
      return failure;
    if (auto failure = writer->begin())
      return failure;
    for (auto& any : batch)
      std::visit([this](auto& write) { write.apply(*writer); }, any);
    return writer->commit();
  }

  /// An operation can fail for the disk although its batch was committed.
  caf::error first_trouble() const {
    for (const auto& any : batch) {
      const auto* failure = std::visit([](const auto& write) { return write.failure(); }, any);
      if (failure != nullptr && code_of(*failure) == ec::storage_unavailable)
        return *failure;
    }
    return {};
  }

  void answer_all(const caf::error& failure) {
    for (auto& any : batch)
      std::visit([&failure](auto& write) { write.answer(failure); }, any);
    batch.clear();
  }

  void note(const caf::error& failure) {
    if (failure)
      trouble = detail_of(failure);
    else
      trouble.reset();
  }

  void probe(caf::actor_clock::time_point now) {
    if (!trouble || now < next_probe)
      return;
    next_probe = now + probe_interval;
    auto failure = open();
    note(failure ? failure : writer->probe());
  }

  /// Writes that wait for a transaction.
  [[nodiscard]] std::size_t in_flight() const noexcept { return waiting.size() + background.size(); }

  [[nodiscard]] status_report status() const {
    return trouble ? status_report{health::down, *trouble} : status_report{};
  }
};

using writer_pointer = writer_actor::stateful_pointer<store_writer_state>;

void commit_soon(writer_pointer self) {
  if (!std::exchange(self->state.called, true))
    self->send(self, tick_commit{});
}

void commit_due(writer_pointer self) {
  auto& state = self->state;
  state.called = false;
  const bool alone = state.waiting.empty();
  state.take(state.waiting);
  if (alone || self->clock().now() - state.background_since >= state.background_wait)
    state.take(state.background);
  state.commit_batch();
  if (!state.background.empty()) // after what is in the mailbox now
    commit_soon(self);
}

/// The handler of one kind of write: it waits with the others; the first of them calls for the commit.
template <class What, class Answer>
auto gather(writer_pointer self) {
  return [self](What& what) -> caf::result<Answer> {
    auto& state = self->state;
    auto asker = self->make_response_promise<Answer>();
    auto& queue = is_background<What> ? state.background : state.waiting;
    if (is_background<What> && queue.empty())
      state.background_since = self->clock().now();
    queue.push_back(waiting_write<What, Answer>{std::move(what), asker});
    commit_soon(self);
    if (state.waiting.size() + state.background.size() >= state.max_batch) {
      state.take_all();
      state.commit_batch();
    }
    return asker;
  };
}

writer_actor::behavior_type writer_behavior(writer_pointer self, store_backend_ptr store,
                                            std::size_t max_batch,
                                            std::chrono::milliseconds background_wait) {
  self->state.store = std::move(store);
  self->state.background_wait = background_wait;
  self->state.max_batch = max_batch;
  self->set_exit_handler([self](caf::exit_msg& message) {
    self->state.take_all();
    self->state.commit_batch();
    self->quit(std::move(message.reason));
  });
  return {
      gather<resolve_identity, identity_resolved>(self),
      gather<add_session, stored>(self),
      gather<rotate_refresh_token, stored>(self),
      gather<remove_sessions, stored>(self),
      gather<save_user, stored>(self),
      gather<touch_sessions, stored>(self),
      gather<add_message, message_accepted>(self),
      gather<lease_messages, messages_leased>(self),
      gather<settle_messages, stored>(self),
      gather<requeue_message, requeued>(self),
      gather<record_consents, consent_balances>(self),
      gather<clear_marks, stored>(self),
      gather<keep_answer, stored>(self),
      gather<forget_old, forgotten>(self),
      gather<add_followers, followers_added>(self),
      gather<note_following, stored>(self),
      gather<save_bans, stored>(self),
      [self](tick_commit) { commit_due(self); },
      [self](get_status) {
        self->state.probe(self->clock().now());
        return self->state.status();
      },
  };
}

// -- reader
// -------------------------------------------------------------------------------------------------------

struct store_reader_state {
  static inline const char* name = "store_reader";

  store_backend_ptr store;
  std::unique_ptr<store_reader> reader; ///< opened by the first read

  template <class What>
  auto read(const What& what) -> decltype(reader->read(what)) {
    if (reader == nullptr) {
      auto opened = store->open_reader();
      if (!opened)
        return std::move(opened.error());
      reader = std::move(*opened);
    }
    return reader->read(what);
  }
};

store_reader_actor::behavior_type
reader_behavior(store_reader_actor::stateful_pointer<store_reader_state> self, store_backend_ptr store) {
  self->state.store = std::move(store);
  return {
      [self](const load_user& what) -> caf::result<user_snapshot> { return self->state.read(what); },
      [self](const get_newest_user& what) -> caf::result<newest_user> { return self->state.read(what); },
      [self](const load_message& what) -> caf::result<message_record> { return self->state.read(what); },
      [self](const list_messages& what) -> caf::result<message_page> { return self->state.read(what); },
      [self](const load_unfinished& what) -> caf::result<unfinished_messages> {
        return self->state.read(what);
      },
      [self](const load_consents& what) -> caf::result<consent_balances> { return self->state.read(what); },
      [self](const find_answer& what) -> caf::result<answer_found> { return self->state.read(what); },
      [self](const get_newest_message& what) -> caf::result<newest_message> {
        return self->state.read(what);
      },
      [self](const find_new_followers& what) -> caf::result<new_followers> { return self->state.read(what); },
      [self](const load_bans& what) -> caf::result<all_bans> { return self->state.read(what); },
      [self](get_status) {
        const auto answer = self->state.read(get_newest_user{});
        return answer ? status_report{} : status_report{health::down, detail_of(answer.error())};
      },
  };
}

} // namespace

store_writer_actor spawn_store_writer(caf::actor_system& system, store_backend_ptr store,
                                      const store_options& options,
                                      std::chrono::milliseconds background_wait) {
  const auto max_batch = std::max<std::size_t>(options.max_batch, 1);
  return spawn_metered<caf::detached>(system, writer_behavior, std::move(store), max_batch, background_wait);
}

store_reader_actor spawn_store_reader(caf::actor_system& system, store_backend_ptr store) {
  return spawn_metered<caf::detached>(system, reader_behavior, std::move(store));
}

} // namespace weappd
