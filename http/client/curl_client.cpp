#include "http/client/curl_client.hpp"

#include "http/client/transfer.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace weappd {
namespace {

using steady = std::chrono::steady_clock;

// Never undone: other threads may use the library until the process ends.
void set_up_libcurl() {
  static const auto result = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (result != CURLE_OK)
    throw std::runtime_error("libcurl cannot be initialised");
}

struct curl_multi_deleter {
  void operator()(CURLM* handle) const noexcept { curl_multi_cleanup(handle); }
};

struct job {
  http_call call;
  http_client::done_function done;
  steady::time_point deadline;
};

} // namespace

/// What runs on the thread. Only enqueue() and end() may be called from others.
class curl_client::loop {
public:
  explicit loop(curl_options options) : options_(std::move(options)) {
    set_up_libcurl();
    multi_.reset(curl_multi_init());
    if (!multi_)
      throw std::runtime_error("libcurl cannot make a multi handle");
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options_.max_connections));
    curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(options_.max_connections));
  }

  bool enqueue(http_call call, done_function done) {
    const auto deadline = steady::now() + call.total_timeout;
    bool was_empty = false;
    {
      const std::lock_guard guard(mutex_);
      if (ending_ || waiting_.size() >= options_.max_waiting)
        return false;
      was_empty = waiting_.empty();
      waiting_.push_back({std::move(call), std::move(done), deadline});
    }
    if (was_empty) // else the thread has been woken already, or looks again when a call ends
      curl_multi_wakeup(multi_.get());
    return true;
  }

  void end() {
    {
      const std::lock_guard guard(mutex_);
      ending_ = true;
    }
    curl_multi_wakeup(multi_.get());
  }

  void run() {
    while (!ending()) {
      int running = 0;
      curl_multi_perform(multi_.get(), &running);
      finish_transfers();
      start_waiting();
      drop_overdue();
      wait();
    }
    stop_everything();
  }

private:
  // Waiting calls are looked at so often; this bounds how late their time-out is told.
  static constexpr std::chrono::milliseconds sweep{50};

  bool ending() {
    const std::lock_guard guard(mutex_);
    return ending_;
  }

  void wait() {
    constexpr int idle_ms = 60'000;
    bool anyone_waits = false;
    {
      const std::lock_guard guard(mutex_);
      anyone_waits = !waiting_.empty();
    }
    const int limit = anyone_waits ? static_cast<int>(sweep.count()) : idle_ms;
    if (curl_multi_poll(multi_.get(), nullptr, 0, limit, nullptr) != CURLM_OK)
      std::this_thread::sleep_for(sweep); // out of memory: do not spin
  }

  void finish_transfers() {
    int left = 0;
    while (auto* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      const auto result = message->data.result; // `message` is gone when its handle is removed
      transfer* ended = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &ended);
      curl_multi_remove_handle(multi_.get(), ended->handle());
      idle_.push_back(ended);
      ended->finish(result);
    }
  }

  void start_waiting() {
    while (!idle_.empty() || transfers_.size() < options_.max_connections) {
      job next;
      {
        const std::lock_guard guard(mutex_);
        if (waiting_.empty())
          return;
        next = std::move(waiting_.front());
        waiting_.pop_front();
      }
      start(std::move(next));
    }
  }

  void start(job next) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next.deadline - steady::now());
    if (left.count() <= 0)
      return next.done({.failure = http_failure::timeout_before_send});
    auto* free = free_transfer();
    if (!free)
      return next.done({.failure = http_failure::other});
    const bool ready = free->prepare(std::move(next.call), std::move(next.done), left);
    if (ready && curl_multi_add_handle(multi_.get(), free->handle()) == CURLM_OK)
      return;
    idle_.push_back(free);
    free->fail(http_failure::other);
  }

  /// Null if libcurl cannot make one more.
  transfer* free_transfer() {
    if (idle_.empty()) {
      try {
        transfers_.push_back(std::make_unique<transfer>(options_));
        idle_.push_back(transfers_.back().get());
      } catch (const std::exception&) {
        return nullptr;
      }
    }
    auto* out = idle_.back();
    idle_.pop_back();
    return out;
  }

  void drop_overdue() {
    const auto now = steady::now();
    if (now < next_sweep_)
      return;
    next_sweep_ = now + sweep;
    std::vector<job> overdue;
    {
      const std::lock_guard guard(mutex_);
      const auto late = std::stable_partition(waiting_.begin(), waiting_.end(),
                                              [now](const job& each) { return each.deadline > now; });
      std::move(late, waiting_.end(), std::back_inserter(overdue));
      waiting_.erase(late, waiting_.end());
    }
    for (auto& each : overdue)
      each.done({.failure = http_failure::timeout_before_send});
  }

  void stop_everything() {
    for (const auto& each : transfers_) {
      if (!each->busy())
        continue;
      curl_multi_remove_handle(multi_.get(), each->handle());
      each->fail(http_failure::stopped);
    }
    std::deque<job> left;
    {
      const std::lock_guard guard(mutex_);
      left.swap(waiting_);
    }
    for (auto& each : left)
      each.done({.failure = http_failure::stopped});
  }

  const curl_options options_;
  std::unique_ptr<CURLM, curl_multi_deleter> multi_;
  std::vector<std::unique_ptr<transfer>> transfers_; ///< at most max_connections
  std::vector<transfer*> idle_;                      ///< those without a call
  steady::time_point next_sweep_{};

  std::mutex mutex_;
  std::deque<job> waiting_; ///< guarded by `mutex_`, as is `ending_`
  bool ending_ = false;
};

curl_client::curl_client(curl_options options)
    : loop_(std::make_shared<loop>(std::move(options))), thread_([loop = loop_] { loop->run(); }) {}

curl_client::~curl_client() {
  stop();
}

bool curl_client::start(http_call call, done_function done) {
  return loop_->enqueue(std::move(call), std::move(done));
}

void curl_client::stop() {
  if (!thread_.joinable())
    return;
  loop_->end();
  // A thread cannot wait for itself. It ends soon, and keeps what it needs until then.
  if (thread_.get_id() == std::this_thread::get_id())
    thread_.detach();
  else
    thread_.join();
}

} // namespace weappd
