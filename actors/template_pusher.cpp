#include "actors/template_pusher.hpp"

#include "messages/error.hpp"
#include "messages/meter/metered_actor.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace weappd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Messages that one request to the store begins.
constexpr std::size_t lease_group = 64;

queue_entry entry_of(const message_draft& draft) {
  return {.id = draft.id,
          .to = draft.to,
          .app = draft.app,
          .template_name = draft.template_name,
          .priority = draft.priority,
          .state = message_state::queued,
          .attempts = 0,
          .due_at = draft.send_at,
          .first_attempt_at = {},
          .not_after = draft.not_after,
          .request_id = draft.request_id,
          .trace_id = draft.trace_id,
          .created_at = draft.created_at};
}

} // namespace

consent_need need_of(const template_options& of) {
  if (of.kind == template_kind::template_)
    return consent_need::none;
  return of.life == template_life::one_time ? consent_need::one_time : consent_need::long_term;
}

void template_pusher_state::init(template_pusher_self::pointer self, services_ptr services,
                                 std::size_t place) {
  self_ = self;
  services_ = std::move(services);
  place_ = place;
  resting_ = services_->peers->pushers.is_changing(); // before the size is read
  count_ = services_->peers->pushers.size();
  queue_.emplace(share_of(services_->config.push.max_in_flight));
  if (resting_)
    return set_timer();
  go_on();
}

/// Why no further message can be taken now; no error if one can.
caf::error template_pusher_state::refusal() const {
  if (stopping_)
    return make_error(ec::draining);
  if (queue_->size() + ahead_.size() + not_loaded_ + accepting_.adding() >=
      share_of(services_->config.push.max_queued))
    return refuse_as_full(*self_, ec::queue_full, "push.max_queued");
  return {};
}

const template_options* template_pusher_state::find_template(const std::string& key) const {
  const auto found = services_->config.templates.find(key);
  return found == services_->config.templates.end() ? nullptr : &found->second;
}

std::uint32_t template_pusher_state::random() const {
  std::array<std::uint8_t, 4> bytes{};
  services_->random.fill(bytes);
  return std::bit_cast<std::uint32_t>(bytes);
}

// -- what it is asked

caf::result<message_accepted> template_pusher_state::accept(accept_message& wanted) {
  const auto* of = find_template(wanted.draft.template_name);
  if (of == nullptr)
    return make_error(ec::template_not_found);
  if (auto why = refusal())
    return why;
  const auto writer = services_->peers->store_writer.get();
  if (!writer)
    return make_error(ec::storage_unavailable);
  begin_accepting();
  auto entry = entry_of(wanted.draft);
  const bool keeps_answer = wanted.answers.has_value();
  const bool refuse = services_->config.push.send_without_credit == credit_rule::refuse;
  const sure_promise promise(self_->make_response_promise<message_accepted>());
  self_
      ->request(writer, caf::infinite,
                add_message{.draft = std::move(wanted.draft),
                            .need = need_of(*of),
                            .refuse_without_credit = refuse,
                            .guard = std::move(wanted.guard),
                            .once = std::move(wanted.once),
                            .answers = std::move(wanted.answers)})
      .then(
          [this, promise, entry](const message_accepted& answer) mutable {
            end_accepting();
            if (!answer.duplicate)
              on_accepted(std::move(entry), answer); // before the asker can send another one
            promise.deliver(answer);
            work();
          },
          [this, promise, keeps_answer, app = entry.app](caf::error& error) {
            end_accepting();
            if (code_of(error) == ec::overloaded) // the writer died, maybe after it wrote
              load_again();
            if (code_of(error) == ec::no_openid)
              ask_for_followers(app);
            if (code_of(error) == ec::conflict && !keeps_answer) // the id is taken: with another one it works
              error = make_error(ec::storage_unavailable, detail_of(error));
            promise.deliver(std::move(error));
            quit_if_done();
          });
  return promise.get();
}

/// An official account has no openid of this user. Maybe that is only because nobody has looked lately; then
/// the caller's next try will work.
void template_pusher_state::ask_for_followers(const app_key& app) {
  const auto found = services_->peers->follower_syncs.find(app);
  if (found == services_->peers->follower_syncs.end())
    return;
  if (const auto sync = found->second.get())
    self_->send(sync, look_for_followers{});
}

