#pragma once

#include <spdlog/sinks/base_sink.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

namespace weappd {

/// A spdlog sink whose callers never wait for the disk or for a slow reader of standard error: lines go into
/// a buffer, a thread of its own writes it out every tenth of a second, or sooner when much has come
/// together. The buffer is bounded: what does not fit is dropped and counted, and a line says how many.
class background_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  /// Writes to `descriptor`; closes it at the end if `owned`.
  background_sink(int descriptor, bool owned);
  ~background_sink() override;

private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  /// Has the buffer written soon; does not wait for it.
  void flush_() override;
  void write_lines();
  void write_all(const std::string& text) const;

  const int descriptor_;
  const bool owned_;
  std::mutex buffer_mutex_;
  std::condition_variable wake_;
  std::string buffer_;
  std::uint64_t dropped_ = 0;
  bool urgent_ = false;
  bool stopping_ = false;
  std::thread writer_;
};

} // namespace weappd
