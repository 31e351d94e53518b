#pragma once

#include "messages/meter/duration_buckets.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

/// What one actor has to do, and how long that takes. The actor and those who send to it count on the way;
/// anybody may read at any moment. Nothing is allocated, locked or waited for.
namespace weappd {

/// Of all the life of an actor; those of actors that follow each other in one place are added up.
struct meter_totals {
  std::uint64_t handled = 0; ///< messages, with answers to its own questions and its own timers
  std::uint64_t shed = 0;    ///< requests that it refused because it had too much to do
  std::chrono::nanoseconds busy{0};

  meter_totals& operator+=(const meter_totals& other) noexcept {
    handled += other.handled;
    shed += other.shed;
    busy += other.busy;
    return *this;
  }
};

/// Of one actor at one moment. What is said of durations and shares is of the last ten seconds.
struct actor_figures {
  std::uint64_t queued = 0;    ///< messages in its mailbox
  std::uint64_t in_flight = 0; ///< the message in hand, and what it has begun and waits for
  double handled_per_s = 0;
  double busy = 0;         ///< the share of the time in which it was at work: 0 to 1
  duration_counts waits;   ///< of messages in the mailbox
  duration_counts service; ///< of messages in hand
  meter_totals totals;
};

class actor_meter {
public:
  /// Of a clock that never jumps: that of the actors.
  using moment = std::chrono::nanoseconds;
  static constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

  explicit actor_meter(moment now) noexcept;

  // -- for those who send, on any thread

  /// Whether one more request may wait. Threads that ask at the same moment may go beyond by one each.
  [[nodiscard]] bool has_room() noexcept {
    return senders_.arrived.load(std::memory_order_relaxed) <
               senders_.room_until.load(std::memory_order_relaxed) ||
           look_for_room();
  }
  /// Messages that may wait from now on.
  void limit(std::uint64_t messages) noexcept;
  void shed() noexcept { senders_.shed.fetch_add(1, std::memory_order_relaxed); }
  /// A message goes into the mailbox. `now` is asked for the time of a message whose wait is measured.
  template <class Now>
  void arrive(const Now& now) noexcept {
    const auto number = senders_.arrived.fetch_add(1, std::memory_order_relaxed) + 1;
    if (number >= mark_.wanted_from.load(std::memory_order_relaxed)) [[unlikely]]
      mark(number, now());
  }

  // -- for the actor alone

  template <class Now>
  void begin(const Now& now) noexcept {
    const auto number = work_.taken.load(std::memory_order_relaxed) + 1;
    work_.taken.store(number, std::memory_order_relaxed);
    if (const auto marked = mark_.number.load(std::memory_order_acquire); marked != 0 && number >= marked)
        [[unlikely]]
      note_wait(now());
    if (number >= work_.measured_from) [[unlikely]]
      work_.since.store(now().count(), std::memory_order_relaxed);
  }
  /// The message in hand is done. `waiting_for`: what the actor has begun and waits for.
  template <class Now>
  void end(std::uint64_t waiting_for, const Now& now) noexcept {
    const auto number = work_.taken.load(std::memory_order_relaxed);
    work_.done.store(number, std::memory_order_relaxed);
    work_.waiting_for.store(waiting_for, std::memory_order_relaxed);
    if (number >= work_.measured_from) [[unlikely]]
      note_service(now());
  }
  /// The message in hand is put aside and will be begun again.
  void put_back() noexcept {
    const auto number = work_.taken.load(std::memory_order_relaxed) - 1;
    work_.taken.store(number, std::memory_order_relaxed);
    work_.done.store(number, std::memory_order_relaxed);
    work_.since.store(idle, std::memory_order_relaxed);
  }

  // -- for everybody

  [[nodiscard]] actor_figures read(moment now) const noexcept;
  [[nodiscard]] meter_totals totals() const noexcept;

private:
  static constexpr std::int64_t idle = std::numeric_limits<std::int64_t>::min();
  static constexpr std::chrono::seconds slice_length{2};
  static constexpr std::size_t slices_shown = 5;
  static constexpr std::size_t cache_line = 64;

  /// Which messages are measured: one about every 100 us, at random, but one of sixteen at least, each
  /// standing for all since the last one. An actor that is asked less often has every one measured.
  class pace {
  public:
    explicit pace(moment now) noexcept : at_(now) {}
    /// The message of this number was measured: how many it stands for.
    std::uint64_t measured(std::uint64_t number, moment now) noexcept;
    /// How many to let pass until the next one, itself included.
    std::uint64_t next_in() noexcept;

  private:
    std::uint64_t number_ = 0;
    moment at_;
    std::uint64_t stride_ = 1;
    std::uint32_t random_ = 0x9E3779B9U;
  };

  using counts = std::array<std::atomic<std::uint32_t>, duration_bucket_count>;
  struct slice {
    std::atomic<std::int64_t> number{-1}; ///< which two seconds since the clock began
    std::atomic<std::int64_t> busy{0};    ///< ns
    counts waits{};
    counts service{};
  };

  static void count(counts& into, moment duration, std::uint64_t how_many) noexcept;

  bool look_for_room() noexcept;
  void mark(std::uint64_t number, moment now) noexcept;
  void note_wait(moment now) noexcept;
  void note_service(moment now) noexcept;
  slice& slice_at(moment now) noexcept;

  // What senders write, what is hardly ever written, and what the actor writes are apart, so that no thread
  // waits for another's cache line.
  struct alignas(cache_line) {
    std::atomic<std::uint64_t> arrived{0};
    std::atomic<std::uint64_t> room_until{no_limit};
    std::atomic<std::uint64_t> shed{0};
  } senders_;
  struct alignas(cache_line) {
    std::atomic<std::uint64_t> wanted_from{1}; ///< the next message from here on gets the mark
    std::atomic<std::uint64_t> number{0};      ///< of the message that has it; 0: none
    std::atomic<std::int64_t> at{0};           ///< when that one arrived
    std::atomic<std::uint64_t> limit{no_limit};
  } mark_;
  struct alignas(cache_line) {
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> done{0};
    std::atomic<std::uint64_t> waiting_for{0};
    std::atomic<std::int64_t> since{idle}; ///< when the message in hand was begun, if it is measured
    std::atomic<std::int64_t> busy{0};     ///< ns in all
    std::uint64_t measured_from = 1;       ///< the next message from here on is measured
  } work_;
  pace wait_pace_;
  pace service_pace_;
  moment born_;
  std::array<slice, slices_shown + 2> slices_; ///< one that is written, one more that nobody reads meanwhile
};
using meter_ptr = std::shared_ptr<actor_meter>;

} // namespace weappd
