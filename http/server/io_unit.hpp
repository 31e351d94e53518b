#pragma once

#include <boost/asio/io_context.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <cstddef>
#include <mutex>
#include <vector>

namespace weappd::http {

/// One io thread as CAF sees it: actors that become ready here run on the very thread that reads and writes
/// the sockets, right after the handler that woke them. No wake-up of another thread, no lock.
///
/// Actors on this unit must never block.
class io_unit final : public caf::execution_unit {
public:
  /// `throughput`: how many messages one actor may take before the next one has its turn.
  io_unit(caf::actor_system* system, std::size_t throughput);

  /// The unit of the calling thread, or null.
  [[nodiscard]] static io_unit* current() noexcept { return current_; }

  boost::asio::io_context& context() noexcept { return context_; }

  /// CAF calls this when an actor becomes ready. `this` may be another thread's unit (an actor keeps the one
  /// on which it ran last), hence the check inside.
  void exec_later(caf::resumable* job) override;

  /// For every thread, also those that are not io threads.
  void exec_from_outside(caf::resumable* job);

  /// While one of these lives, ready actors are only queued; the outermost one has them run when it ends,
  /// unless drain() was called before.
  class hold {
  public:
    explicit hold(io_unit& unit) noexcept : unit_(unit), was_held_(unit.held_) { unit_.held_ = true; }
    ~hold();
    hold(const hold&) = delete;
    hold& operator=(const hold&) = delete;

  private:
    io_unit& unit_;
    bool was_held_;
  };

  /// Runs ready actors now, at most `budget` turns; the rest follow in a later handler, so that actors cannot
  /// starve the sockets. Does nothing when called by an actor that is having its turn: the loop around it
  /// goes on anyway, and a loop within each turn would let the stack grow with the number of ready actors.
  void drain(std::size_t budget = 256);

  /// The body of the io thread: returns when the context is stopped.
  void run();

  /// After run() has returned: lets go of actors that were still waiting for their turn. False when there
  /// were none.
  bool release_leftovers();

private:
  void schedule_drain();
  void take_inbox();
  void push(caf::resumable* job);
  caf::resumable* pop();

  static inline thread_local io_unit* current_ = nullptr;

  boost::asio::io_context context_{1};
  std::size_t throughput_;

  // A ring whose size is a power of two; it grows and never shrinks.
  std::vector<caf::resumable*> ring_ = std::vector<caf::resumable*>(1024);
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  bool held_ = false;
  bool draining_ = false; ///< drain() is on the stack
  bool drain_scheduled_ = false;

  std::mutex inbox_mutex_;
  std::vector<caf::resumable*> inbox_;
};

} // namespace weappd::http
