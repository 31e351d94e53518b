#pragma once

#include "http/server/io_unit.hpp"
#include "http/server/sharded_clock.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/detail/type_list.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace weappd::http {

/// CAF's scheduler on our io threads: `config.load<io_coordinator>()` before the actor system is made. The
/// number of threads is CAF's option scheduler.max-threads.
class io_coordinator final : public caf::scheduler::abstract_coordinator {
public:
  using super = caf::scheduler::abstract_coordinator;
  using super::super;

  /// CAF's module factory.
  static caf::actor_system::module* make(caf::actor_system& system, caf::detail::type_list<>);
  /// The coordinator of a system that was configured with this module.
  static io_coordinator& of(caf::actor_system& system);

  [[nodiscard]] std::vector<std::unique_ptr<io_unit>>& units() noexcept { return units_; }

  caf::actor_clock& clock() noexcept override { return clock_; }
  void enqueue(caf::resumable* job) override;
  void start() override;
  /// ~actor_system calls it when the last actor is gone. Joins the io threads.
  void stop() override;

private:
  void arm_tick(std::size_t index);

  sharded_clock clock_;
  std::atomic<std::size_t> next_{0};
  std::vector<std::unique_ptr<io_unit>> units_;
  std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_guards_;
  std::vector<std::unique_ptr<boost::asio::steady_timer>> ticks_;
  std::vector<std::thread> threads_;
};

/// A configuration for an actor system whose actors run on `threads` io threads.
void use_io_threads(caf::actor_system_config& config, std::size_t threads);

} // namespace weappd::http
