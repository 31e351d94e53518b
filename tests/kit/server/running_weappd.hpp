#pragma once

#include "tests/kit/server/mini_program.hpp"
#include "tests/kit/server/process.hpp"
#include "tests/kit/server/temporary_folder.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weappd::kit {

/// The real program as a child process, from its ready line on.
class running_weappd {
public:
  /// Starts `program` and waits for the line that says it is ready. Throws std::runtime_error with what it
  /// wrote to its standard error if that line does not come.
  running_weappd(const std::string& program, const process_start& start);

  [[nodiscard]] process& child() noexcept { return child_; }
  /// The whole line.
  [[nodiscard]] const std::string& ready_line() const noexcept { return ready_line_; }
  /// Where it serves; 0 if it does not (`simulate`).
  [[nodiscard]] std::uint16_t port() const { return port_behind(" http=127.0.0.1:"); }
  /// Where it serves https; 0 if it does not.
  [[nodiscard]] std::uint16_t tls_port() const { return port_behind(" https=127.0.0.1:"); }
  /// Where its metrics are; 0 without a listener of their own.
  [[nodiscard]] std::uint16_t metrics_port() const { return port_behind(" metrics=127.0.0.1:"); }
  /// Where operators are served; 0 if they are not.
  [[nodiscard]] std::uint16_t admin_port() const { return port_behind(" admin=127.0.0.1:"); }
  /// Where its simulator listens; 0 without one.
  [[nodiscard]] std::uint16_t simulator_port() const { return port_behind(" sim=127.0.0.1:"); }

private:
  [[nodiscard]] std::uint16_t port_behind(const std::string& words) const;

  process child_;
  std::string ready_line_;
};

/// The arguments of `weappd serve` on free ports with its store and log in `folder`; `more` comes behind
/// them.
std::vector<std::string> serve_in(const temporary_folder& folder, const std::vector<std::string>& more = {});

} // namespace weappd::kit
