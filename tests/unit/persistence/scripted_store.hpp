#pragma once

#include "persistence/store.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace weappd {

/// What a scripted store does and has seen. Tests set it and wait for it from another thread than the
/// actor's.
class store_script {
public:
  /// Each commit waits until the gate is open.
  void close_gate() {
    change([this] { open_ = false; });
  }
  void open_gate() {
    change([this] { open_ = true; });
  }

  void fail_opening(bool fails) {
    change([&] { opening_fails_ = fails; });
  }
  void fail_commits(bool fails) {
    change([&] { commits_fail_ = fails; });
  }
  /// Operations for this user are answered with this error.
  void fail_operation(user_id user, ec code) {
    change([&] { failing_ = std::pair(user, code); });
  }

  /// Waits until that many batches have come to their commit.
  void wait_for_commits(std::size_t count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return batches_.size() >= count; }));
  }
  /// The number of operations of each batch that came to its commit, in order.
  std::vector<std::size_t> batches() {
    std::lock_guard guard(mutex_);
    return batches_;
  }
  int probes() {
    std::lock_guard guard(mutex_);
    return probes_;
  }

private:
  friend class scripted_writer;
  friend class scripted_store;

  void change(const std::function<void()>& what) {
    std::lock_guard guard(mutex_);
    what();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool opening_fails_ = false;
  bool commits_fail_ = false;
  std::optional<std::pair<user_id, ec>> failing_;
  std::vector<std::size_t> batches_;
  int probes_ = 0;
};

class scripted_writer final : public store_writer {
public:
  explicit scripted_writer(store_script& script) : script_(script) {}

  caf::error begin() override {
    operations_ = 0;
    return {};
  }
  caf::expected<identity_resolved> apply(const resolve_identity& what) override {
    ++operations_;
    return identity_resolved{what.candidate, true};
  }
  caf::expected<stored> apply(const add_session& what) override { return answer(what.session.user); }
  caf::expected<stored> apply(const rotate_refresh_token& what) override { return answer(what.session.user); }
  caf::expected<stored> apply(const remove_sessions& what) override { return answer(what.user); }
  caf::expected<stored> apply(const save_user& what) override { return answer(what.user.id); }
  caf::expected<stored> apply(const touch_sessions& what) override { return answer(what.user); }
  caf::expected<message_accepted> apply(const add_message& what) override {
    return as<message_accepted>(answer(what.draft.to));
  }
  caf::expected<messages_leased> apply(const lease_messages&) override {
    return as<messages_leased>(answer({}));
  }
  caf::expected<stored> apply(const settle_messages&) override { return answer({}); }
  caf::expected<requeued> apply(const requeue_message&) override { return as<requeued>(answer({})); }
  caf::expected<consent_balances> apply(const record_consents& what) override {
    return as<consent_balances>(answer(what.user));
  }
  caf::expected<stored> apply(const clear_marks& what) override { return answer(what.user); }
  caf::expected<stored> apply(const keep_answer&) override { return answer({}); }
  caf::expected<forgotten> apply(const forget_old&) override { return as<forgotten>(answer({})); }
  caf::expected<followers_added> apply(const add_followers&) override {
    return as<followers_added>(answer({}));
  }
  caf::expected<stored> apply(const note_following&) override { return answer({}); }
  caf::expected<stored> apply(const save_bans&) override { return answer({}); }
  caf::error commit() override {
    std::unique_lock lock(script_.mutex_);
    script_.batches_.push_back(operations_);
    script_.changed_.notify_all();
    script_.changed_.wait(lock, [this] { return script_.open_; });
    return script_.commits_fail_ ? make_error(ec::storage_unavailable, "the script says so") : caf::error();
  }
  void rollback() noexcept override {}
  caf::error probe() override {
    std::lock_guard guard(script_.mutex_);
    ++script_.probes_;
    return script_.commits_fail_ ? make_error(ec::storage_unavailable, "the probe fails") : caf::error();
  }

private:
  template <class Answer>
  static caf::expected<Answer> as(const caf::expected<stored>& outcome) {
    if (!outcome)
      return outcome.error();
    return Answer{};
  }
  caf::expected<stored> answer(user_id user) {
    ++operations_;
    std::lock_guard guard(script_.mutex_);
    if (script_.failing_ && script_.failing_->first == user)
      return make_error(script_.failing_->second, "the operation fails");
    return stored{};
  }

  store_script& script_;
  std::size_t operations_ = 0;
};

class scripted_reader final : public store_reader {
public:
  caf::expected<user_snapshot> read(const load_user&) override { return make_error(ec::not_found); }
  caf::expected<newest_user> read(const get_newest_user&) override { return newest_user{{7}}; }
  caf::expected<message_record> read(const load_message&) override { return make_error(ec::not_found); }
  caf::expected<message_page> read(const list_messages&) override { return message_page{}; }
  caf::expected<unfinished_messages> read(const load_unfinished&) override { return unfinished_messages{}; }
  caf::expected<consent_balances> read(const load_consents&) override { return consent_balances{}; }
  caf::expected<answer_found> read(const find_answer&) override { return answer_found{}; }
  caf::expected<newest_message> read(const get_newest_message&) override { return newest_message{{8}}; }
  caf::expected<new_followers> read(const find_new_followers&) override { return new_followers{}; }
  caf::expected<all_bans> read(const load_bans&) override { return all_bans{}; }
  caf::expected<platform_identity> read_identity(user_id, const app_key&) override {
    return make_error(ec::not_found);
  }
};

/// A store without a disk that does what the script says. `script` must outlive it.
class scripted_store final : public store_backend {
public:
  explicit scripted_store(store_script& script) : script_(script) {}

  caf::expected<std::unique_ptr<store_writer>> open_writer() const override {
    if (opening_fails())
      return make_error(ec::storage_unavailable, "cannot be opened");
    return {std::make_unique<scripted_writer>(script_)};
  }
  caf::expected<std::unique_ptr<store_reader>> open_reader() const override {
    if (opening_fails())
      return make_error(ec::storage_unavailable, "cannot be opened");
    return {std::make_unique<scripted_reader>()};
  }

private:
  bool opening_fails() const {
    std::lock_guard guard(script_.mutex_);
    return script_.opening_fails_;
  }
  store_script& script_;
};

} // namespace weappd
