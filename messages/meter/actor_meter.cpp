#include "messages/meter/actor_meter.hpp"

#include <algorithm>

namespace weappd {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;
constexpr std::uint64_t longest_stride = 16; // so long an actor is not looked at when a burst is over
constexpr std::chrono::microseconds measured_every{100};

/// Only the actor writes here, so an addition needs no locked instruction.
template <class Number>
void add(std::atomic<Number>& to, std::uint64_t what) noexcept {
  to.store(static_cast<Number>(to.load(relaxed) + static_cast<Number>(what)), relaxed);
}

std::uint64_t as_count(std::chrono::nanoseconds time) noexcept {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
}

} // namespace

actor_meter::actor_meter(moment now) noexcept : wait_pace_(now), service_pace_(now), born_(now) {}

std::uint64_t actor_meter::pace::measured(std::uint64_t number, moment now) noexcept {
  const auto passed = number - number_;
  const auto wanted = passed * as_count(measured_every) / std::max<std::uint64_t>(as_count(now - at_), 1);
  stride_ = std::clamp<std::uint64_t>(wanted, 1, std::min(stride_ * 2, longest_stride));
  number_ = number;
  at_ = now;
  return passed;
}

/// At random, so that an actor whose messages come in turns is not seen at one of them alone.
std::uint64_t actor_meter::pace::next_in() noexcept {
  random_ ^= random_ << 13U;
  random_ ^= random_ >> 17U;
  random_ ^= random_ << 5U;
  return 1 + random_ % (2 * stride_ - 1);
}

// -- senders

/// Those who send keep to a number that was right a while ago; only who has reached it looks at what the
/// actor has done since.
bool actor_meter::look_for_room() noexcept {
  for (auto limit = mark_.limit.load();;) {
    const auto until = limit == no_limit ? no_limit : work_.taken.load(relaxed) + limit;
    senders_.room_until.store(until);
    if (const auto now = mark_.limit.load(); now != limit)
      limit = now; // it was changed meanwhile
    else
      return senders_.arrived.load(relaxed) < until;
  }
}

void actor_meter::limit(std::uint64_t messages) noexcept {
  mark_.limit.store(messages);
  senders_.room_until.store(0); // the next one looks
}

void actor_meter::mark(std::uint64_t number, moment now) noexcept {
  auto wanted = mark_.wanted_from.load(relaxed);
  if (number < wanted ||
      !mark_.wanted_from.compare_exchange_strong(wanted, no_limit, std::memory_order_acquire, relaxed))
    return; // somebody else's message has it
  mark_.at.store(now.count(), relaxed);
  mark_.number.store(number, std::memory_order_release);
}

// -- the actor

actor_meter::slice& actor_meter::slice_at(moment now) noexcept {
  const auto number = now / slice_length;
  auto& found = slices_[static_cast<std::size_t>(number) % slices_.size()];
  if (found.number.load(relaxed) == number)
    return found;
  found.number.store(-1, relaxed);
  found.busy.store(0, relaxed);
  for (auto* histogram : {&found.waits, &found.service})
    for (auto& one : *histogram)
      one.store(0, relaxed);
  found.number.store(number, std::memory_order_release);
  return found;
}

void actor_meter::count(counts& into, moment duration, std::uint64_t how_many) noexcept {
  add(into[bucket_of(duration)], how_many);
}

void actor_meter::note_wait(moment now) noexcept {
  const auto number = work_.taken.load(relaxed);
  count(slice_at(now).waits, now - moment(mark_.at.load(relaxed)), wait_pace_.measured(number, now));
  mark_.number.store(0, relaxed);
  mark_.wanted_from.store(senders_.arrived.load(relaxed) + wait_pace_.next_in(),
                          std::memory_order_release); // after the 0
}

void actor_meter::note_service(moment now) noexcept {
  const auto number = work_.taken.load(relaxed);
  const auto took = now - moment(work_.since.load(relaxed));
  const auto stands_for = service_pace_.measured(number, now);
  auto& into = slice_at(now);
  count(into.service, took, stands_for);
  add(into.busy, as_count(took) * stands_for);
  add(work_.busy, as_count(took) * stands_for);
  work_.since.store(idle, relaxed);
  work_.measured_from = number + service_pace_.next_in();
}

// -- everybody

meter_totals actor_meter::totals() const noexcept {
  return {.handled = work_.done.load(relaxed),
          .shed = senders_.shed.load(relaxed),
          .busy = std::chrono::nanoseconds(work_.busy.load(relaxed))};
}

actor_figures actor_meter::read(moment now) const noexcept {
  actor_figures figures;
  figures.totals = totals();
  const auto taken = work_.taken.load(relaxed);
  const auto arrived = senders_.arrived.load(relaxed);
  figures.queued = arrived > taken ? arrived - taken : 0;
  const bool at_work = taken > work_.done.load(relaxed);
  figures.in_flight = work_.waiting_for.load(relaxed) + (at_work ? 1 : 0);

  const auto current = now / slice_length;
  std::uint64_t busy = 0;
  for (const auto& one : slices_) {
    const auto number = one.number.load(std::memory_order_acquire);
    if (number < 0 || number > current || number + static_cast<std::int64_t>(slices_shown) <= current)
      continue;
    busy += static_cast<std::uint64_t>(one.busy.load(relaxed));
    for (std::size_t bucket = 0; bucket < duration_bucket_count; ++bucket) {
      figures.waits.add(bucket, one.waits[bucket].load(relaxed));
      figures.service.add(bucket, one.service[bucket].load(relaxed));
    }
  }
  const moment begin =
      std::max<moment>(born_, (current + 1 - static_cast<std::int64_t>(slices_shown)) * moment(slice_length));
  const auto span = std::max<moment>(now - begin, std::chrono::milliseconds(100));
  const auto in_ns = static_cast<double>(span.count());
  figures.handled_per_s = static_cast<double>(figures.service.count()) * 1e9 / in_ns;
  // Who is stuck shows it before it is done: the message in hand, and the mark that still waits.
  if (const auto since = work_.since.load(relaxed); since != idle && now.count() > since)
    busy += std::min(as_count(now - moment(since)), as_count(span));
  if (mark_.number.load(std::memory_order_acquire) != 0 && figures.queued != 0)
    figures.waits.add(bucket_of(now - moment(mark_.at.load(relaxed))), figures.queued);
  figures.busy = std::min(1.0, static_cast<double>(busy) / in_ns);
  return figures;
}

} // namespace weappd
