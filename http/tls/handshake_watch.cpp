#include "http/tls/handshake_watch.hpp"

#include <string>
#include <utility>

namespace weappd::http {
namespace {

constexpr auto pace = std::chrono::seconds(1);

} // namespace

handshake_watch::handshake_watch(prometheus::Registry& registry, event_log& events, const wall_clock& clock)
    : events_(events), clock_(clock), handshakes_(prometheus::BuildCounter()
                                                      .Name("weappd_tls_handshakes_total")
                                                      .Help("TLS handshakes by how they ended.")
                                                      .Register(registry)),
      full_(handshakes_.Add({{"outcome", "full"}})), resumed_(handshakes_.Add({{"outcome", "resumed"}})),
      failed_(handshakes_.Add({{"outcome", "failed"}})),
      timed_out_(handshakes_.Add({{"outcome", "timed_out"}})),
      abandoned_(handshakes_.Add({{"outcome", "abandoned"}})) {}

void handshake_watch::failed(std::string_view reason) {
  failed_.Increment();
  tell(reason);
}

void handshake_watch::timed_out() {
  timed_out_.Increment();
  tell("timed out");
}

void handshake_watch::tell(std::string_view reason) {
  std::uint64_t failures = 0;
  {
    const auto now = clock_.now();
    std::lock_guard guard(mutex_);
    ++untold_;
    if (told_ && now >= *told_ && now < *told_ + pace)
      return;
    told_ = now;
    failures = std::exchange(untold_, 0);
  }
  events_.write(event_level::warn, "tls.handshake_failed",
                {{"reason", std::string(reason)}, {"failures", std::to_string(failures)}});
}

} // namespace weappd::http
