#pragma once

#include "http/server/connection.hpp"
#include "http/server/envelope.hpp"
#include "http/server/once_slots.hpp"
#include "http/server/request_context.hpp"
#include "http/server/server_context.hpp"
#include "messages/bans.hpp"
#include "messages/challenges.hpp"
#include "messages/session.hpp"

#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd::http {

/// The connection has answered already (time was up): stop.
struct abandon {};
/// To itself: a limit let the request wait, and now it may run.
struct tick_admitted {};

} // namespace weappd::http
WEAPPD_MESSAGE(weappd::http::abandon)
WEAPPD_MESSAGE(weappd::http::tick_admitted)
namespace weappd::http {

using request_port = caf::typed_actor<caf::reacts_to<abandon>, caf::reacts_to<tick_admitted>>;

/// One request from its complete bytes to its one answer. It asks the rate limiter, once for each key that
/// some limit counts it by (with the default limits that is one), waits if it is told to, then runs the
/// handler of its route, which asks other actors and answers. It ends with its answer; whatever happens to
/// it, the client gets exactly one.
///
/// The filter looks at it between limits and handler: what a limit refuses costs no look, and what the filter
/// refuses is counted by the limits.
///
/// A POST with an Idempotency-Key asks the once desk before the handler runs. Its final answer is durable
/// before the client gets it; a request that ends in any other way gives its slot back. What was answered
/// once is told again to nobody whose session has ended, or who was locked, meanwhile.
///
/// Questions have no time-out of their own: the connection's sweep holds the one deadline of the request.
class request_actor final : public request_port::base {
public:
  request_actor(caf::actor_config& config, server_context& server, connection_ptr client,
                std::uint64_t sequence, request_context context);
  ~request_actor() override;
  const char* name() const override { return "request"; }
  behavior_type make_behavior() override;
  void on_exit() override;

  // What a handler may use:

  [[nodiscard]] request_context& context() noexcept { return context_; }
  [[nodiscard]] server_context& server() noexcept { return server_; }
  [[nodiscard]] directory& parts() noexcept { return *server_.parts; }
  /// Whom to ask about the caller.
  [[nodiscard]] session_router_actor user() {
    return parts().users.pick(std::hash<user_id>{}(context_.who.user));
  }

  /// Asks another actor; an error of the other side becomes the answer to the client.
  template <class Handle, class Message, class F>
  void ask(const Handle& whom, Message&& message, F&& then_do) {
    ask(whom, std::forward<Message>(message), std::forward<F>(then_do),
        [this](caf::error& error) { fail(error); });
  }
  /// The same for a handler that has its own thoughts about errors.
  template <class Handle, class Message, class F, class E>
  void ask(const Handle& whom, Message&& message, F&& then_do, E&& on_error) {
    if (!whom) { // between a death and a restart
      auto error = make_error(ec::overloaded);
      return on_error(error);
    }
    this->request(whom, caf::infinite, std::forward<Message>(message))
        .then(std::forward<F>(then_do), std::forward<E>(on_error));
  }

  /// Goes on with `then_do` when the caller may still act: a user whose session is there and who is not
  /// locked (only its actor knows). Service clients and callers of open routes have no session. For what asks
  /// no session anyway.
  template <class F>
  void with_live_caller(F&& then_do) {
    if (context_.service != nullptr || context_.target->allowed == access::open)
      return then_do();
    ask(user(), get_profile{context_.who},
        [go_on = std::forward<F>(then_do)](const profile&) mutable { go_on(); });
  }

  /// Answers; `write_data` gets a json::writer for the member `data`.
  template <class F>
  void succeed(int status, F&& write_data) {
    answer(success(status, context_.id.view(), std::forward<F>(write_data)));
  }
  void fail(ec code, const std::vector<json::problem>& details = {});
  void fail(const caf::error& error);
  /// Tells the challenge desk how a login has ended, if it was asked about it; once. fail() does so for a
  /// login whose code or secret was wrong.
  void note_login(bool succeeded);
  /// Something outside was waited for: that says nothing about how long this route takes.
  void was_held_up(std::chrono::nanoseconds time) noexcept { delay_ += time; }
  /// For answers without the envelope.
  void answer(http::response ready);

  /// The slot of a request with an Idempotency-Key: for a handler that lets its answer be kept in one
  /// transaction with its effect. Null: no key.
  [[nodiscard]] const once_slot* slot() const noexcept {
    return once_ == once_state::running ? &slot_ : nullptr;
  }
  /// Such a handler says so before it answers: the answer is there already.
  void answer_is_kept() noexcept { kept_by_handler_ = true; }
  /// For a handler whose answer is known only after its effect: the guard to be set in one transaction with
  /// it, of one `part` if there are several. A repetition that finds it answers without an effect. Nothing:
  /// no key.
  [[nodiscard]] std::optional<duplicate_guard> guard(timestamp now, std::string_view part = {}) const {
    return slot() != nullptr ? std::optional(guard_of(slot_, part, now)) : std::nullopt;
  }

private:
  /// Where a request with an Idempotency-Key stands.
  enum class once_state : std::uint8_t {
    free,    ///< no key, or the slot is not ours (any more)
    asking,  ///< the desk has our question
    running, ///< the slot is ours
    keeping, ///< the answer is being stored
  };

  void ask_next_limit();
  void took(const verdict& said);
  void report(offence_kind what);
  void admit();
  [[nodiscard]] bool is_refused_by_filter();
  void handle();
  void begin();
  void begun(const once_verdict& verdict);
  void replay(const kept_answer& kept);
  void run();
  void keep(http::response ready);
  void give_back_slot();
  [[nodiscard]] once_desk_actor once_desk() {
    return parts().once_desks.pick(std::hash<keyed_hash>{}(slot_.name));
  }
  void answer_once(http::response ready);
  void answer_unfinished();
  void let_go();

  server_context& server_;
  connection_ptr client_; ///< null once answered
  std::uint64_t sequence_;
  request_context context_;
  std::size_t limits_asked_ = 0;     ///< of those groups of policies that count this request
  verdict strictest_;                ///< of what they said so far
  std::chrono::nanoseconds delay_{}; ///< the longest that one of them wants, and was_held_up()
  std::string limit_fields_;         ///< RateLimit and RateLimit-Policy
  once_slot slot_;
  once_state once_ = once_state::free;
  bool kept_by_handler_ = false;
};

} // namespace weappd::http
