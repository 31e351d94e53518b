#pragma once

#include "tests/kit/net/socket.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weappd::kit {

/// What a child process gets besides its own name.
struct process_start {
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment; ///< added to ours
  std::string folder;                                           ///< its working directory; empty: ours
  int third_descriptor = -1; ///< becomes its descriptor 3; -1: nothing does
};

/// How a process ended: by itself with a code, or by a signal.
struct process_end {
  std::optional<int> code;
  std::optional<int> signal;
};

/// A child process. Its standard output can be read line by line; its standard error is kept. Killed at the
/// end if it still runs.
class process {
public:
  using milliseconds = std::chrono::milliseconds;

  /// Throws std::system_error if it cannot be started.
  process(const std::string& program, const process_start& start);
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  void signal(int number) const;
  /// How it ended; nothing if it did not in time.
  std::optional<process_end> wait(milliseconds patience = std::chrono::seconds(20));

  /// The next line of its standard output, without the end of the line; nothing if none came in time, or if
  /// there are no more.
  std::optional<std::string> read_line(milliseconds patience = std::chrono::seconds(20));
  /// The rest of its standard output, up to its end; what came until then if it did not end in time.
  std::string read_rest(milliseconds patience = std::chrono::seconds(20));
  /// Everything that it has written to its standard error so far.
  [[nodiscard]] std::string errors() const;

private:
  /// False at the end of the output, or when nothing came in time.
  bool read_more(std::chrono::steady_clock::time_point until);

  pid_t id_ = -1;
  descriptor output_;
  descriptor errors_;
  std::string unread_;
  std::optional<process_end> end_;
};

} // namespace weappd::kit
