#include "http/daemon/background_sink.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace weappd {
namespace {

constexpr std::size_t max_buffer = 8 * 1024 * 1024;
constexpr std::size_t write_soon_at = 256 * 1024;
constexpr auto interval = std::chrono::milliseconds(100);

} // namespace

background_sink::background_sink(int descriptor, bool owned)
    : descriptor_(descriptor), owned_(owned), writer_([this] { write_lines(); }) {}

background_sink::~background_sink() {
  {
    std::lock_guard guard(buffer_mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  writer_.join();
  if (owned_)
    ::close(descriptor_);
}

void background_sink::sink_it_(const spdlog::details::log_msg& message) {
  bool wake = false;
  {
    std::lock_guard guard(buffer_mutex_);
    if (buffer_.size() + message.payload.size() > max_buffer) {
      ++dropped_;
      return;
    }
    const bool was_below = buffer_.size() < write_soon_at;
    buffer_.append(message.payload.data(), message.payload.size());
    buffer_ += '\n';
    wake = was_below && buffer_.size() >= write_soon_at;
  }
  if (wake)
    flush_();
}

void background_sink::flush_() {
  {
    std::lock_guard guard(buffer_mutex_);
    urgent_ = true;
  }
  wake_.notify_one();
}

void background_sink::write_lines() {
  std::string lines;
  std::unique_lock lock(buffer_mutex_);
  for (;;) {
    wake_.wait_for(lock, interval, [this] { return urgent_ || stopping_; });
    urgent_ = false;
    const bool last = stopping_;
    lines.swap(buffer_);
    const auto dropped = dropped_;
    dropped_ = 0;
    lock.unlock();
    if (dropped != 0)
      lines += R"({"level":"warn","event":"log.dropped","lines":)" + std::to_string(dropped) + "}\n";
    write_all(lines);
    lines.clear();
    if (last)
      return;
    lock.lock();
  }
}

void background_sink::write_all(const std::string& text) const {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto written = ::write(descriptor_, text.data() + done, text.size() - done);
    if (written < 0 && errno != EINTR)
      return; // nowhere to complain to
    if (written > 0)
      done += static_cast<std::size_t>(written);
  }
}

} // namespace weappd
