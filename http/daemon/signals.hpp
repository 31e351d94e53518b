#pragma once

namespace weappd {

/// What the operator wants from a running process.
enum class wish { stop, reload };

/// Blocks SIGINT, SIGTERM and SIGHUP in the thread that makes it and in all threads that are started later,
/// so that they arrive in wait() and nowhere else. Ignores SIGPIPE: a client that went away is an error of
/// one write.
class process_signals {
public:
  process_signals();
  /// Returns with the next signal: SIGHUP is wish::reload, the others are wish::stop.
  wish wait() const;
  /// Does as an operator would who wants this process to stop. From any thread.
  static void ask_to_stop();
  /// From now on a further signal to stop ends the process at once, for the operator who does not want to
  /// wait.
  void exit_on_the_next() const;
};

} // namespace weappd
