#pragma once

#include "config/option_book.hpp"
#include "config/options.hpp"
#include "http/client/breaker.hpp"
#include "http/client/http_client.hpp"
#include "messages/actors.hpp"
#include "messages/challenges.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

/// The only actor that speaks to the CAPTCHA service. Options: challenge.captcha of config/options.hpp, which
/// may change while the server runs.
namespace weappd {

/// A call has ended. From the client's thread to the verifier.
struct siteverify_ended {
  std::uint64_t key = 0;
  http_outcome outcome;
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::siteverify_ended)

namespace weappd {

/// Calls on the wire at once, and calls that wait for a connection. One more is unclear at once.
inline constexpr std::uint32_t max_captcha_connections = 32;
inline constexpr std::uint32_t max_captcha_waiting = 1'024;
/// Calls without a judgement in a row after which the service is left alone for a while.
inline constexpr breaker_options captcha_breaker{.failures = 5, .open_for = std::chrono::seconds(2)};

/// The verifier as it sees itself.
using captcha_verifier_self = captcha_verifier_actor::extend<caf::reacts_to<siteverify_ended>>;

class captcha_verifier_state {
public:
  static inline const char* name = "captcha_verifier";

  captcha_verifier_state() = default;
  captcha_verifier_state(const captcha_verifier_state&) = delete;
  captcha_verifier_state& operator=(const captcha_verifier_state&) = delete;
  /// Nobody is left waiting, whatever ended the actor: unclear.
  ~captcha_verifier_state();

  void init(captcha_verifier_self::pointer self, const option_book<challenge_options>& rules,
            std::shared_ptr<http_client> client);
  caf::result<captcha_judgement> verify(const verify_captcha& asked);
  void ended(std::uint64_t key, const http_outcome& outcome);
  [[nodiscard]] status_report status() const;
  /// Calls that are under way or wait for a connection.
  [[nodiscard]] std::size_t in_flight() const noexcept { return calls_.size(); }

private:
  struct open_call {
    caf::typed_response_promise<captcha_judgement> answer;
    breaker::permit permit;
  };

  captcha_verifier_self::pointer self_ = nullptr;
  const option_book<challenge_options>* rules_ = nullptr;
  std::shared_ptr<http_client> client_;
  breaker circuit_{captcha_breaker};
  std::unordered_map<std::uint64_t, open_call> calls_; ///< as many as the client takes
  std::uint64_t last_key_ = 0;
};

/// It never blocks: calls run on the thread of the http_client, whose outcome comes back as a message. Each
/// call is made once. While the service does not judge (breaker.hpp) the judgement is unclear at once.
///
/// Status: degraded while it is left alone.
captcha_verifier_self::behavior_type
captcha_verifier(captcha_verifier_self::stateful_pointer<captcha_verifier_state> self,
                 const option_book<challenge_options>* rules, std::shared_ptr<http_client> client);

/// For the wiring; `rules` outlive the actor system. Stop the client before the actor system goes, and not
/// before the actor has ended.
captcha_verifier_actor spawn_captcha_verifier(caf::actor_system& system,
                                              const option_book<challenge_options>& rules,
                                              std::shared_ptr<http_client> client);

} // namespace weappd
