#include "tests/simulation/wechat_gateway.hpp"

#include "actors/sure_promise.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace weappd::simulation {
namespace {

using gateway_ptr = simulated_gateway_actor::stateful_pointer<simulated_gateway_state>;

void after_latency(gateway_ptr self, pretended_wechat& wechat, std::function<void()> what) {
  auto& state = self->state;
  state.due.emplace(++state.numbers, std::move(what));
  self->delayed_send(self, wechat.latency(), tick_call{state.numbers});
}

/// `there` happens at WeChat; `on_end` when the answer is here, or never, with the actor.
template <class Answer>
caf::result<Answer> call_wechat(gateway_ptr self, pretended_wechat& wechat,
                                std::function<caf::expected<Answer>()> there,
                                std::shared_ptr<void> under_way = nullptr) {
  const sure_promise promise(self->template make_response_promise<Answer>());
  after_latency(self, wechat, [=, &wechat, there = std::move(there)]() mutable {
    auto answer = there();
    after_latency(self, wechat, [promise, under_way = std::move(under_way), answer]() mutable {
      under_way.reset();
      if (answer)
        promise.deliver(*answer);
      else
        promise.deliver(answer.error());
    });
  });
  return promise.get();
}

} // namespace

simulated_gateway_actor::behavior_type simulated_gateway(gateway_ptr self, gateway_parts parts) {
  auto& wechat = parts.wechat;
  const auto now = [&wall = parts.wall] { return wall.now(); };
  return {
      [](get_status) { return status_report{.state = health::ok, .detail = "simulated"}; },
      [=, &wechat](const exchange_code& m) {
        return call_wechat<code_exchanged>(self, wechat, [=, &wechat] { return wechat.exchange(m); });
      },
      [=, &wechat, &fetches = parts.fetches, number_of = parts.number_of](const fetch_access_token& m) {
        const auto& asker = *caf::actor_cast<caf::abstract_actor*>(self->current_sender());
        const auto number = fetches.begins(number_of(asker));
        return call_wechat<access_token_fetched>(
            self, wechat, [=, &wechat] { return wechat.fetch(m, now()); },
            std::shared_ptr<void>(nullptr, [&fetches, number](void*) { fetches.ends(number); }));
      },
      [=, &wechat](const send_to_user& m) {
        return call_wechat<send_result>(
            self, wechat, [=, &wechat]() -> caf::expected<send_result> { return wechat.send(m, now()); });
      },
      [=, &wechat](const fetch_templates& m) {
        return call_wechat<templates_fetched>(self, wechat,
                                              [=, &wechat] { return wechat.templates(m, now()); });
      },
      [=, &wechat](const list_followers& m) {
        return call_wechat<followers_listed>(self, wechat, [=, &wechat] { return wechat.list(m, now()); });
      },
      [=, &wechat](const describe_followers& m) {
        return call_wechat<followers_described>(self, wechat,
                                                [=, &wechat] { return wechat.describe(m, now()); });
      },
      [self](tick_call tick) {
        if (auto found = self->state.due.extract(tick.number); !found.empty())
          found.mapped()();
      },
  };
}

} // namespace weappd::simulation
