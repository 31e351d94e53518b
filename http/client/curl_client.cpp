#include "http/client/curl_client.hpp"

#include "http/client/socket_poller.hpp"
#include "http/client/transfer.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <iterator>
#include <mutex>
#include <optional>
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

/// What runs on the thread. Only enqueue() and end() may be called from others. libcurl is told of each
/// socket that is ready and of its timer; it looks at nothing else.
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
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &socket_poller::on_interest);
    curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, static_cast<void*>(&sockets_));
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &loop::on_timer);
    curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, static_cast<void*>(this));
  }

  bool enqueue(http_call call, done_function done) {
    const auto deadline = steady::now() + call.total_timeout;
    bool asleep = false;
    {
      const std::lock_guard guard(mutex_);
      if (ending_ || waiting_.size() >= options_.max_waiting)
        return false;
      waiting_.push_back({std::move(call), std::move(done), deadline});
      asleep = std::exchange(asleep_, false);
    }
    if (asleep)
      sockets_.wake();
    return true;
  }

  void end() {
    {
      const std::lock_guard guard(mutex_);
      ending_ = true;
    }
    sockets_.wake();
  }

  void run() {
    while (!ending()) {
      start_waiting();
      run_timers();
      finish_transfers(); // also what failed when it was begun
      drop_overdue();
      wait();
      run_timers();
      finish_transfers(); // so that what waits can be begun in their place
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
    sockets_.wait(time_to_sleep(), [this](curl_socket_t socket, int bits) {
      int running = 0;
      curl_multi_socket_action(multi_.get(), socket, bits, &running);
    });
    const std::lock_guard guard(mutex_);
    asleep_ = false;
  }

  std::chrono::milliseconds time_to_sleep() {
    using std::chrono::milliseconds;
    constexpr milliseconds idle{60'000};
    auto limit = idle;
    {
      const std::lock_guard guard(mutex_);
      if (!waiting_.empty())
        limit = room() > 0 ? milliseconds{0} : sweep;
      asleep_ = waiting_.empty(); // else the next to come changes nothing
    }
    if (timer_)
      limit = std::min(limit, std::chrono::ceil<milliseconds>(*timer_ - steady::now()));
    return std::max(limit, milliseconds{0});
  }

  /// libcurl has one timer: for the next time-out, or at once for what has just been added.
  static int on_timer(CURLM*, long timeout_ms, void* self) {
    auto& timer = static_cast<loop*>(self)->timer_;
    timer.reset();
    if (timeout_ms >= 0)
      timer = steady::now() + std::chrono::milliseconds(timeout_ms);
    return 0;
  }

  void run_timers() {
    if (!timer_ || *timer_ > steady::now())
      return;
    timer_.reset(); // libcurl sets the next one
    int running = 0;
    curl_multi_socket_action(multi_.get(), CURL_SOCKET_TIMEOUT, 0, &running);
  }

  [[nodiscard]] std::size_t room() const noexcept {
    return idle_.size() + options_.max_connections - transfers_.size();
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
    {
      const std::lock_guard guard(mutex_);
      const auto count = static_cast<std::ptrdiff_t>(std::min(room(), waiting_.size()));
      std::move(waiting_.begin(), waiting_.begin() + count, std::back_inserter(starting_));
      waiting_.erase(waiting_.begin(), waiting_.begin() + count);
    }
    for (auto& each : starting_)
      start(std::move(each));
    starting_.clear();
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
        transfers_.push_back(std::make_unique<transfer>(options_, sockets_));
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
      each->stop();
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
  socket_poller sockets_; // before `multi_`, whose end closes connections
  std::unique_ptr<CURLM, curl_multi_deleter> multi_;
  std::optional<steady::time_point> timer_;
  std::vector<std::unique_ptr<transfer>> transfers_; ///< at most max_connections
  std::vector<transfer*> idle_;                      ///< those without a call
  std::vector<job> starting_; ///< empty outside of start_waiting(), kept for its memory
  steady::time_point next_sweep_{};

  std::mutex mutex_;
  // Guarded by `mutex_`:
  std::deque<job> waiting_;
  bool asleep_ = false; ///< the thread waits and has to be woken for a new call
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
