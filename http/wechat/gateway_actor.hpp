#pragma once

#include "config/options.hpp"
#include "http/client/breaker.hpp"
#include "http/client/http_client.hpp"
#include "http/wechat/send_endpoints.hpp"
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
/// login code is sent again only if it is certainly unused, a message to a user never. While the host is ill
/// (breaker.hpp) it answers wechat_unavailable at once (a send: `unreached`). When it ends, everybody who
/// waits gets wechat_unavailable (a send: `unknown`, for its request is with the client).
namespace weappd {

struct wechat_gateway_options {
  wechat_options wechat;
  std::map<std::string, app_options> apps; ///< by app_key
  std::shared_ptr<http_client> client;     ///< never null
  std::uint64_t jitter_seed = 0;           ///< for the pauses between tries; any number will do
  card_look look{};                        ///< of messages to users of mini programs
};

/// A call has ended. From the client's thread to the gateway.
struct wechat_call_ended {
  std::uint64_t key = 0;
  http_outcome outcome;
};

/// The call of a send has ended. From the client's thread to the gateway.
struct wechat_send_ended {
  std::uint64_t key = 0;
  http_outcome outcome;
};

/// A pause is over. From the gateway to itself.
struct tick_wechat_retry {
  std::uint64_t key = 0;
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::wechat_call_ended)
WEAPPD_MESSAGE(weappd::wechat_send_ended)
WEAPPD_MESSAGE(weappd::tick_wechat_retry)

namespace weappd {

/// The gateway as it sees itself.
using wechat_gateway_self =
    wechat_gateway_actor::extend<caf::reacts_to<wechat_call_ended>, caf::reacts_to<wechat_send_ended>,
                                 caf::reacts_to<tick_wechat_retry>>;

/// Who waits for a call, and how its outcome becomes an answer.
template <class Answer>
struct wechat_question {
  std::variant<Answer, wechat_trouble> (*judge)(const http_outcome&);
  caf::typed_response_promise<Answer> answer{};
};

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
  caf::result<templates_fetched> fetch(const fetch_templates& ask);
  caf::result<followers_listed> list(const list_followers& ask);
  caf::result<followers_described> describe(const describe_followers& ask);
  caf::result<send_result> send(const send_to_user& ask);
  void call_ended(std::uint64_t key, const http_outcome& outcome);
  void send_ended(std::uint64_t key, const http_outcome& outcome);
  void attempt(std::uint64_t key);
  [[nodiscard]] status_report status() const;
  /// Calls that are under way or wait for a connection.
  [[nodiscard]] std::size_t in_flight() const noexcept { return calls_.size() + sends_.size(); }

private:
  using any_question = std::variant<wechat_question<code_exchanged>, wechat_question<access_token_fetched>,
                                    wechat_question<templates_fetched>, wechat_question<followers_listed>,
                                    wechat_question<followers_described>>;
  struct open_call {
    http_call call;
    any_question asked;
    breaker::permit permit{};
    std::uint32_t busy_tries = 0;
    bool reconnected = false;
  };
  using call_map = std::unordered_map<std::uint64_t, open_call>;
  struct open_send {
    caf::typed_response_promise<send_result> answer;
    breaker::permit permit;
    breaker::time_point begun;
  };

  template <class Answer>
  caf::result<Answer> begin(http_call call, wechat_question<Answer> asked);
  void settle(call_map::iterator at, wechat_trouble trouble);
  caf::result<send_result> begin_send(http_call call);
  void note(breaker::permit of, const http_outcome& outcome);
  [[nodiscard]] bool full() const noexcept;
  [[nodiscard]] std::chrono::milliseconds pause(std::uint32_t tries);
  [[nodiscard]] const app_options* find_app(const app_key& key) const;

  wechat_gateway_self::pointer self_ = nullptr;
  wechat_gateway_options options_;
  breaker circuit_{breaker_options{}};
  call_map calls_; ///< with `sends_` at most max_connections + max_waiting
  std::unordered_map<std::uint64_t, open_send> sends_;
  std::uint64_t last_key_ = 0;
  std::minstd_rand jitter_;
};

wechat_gateway_self::behavior_type
wechat_gateway(wechat_gateway_self::stateful_pointer<wechat_gateway_state> self,
               wechat_gateway_options options);

/// For the wiring. Stop the client before the actor system goes, and not before the actor has ended.
wechat_gateway_actor spawn_wechat_gateway(caf::actor_system& system, wechat_gateway_options options);

} // namespace weappd