void template_pusher_state::on_accepted(queue_entry entry, const message_accepted& answer) {
  services_->figures.accepted(entry.template_name);
  if (answer.state == message_state::queued)
    take_up(std::move(entry));
  else
    note_end(entry, answer.state, answer.reason);
}

caf::result<message_accepted> template_pusher_state::retry(const retry_message& wanted) {
  const auto* of = find_template(wanted.template_name);
  if (of == nullptr)
    return make_error(ec::template_not_found);
  if (auto why = refusal())
    return why;
  const auto writer = services_->peers->store_writer.get();
  if (!writer)
    return make_error(ec::storage_unavailable);
  const sure_promise promise(self_->make_response_promise<message_accepted>());
  begin_accepting();
  self_
      ->request(writer, caf::infinite,
                requeue_message{.id = wanted.id, .need = need_of(*of), .at = now(), .once = wanted.once})
      .then(
          [this, promise](requeued& answer) {
            end_accepting();
            const auto id = answer.entry.id;
            if (!answer.repeated)
              take_up(std::move(answer.entry));
            promise.deliver(message_accepted{.id = id});
            work();
          },
          [this, promise](caf::error& error) {
            end_accepting();
            if (code_of(error) == ec::overloaded)
              load_again();
            promise.deliver(std::move(error));
            quit_if_done();
          });
  return promise.get();
}

status_report template_pusher_state::status() const {
  status_report report{.state = health::ok,
                       .detail = std::to_string(queue_->size()) + " messages, " +
                                 std::to_string(queue_->under_way()) + " under way"};
  if (resting_)
    report.detail += "; rests while the pool is resized";
  const auto add = [&report](const std::string& what) {
    report.state = health::degraded;
    report.detail += "; " + what;
  };
  for (const auto& what : queue_->resting(now()))
    add(what);
  for (const auto& [app, until] : out_of_quota_)
    if (until > now())
      add("app " + app.value + " out of quota until " + to_rfc3339(until));
  return report;
}

// -- whose turn it is

void template_pusher_state::work() {
  if (resting_)
    look_at_the_pool();
  if (load_again_ && !loading_ && !store_rests() && may_load())
    load_behind_writes();
  settle();
  lease();
  set_timer();
  services_->figures.queued(place_, queue_->size() + ahead_.size());
  quit_if_done();
}

void template_pusher_state::wait_for_store() {
  store_rests_until_ = self_->clock().now() + push_store_patience;
}

bool template_pusher_state::store_rests() const {
  return self_->clock().now() < store_rests_until_;
}

std::optional<timestamp> template_pusher_state::next_lease() const {
  auto next = queue_->next_due();
  if (accepting_.is_on(self_->clock().now()) && queue_->size() > queue_->under_way())
    next = std::min(next.value_or(timestamp::max()), now() + accepting_.lasts); // more calls are allowed then
  return next;
}

/// Wakes up when something is due, and at least once a minute while something is queued: somebody may have
/// set the clock of the machine.
void template_pusher_state::set_timer() {
  if (stopping_ && to_settle_.empty())
    return;
  auto next = leasing_ || stopping_ || resting_ ? std::nullopt : next_lease();
  if (resting_)
    next = now() + push_rest_check;
  if (load_again_ || !to_settle_.empty() || store_rests())
    next = std::min(next.value_or(timestamp::max()), now() + push_store_patience);
  if (!next || (timer_at_ && *timer_at_ <= *next && *timer_at_ > now()))
    return;
  auto wait = std::clamp<milliseconds>(*next - now(), milliseconds(0), std::chrono::minutes(1));
  if (store_rests())
    wait = std::max<milliseconds>(wait, push_store_patience);
  timer_at_ = now() + wait;
  self_->delayed_send(self_, wait, tick_push{++timer_});
}

void template_pusher_state::on_tick(std::uint64_t timer) {
  if (timer != timer_)
    return;
  timer_at_.reset();
  work();
}

void template_pusher_state::begin_accepting() {
  accepting_.begin(self_->clock().now(), queue_->somebody_waits());
}

void template_pusher_state::end_accepting() {
  accepting_.end(self_->clock().now(), queue_->somebody_waits());
}

/// Calls of WeChat at a time, for each app.
std::size_t template_pusher_state::calls_allowed() const {
  const auto share = share_of(services_->config.push.max_in_flight);
  const bool rush = accepting_.is_on(self_->clock().now());
  return rush ? std::max<std::size_t>(share / accepting_.part, 1) : share;
}

