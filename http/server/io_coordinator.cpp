#include "http/server/io_coordinator.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>

#include <chrono>

namespace weappd::http {
namespace {

// Timers of ours are tens of milliseconds and more; a finer tick would only cost idle CPU.
constexpr auto tick_interval = std::chrono::milliseconds(10);
// How many messages an actor may take in one turn. CAF's default is no limit: an actor with a long mailbox
// would keep its io thread from the sockets.
constexpr std::size_t max_messages_per_turn = 64;

} // namespace

caf::actor_system::module* io_coordinator::make(caf::actor_system& system, caf::detail::type_list<>) {
  return new io_coordinator(system); // CAF takes ownership
}

io_coordinator& io_coordinator::of(caf::actor_system& system) {
  return dynamic_cast<io_coordinator&>(system.scheduler());
}

void io_coordinator::enqueue(caf::resumable* job) {
  if (auto* unit = io_unit::current())
    unit->exec_later(job);
  else
    units_[next_.fetch_add(1, std::memory_order_relaxed) % units_.size()]->exec_from_outside(job);
}

void io_coordinator::start() {
  for (std::size_t i = 0; i < num_workers_; ++i) {
    auto& unit = *units_.emplace_back(std::make_unique<io_unit>(&system_, max_throughput_));
    work_guards_.push_back(boost::asio::make_work_guard(unit.context()));
    ticks_.push_back(std::make_unique<boost::asio::steady_timer>(unit.context()));
    arm_tick(i);
  }
  for (auto& unit : units_)
    threads_.emplace_back([raw = unit.get()] { raw->run(); });
  super::start(); // CAF's utility actors
}

void io_coordinator::stop() {
  stop_actors();
  for (auto& unit : units_)
    boost::asio::post(unit->context(), [raw = unit.get()] { raw->context().stop(); });
  for (auto& thread : threads_)
    thread.join();
  clock_.cancel_all();
  // An actor that is let go may wake another one, on any unit.
  for (bool found = true; found;) {
    found = false;
    for (auto& unit : units_)
      found = unit->release_leftovers() || found;
  }
}

void io_coordinator::arm_tick(std::size_t index) {
  ticks_[index]->expires_after(tick_interval);
  ticks_[index]->async_wait([this, index](boost::system::error_code failed) {
    if (failed)
      return;
    clock_.tick(index, num_workers_);
    arm_tick(index);
  });
}

void use_io_threads(caf::actor_system_config& config, std::size_t threads) {
  config.set("scheduler.max-threads", threads);
  config.set("scheduler.max-throughput", max_messages_per_turn);
  config.load<io_coordinator>();
}

} // namespace weappd::http
