#pragma once

namespace weappd {

/// Blocks SIGINT and SIGTERM in the thread that makes it and in all threads that are started later, so that
/// they arrive in wait() and nowhere else. Ignores SIGPIPE: a client that went away is an error of one write.
class stop_signals {
public:
  stop_signals();
  /// Returns when the process shall stop.
  void wait() const;
  /// From now on a further signal ends the process at once, for the operator who does not want to wait.
  void exit_on_the_next() const;
};

} // namespace weappd
