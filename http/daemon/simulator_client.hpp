#pragma once

#include "http/client/http_client.hpp"
#include "simulator/server.hpp"

namespace weappd {

/// Calls the simulator of this process as if over the wire, without a socket: what the implementation
/// `simulated` of the WeChat gateway calls with. `done` is called before start() returns. Delays that the
/// simulator was told to make are not made; a reset is a connection that breaks off.
class simulator_client final : public http_client {
public:
  /// `simulator` outlives the client; it need not listen.
  explicit simulator_client(simulator::server& simulator) : simulator_(simulator) {}
  [[nodiscard]] bool start(http_call call, done_function done) override;

private:
  simulator::server& simulator_;
};

} // namespace weappd
