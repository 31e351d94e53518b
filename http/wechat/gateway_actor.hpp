#pragma once

#include "config/options.hpp"
#include "http/client/breaker.hpp"
#include "http/client/http_client.hpp"
#include "http/wechat/verdict.hpp"
#include "messages/actors.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <variant>

/// The WeChat gateway: the only actor that speaks to WeChat. See messages/wechat.hpp for what it promises.
///
/// It never blocks: calls run on the thread of the http_client, whose outcome comes back as a message. A
/// login code is sent again only if it is certainly unused. While the host is ill (breaker.hpp) it answers
/// wechat_unavailable at once. When it ends, everybody who waits gets wechat_unavailable.
namespace weappd {

struct wechat_gateway_options {
  wechat_options wechat;
  std::map<std::string, app_options> apps; ///< by app_key
  std::shared_ptr<http_client> client;     ///< never null
  std::uint64_t jitter_seed = 0;           ///< for the pauses between tries; any number will do
};

/// A call has ended. From the client's thread to the gateway.
struct wechat_call_ended {
  std::uint64_t key = 0;
  http_outcome outcome;
};

/// A pause is over. From the gateway to itself.
struct tick_wechat_retry {
  std::uint64_t key = 0;
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::wechat_call_ended)
WEAPPD_MESSAGE(weappd::tick_wechat_retry)

namespace weappd {

/// The gateway as it sees itself.
using wechat_gateway_self =
    wechat_gateway_actor::extend<caf::reacts_to<wechat_call_ended>, caf::reacts_to<tick_wechat_retry>>;

class wechat_gateway_state {
public:
  static inline const char* name = "wechat_gateway";

  wechat_gateway_state() = default;
  wechat_gateway_state(const wechat_gateway_state&) = delete;
  wechat_gateway_state& operator=(const wechat_gateway_state&) = delete;
  /// Nobody is left waiting, whatever ended the actor.
  ~wechat_gateway_state();

  void init(wechat_gateway_self::pointer self, wechat_gateway_options options);

  caf::result<code_exchanged> exchange(const exchange_code& ask);
  caf::result<access_token_fetched> fetch(const fetch_access_token& ask);
  void call_ended(std::uint64_t key, const http_outcome& outcome);
  void attempt(std::uint64_t key);
  [[nodiscard]] status_report status() const;

private:
  using promise = std::variant<caf::typed_response_promise<code_exchanged>,
                               caf::typed_response_promise<access_token_fetched>>;
  struct open_call {
    http_call call;
    promise answer;
    breaker::permit permit{};
    std::uint32_t busy_tries = 0;
    bool reconnected = false;
  };
  using call_map = std::unordered_map<std::uint64_t, open_call>;

  template <class Answer>
  caf::result<Answer> begin(http_call call);
  void settle(call_map::iterator at, wechat_trouble trouble);
  [[nodiscard]] std::chrono::milliseconds pause(std::uint32_t tries);
  [[nodiscard]] const app_options* find_app(const app_key& key) const;

  wechat_gateway_self::pointer self_ = nullptr;
  wechat_gateway_options options_;
  breaker circuit_{breaker_options{}};
  call_map calls_; ///< at most max_connections + max_waiting
  std::uint64_t last_key_ = 0;
  std::minstd_rand jitter_;
};

wechat_gateway_self::behavior_type
wechat_gateway(wechat_gateway_self::stateful_pointer<wechat_gateway_state> self,
               wechat_gateway_options options);

/// For the wiring. Stop the client before the actor system goes, and not before the actor has ended.
wechat_gateway_actor spawn_wechat_gateway(caf::actor_system& system, wechat_gateway_options options);

} // namespace weappd
