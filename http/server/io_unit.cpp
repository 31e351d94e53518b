#include "http/server/io_unit.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/logger.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace weappd::http {
namespace {

/// Whoever spawns an actor leaves CAF's logger set for its thread, and from then on each turn of each actor
/// notes its id under a lock, four times, for log lines that CAF as Debian builds it never writes.
void forget_logger() {
  if (caf::logger::current_logger() != nullptr)
    caf::logger::set_current_actor_system(nullptr);
}

} // namespace

io_unit::io_unit(caf::actor_system* system, std::size_t throughput)
    : caf::execution_unit(system), throughput_(throughput) {}

void io_unit::exec_later(caf::resumable* job) {
  if (current_ != this)
    return exec_from_outside(job);
  push(job);
  schedule_round();
}

void io_unit::exec_from_outside(caf::resumable* job) {
  bool was_empty = false;
  {
    std::lock_guard guard(inbox_mutex_);
    was_empty = inbox_.empty();
    inbox_.push_back(job);
  }
  if (was_empty)
    boost::asio::post(context_, [this] {
      take_inbox();
      schedule_round();
    });
}

void io_unit::at_round_end(boost::intrusive_ptr<round_end> what) {
  at_end_.push_back(std::move(what));
  schedule_round();
}

/// asio runs what is posted here after the handlers of all sockets that were ready.
void io_unit::schedule_round() {
  if (round_scheduled_)
    return;
  boost::asio::post(context_, [this] {
    turns_left_ = max_turns;
    run_actors();
    end_round();
    turns_left_ = max_turns; // for those who relieve the next round
    round_scheduled_ = false;
    if (count_ != 0 || !at_end_.empty())
      schedule_round();
  });
  round_scheduled_ = true;
}

void io_unit::run_actors() {
  forget_logger();
  for (; count_ != 0 && turns_left_ != 0; --turns_left_) {
    auto* job = pop();
    switch (job->resume(this, throughput_)) {
    case caf::resumable::resume_later:
      push(job);
      break;
    case caf::resumable::shutdown_execution_unit:
      break;
    default: // awaiting_message, done: the queue's reference ends here
      caf::intrusive_ptr_release(job);
    }
  }
}

void io_unit::end_round() {
  ending_.swap(at_end_); // what is added meanwhile belongs to the next round
  for (auto& each : ending_)
    each->at_round_end();
  ending_.clear();
}

void io_unit::run() {
  current_ = this;
  system().thread_started();
  context_.run();
  system().thread_terminates();
  current_ = nullptr;
}

bool io_unit::release_leftovers() {
  take_inbox();
  at_end_.clear();
  const bool found = count_ != 0;
  while (count_ != 0)
    caf::scheduler::abstract_coordinator::cleanup_and_release(pop());
  return found;
}

void io_unit::take_inbox() {
  std::vector<caf::resumable*> jobs;
  {
    std::lock_guard guard(inbox_mutex_);
    jobs.swap(inbox_);
  }
  for (auto* job : jobs)
    push(job);
}

void io_unit::push(caf::resumable* job) {
  if (count_ == ring_.size()) {
    std::vector<caf::resumable*> bigger(ring_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i)
      bigger[i] = ring_[(head_ + i) & (ring_.size() - 1)];
    ring_.swap(bigger);
    head_ = 0;
  }
  ring_[(head_ + count_) & (ring_.size() - 1)] = job;
  ++count_;
}

caf::resumable* io_unit::pop() {
  auto* job = ring_[head_];
  head_ = (head_ + 1) & (ring_.size() - 1);
  --count_;
  return job;
}

} // namespace weappd::http
