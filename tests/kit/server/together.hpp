#pragma once

#include <cstddef>
#include <exception>
#include <latch>
#include <thread>
#include <utility>
#include <vector>

namespace weappd::kit {

/// Runs `act(0)` to `act(count - 1)`, each on a thread of its own, all let go at the same moment; gives their
/// results in that order. Throws what the first of them threw, after all have ended.
template <class F>
auto together(std::size_t count, F&& act) {
  using result = decltype(act(std::size_t{0}));
  std::vector<result> results(count);
  std::vector<std::exception_ptr> failures(count);
  std::latch ready(static_cast<std::ptrdiff_t>(count));
  {
    std::vector<std::jthread> threads;
    threads.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
      threads.emplace_back([&, i] {
        ready.arrive_and_wait();
        try {
          results[i] = act(i);
        } catch (...) {
          failures[i] = std::current_exception();
        }
      });
  }
  for (const auto& failure : failures)
    if (failure)
      std::rethrow_exception(failure);
  return results;
}

} // namespace weappd::kit