void template_pusher_state::lease() {
  if (leasing_ || stopping_ || resting_ || store_rests())
    return;
  queue_->allow_under_way(calls_allowed());
  std::vector<message_id> ids;
  std::vector<push_queue::item> expired;
  while (ids.size() < lease_group) {
    const auto id = queue_->take(now(), expired);
    if (!id)
      break;
    ids.push_back(*id);
  }
  expire(expired);
  if (ids.empty())
    return;
  const auto writer = services_->peers->store_writer.get();
  if (!writer)
    return on_lease_failed(ids, ec::storage_unavailable);
  leasing_ = true;
  lease_messages wanted{.ids = ids,
                        .node = services_->config.node.id,
                        .at = now(),
                        .until = now() + seconds(services_->config.push.lease_s)};
  self_->request(writer, caf::infinite, std::move(wanted))
      .then(
          [this, ids](messages_leased& answer) {
            leasing_ = false;
            on_leased(ids, answer);
            work();
          },
          [this, ids](const caf::error& error) {
            leasing_ = false;
            on_lease_failed(ids, code_of(error));
            set_timer();
          });
}

void template_pusher_state::on_lease_failed(const std::vector<message_id>& asked, ec failure) {
  wait_for_store();
  if (failure == ec::storage_unavailable) { // nothing was written
    for (const auto id : asked)
      queue_->put_back(id, now() + push_store_patience, now());
    return;
  }
  doubtful_.insert(asked.begin(), asked.end());
  load_again();
}

void template_pusher_state::on_leased(const std::vector<message_id>& asked, messages_leased& answer) {
  std::map<app_key, std::vector<attempt_key>> by_app;
  for (auto& letter : answer.messages) {
    const attempt_key key{letter.id, letter.lease};
    const auto* item = queue_->find(key.id);
    if (item == nullptr)
      continue;
    begin(letter);
    if (!is_left_alone(key.id))
      by_app[item->entry.app].push_back(key);
  }
  for (const auto id : answer.cancelled)
    finish(id, message_state::cancelled, fail_reason::none);
  for (const auto& [id, reason] : answer.failed)
    finish(id, message_state::failed, reason);
  for (const auto id : answer.no_openid) {
    queue_->land(id);
    const auto* item = queue_->find(id);
    to_settle_.push_back(end_of(id, without_openid(item != nullptr && item->entry.maybe_sent)));
  }
  // What the store did not mention is at its end already, or was leased by a pusher that died over it.
  for (const auto id : asked)
    if (queue_->find(id) != nullptr && !attempts_.contains(id) &&
        std::ranges::find(answer.no_openid, id) == answer.no_openid.end()) {
      forget(id);
      load_again_ = true;
    }
  for (const auto& [app, keys] : by_app)
    fetch_token_and_send(app, keys);
}

// -- the end

/// It is at its end, or not ours: also for a load under way, whose next page may be older than that.
void template_pusher_state::forget(message_id id) {
  queue_->remove(id);
  if (loading_)
    gone_.insert(id);
}

void template_pusher_state::stop(caf::error reason) {
  if (stopping_)
    return;
  stopping_ = std::move(reason);
  quit_if_done();
}

void template_pusher_state::quit_if_done() {
  if (stopping_ && attempts_.empty() && to_settle_.empty() && !settling_ && !leasing_ &&
      accepting_.adding() == 0)
    self_->quit(*stopping_);
}

template_pusher_self::behavior_type
template_pusher(template_pusher_self::stateful_pointer<template_pusher_state> self, services_ptr services,
                std::size_t place) {
  self->state.init(self, std::move(services), place);
  self->set_exit_handler([self](const caf::exit_msg& exit) { self->state.stop(exit.reason); });
  return {
      [self](get_status) { return self->state.status(); },
      [self](accept_message& wanted) { return self->state.accept(wanted); },
      [self](const retry_message& wanted) { return self->state.retry(wanted); },
      [self](tick_push tick) { self->state.on_tick(tick.timer); },
      [self](tick_push_sweep) { self->state.sweep(); },
      [self](tick_push_look tick) { self->state.on_look(tick.timer); },
      [self](handed_on& from) { self->state.on_handed_on(std::move(from.entry)); },
      [self](const told_to_rest& what) { self->state.on_told_to_rest(what); },
      [self](rest_pusher) { return self->state.rest_for_resizing(); },
      [self](resume_pusher) { return self->state.resume_after_resizing(); },
  };
}

} // namespace weappd
