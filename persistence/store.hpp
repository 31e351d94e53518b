#pragma once

#include "messages/bans.hpp"
#include "messages/error.hpp"
#include "messages/followers.hpp"
#include "messages/outbox.hpp"
#include "messages/store.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <memory>
#include <optional>

/// The contract that every kind of durable store keeps; tests/contract holds each one to it. The calls block
/// and belong to one thread at a time: store_actor.hpp puts them behind actors. What each operation does, and
/// its errors, is said with the messages in messages/store.hpp, messages/outbox.hpp,
/// messages/followers.hpp and messages/bans.hpp.
///
/// No call throws. Whatever goes wrong with the disk, the network or a stored row is storage_unavailable,
/// with a detail for the log that holds no stored value; what can only be a fault of ours is internal_error.
/// After a failure the same object works again as soon as what is behind it does: it needs no new one.
namespace weappd {

/// Writes, in batches: begin, any number of operations, commit. Each operation stands alone: one that answers
/// with an error has changed nothing and does not spoil the others of its batch. An operation sees those
/// before it.
class store_writer {
public:
  virtual ~store_writer() = default;

  /// Begins a batch. With one open already, that one is rolled back first.
  virtual caf::error begin() = 0;

  virtual caf::expected<identity_resolved> apply(const resolve_identity& what) = 0;
  virtual caf::expected<stored> apply(const add_session& what) = 0;
  virtual caf::expected<stored> apply(const rotate_refresh_token& what) = 0;
  virtual caf::expected<stored> apply(const remove_sessions& what) = 0;
  virtual caf::expected<stored> apply(const save_user& what) = 0;
  virtual caf::expected<stored> apply(const touch_sessions& what) = 0;

  virtual caf::expected<message_accepted> apply(const add_message& what) = 0;
  virtual caf::expected<messages_leased> apply(const lease_messages& what) = 0;
  virtual caf::expected<stored> apply(const settle_messages& what) = 0;
  virtual caf::expected<requeued> apply(const requeue_message& what) = 0;
  virtual caf::expected<consent_balances> apply(const record_consents& what) = 0;
  virtual caf::expected<stored> apply(const clear_marks& what) = 0;
  virtual caf::expected<stored> apply(const keep_answer& what) = 0;
  virtual caf::expected<forgotten> apply(const forget_old& what) = 0;

  virtual caf::expected<followers_added> apply(const add_followers& what) = 0;
  virtual caf::expected<stored> apply(const note_following& what) = 0;
  virtual caf::expected<stored> apply(const save_bans& what) = 0;

  /// Makes the batch durable. With an error the whole batch has changed nothing, whatever its operations
  /// answered.
  virtual caf::error commit() = 0;
  /// Forgets the open batch, if there is one.
  virtual void rollback() noexcept = 0;

  /// Outside of a batch: makes a small durable write without meaning, to learn whether writes work.
  virtual caf::error probe() = 0;
};

/// What the platform knows a user by in one app, opened. For the parts that speak to WeChat about a user.
struct platform_identity {
  openid who;
  std::optional<unionid> union_id;
  secret session_key; ///< of the latest login; empty: there was none
};

/// Reads. Each call sees one state of the store: the latest that was committed when the call began.
class store_reader {
public:
  virtual ~store_reader() = default;

  virtual caf::expected<user_snapshot> read(const load_user& what) = 0;
  virtual caf::expected<newest_user> read(const get_newest_user& what) = 0;
  virtual caf::expected<message_record> read(const load_message& what) = 0;
  virtual caf::expected<message_page> read(const list_messages& what) = 0;
  virtual caf::expected<unfinished_messages> read(const load_unfinished& what) = 0;
  virtual caf::expected<consent_balances> read(const load_consents& what) = 0;
  virtual caf::expected<answer_found> read(const find_answer& what) = 0;
  virtual caf::expected<newest_message> read(const get_newest_message& what) = 0;
  virtual caf::expected<new_followers> read(const find_new_followers& what) = 0;
  virtual caf::expected<all_bans> read(const load_bans& what) = 0;
  /// Errors: not_found (the user has no openid of this app).
  virtual caf::expected<platform_identity> read_identity(user_id user, const app_key& app) = 0;
};

/// A store that has been opened. Safe to use from several threads.
class store_backend {
public:
  virtual ~store_backend() = default;
  /// A writer or reader with a connection of its own. Errors: storage_unavailable.
  virtual caf::expected<std::unique_ptr<store_writer>> open_writer() const = 0;
  virtual caf::expected<std::unique_ptr<store_reader>> open_reader() const = 0;
};
using store_backend_ptr = std::shared_ptr<const store_backend>;

} // namespace weappd
