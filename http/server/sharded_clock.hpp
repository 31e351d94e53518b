#pragma once

#include <caf/actor_clock.hpp>
#include <caf/detail/simple_actor_clock.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace weappd::http {

/// The timers of all actors. CAF's own clock wakes its thread at every actor's end, which would halve a
/// server that makes an actor for each request; here an actor without timers costs one atomic load when it
/// ends. The io threads call tick() about every ten milliseconds, so a timer fires up to that much late,
/// never early.
class sharded_clock final : public caf::actor_clock {
public:
  void set_ordinary_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                            std::uint64_t id) override;
  void set_multi_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                         std::uint64_t id) override;
  void set_request_timeout(time_point due, caf::abstract_actor* self, caf::message_id id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point due, caf::strong_actor_ptr receiver,
                        caf::mailbox_element_ptr content) override;
  void schedule_message(time_point due, caf::group target, caf::strong_actor_ptr sender,
                        caf::message content) override;
  void cancel_all() override;

  /// Fires what is due in the shards first, first + step, first + 2 * step, ...: each io thread has its own.
  void tick(std::size_t first, std::size_t step);

private:
  static constexpr std::size_t shard_count = 16;

  /// CAF's queue of timed events, opened so that due events can leave the lock before they are delivered and
  /// destroyed: an event may own the last reference to its actor, whose end calls cancel_timeouts() again.
  struct queue : caf::detail::simple_actor_clock {
    using events = std::vector<unique_delayed_event_ptr>;
    void take_due(time_point now, events& out);
    void deliver(delayed_event& one) { ship(one); }
  };
  struct shard {
    std::mutex mutex;
    std::atomic<std::size_t> size{0};
    queue timers;
  };

  template <class F>
  void with(std::size_t key, F&& use) {
    auto& s = shards_[key % shard_count];
    std::lock_guard guard(s.mutex);
    std::forward<F>(use)(s.timers);
    s.size.store(s.timers.schedule().size(), std::memory_order_release);
  }
  [[nodiscard]] bool has_timers(std::size_t key) const {
    return shards_[key % shard_count].size.load(std::memory_order_acquire) != 0;
  }
  queue::events take_due(std::size_t index, time_point now);

  std::array<shard, shard_count> shards_;
};

} // namespace weappd::http
