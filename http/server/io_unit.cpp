#include "http/server/io_unit.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace weappd::http {

io_unit::io_unit(caf::actor_system* system, std::size_t throughput)
    : caf::execution_unit(system), throughput_(throughput) {}

void io_unit::exec_later(caf::resumable* job) {
  if (current_ != this)
    return exec_from_outside(job);
  push(job);
  if (!held_)
    schedule_drain();
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
      drain();
    });
}

io_unit::hold::~hold() {
  unit_.held_ = was_held_;
  if (!was_held_ && unit_.count_ != 0)
    unit_.schedule_drain();
}

void io_unit::drain(std::size_t budget) {
  if (draining_)
    return;
  hold guard(*this);
  draining_ = true;
  for (; count_ != 0 && budget != 0; --budget) {
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
  draining_ = false;
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
  const bool found = count_ != 0;
  while (count_ != 0)
    caf::scheduler::abstract_coordinator::cleanup_and_release(pop());
  return found;
}

void io_unit::schedule_drain() {
  if (drain_scheduled_)
    return;
  drain_scheduled_ = true;
  boost::asio::post(context_, [this] {
    drain_scheduled_ = false;
    drain();
  });
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
