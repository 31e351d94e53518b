#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <cstddef>
#include <mutex>
#include <vector>

namespace weappd::http {

/// One io thread as CAF sees it: actors that become ready here run on the very thread that reads and writes
/// the sockets. No wake-up of another thread, no lock.
///
/// The thread works in rounds: it reads what has come on all sockets that are ready, then gives the actors
/// that became ready their turns, then writes what was answered. While much is to do, the code of one step is
/// executed for many requests in a row and stays in the processor's caches, an actor takes the messages of
/// many requests in one turn, and a client on this machine is woken once for many answers; with a single
/// request nothing is waited for.
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

  /// What a round ends with, e.g. writing what was answered in it.
  class round_end : public boost::intrusive_ref_counter<round_end> {
  public:
    virtual ~round_end() = default;
    virtual void at_round_end() = 0;
  };
  /// Between two sockets of a round: gives actors their turns now if so many are ready that their data would
  /// not stay in the processor's caches until the end of the round.
  void relieve() {
    if (count_ >= group_size)
      run_actors();
  }
  /// Once, after the actors that are ready have had their turns. On this thread only.
  void at_round_end(boost::intrusive_ptr<round_end> what);

  /// The body of the io thread: returns when the context is stopped.
  void run();

  /// After run() has returned: lets go of actors that were still waiting for their turn. False when there
  /// were none.
  bool release_leftovers();

private:
  // Measured with bench/run: 1 costs a quarter of the throughput, and so does 64 with many connections.
  static constexpr std::size_t group_size = 8;
  // Of actors before a round ends, and as many while it is read: the rest waits for the next one, so that
  // actors cannot starve the sockets.
  static constexpr std::size_t max_turns = 256;

  void schedule_round();
  void end_round();
  void run_actors();
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
  std::vector<boost::intrusive_ptr<round_end>> at_end_;
  std::vector<boost::intrusive_ptr<round_end>> ending_; ///< of the round that ends; kept for its memory
  std::size_t turns_left_ = max_turns;
  bool round_scheduled_ = false;

  std::mutex inbox_mutex_;
  std::vector<caf::resumable*> inbox_;
};

} // namespace weappd::http
