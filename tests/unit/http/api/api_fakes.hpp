#pragma once

#include "tests/unit/http/api/api_world.hpp"

#include "messages/actors.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weappd::http::test {
/// Answer what you hold back.
struct release_held {};
} // namespace weappd::http::test
WEAPPD_MESSAGE(weappd::http::test::release_held)

/// The actors behind the API of an `api_world`: each does what its `fakes` say, and notes there what it was
/// asked.
namespace weappd::http::test {

using fakes_ptr = std::shared_ptr<fakes>;

using fake_pusher_actor = template_pusher_actor::extend<caf::reacts_to<release_held>>;
struct pusher_state {
  std::vector<std::pair<accept_message, caf::typed_response_promise<message_accepted>>> held;
};
fake_pusher_actor::behavior_type fake_pusher(fake_pusher_actor::stateful_pointer<pusher_state> self,
                                             fakes_ptr shared, std::string name);

using fake_desk_actor = once_desk_actor::extend<caf::reacts_to<release_held>>;
struct desk_state {
  std::vector<std::pair<once_slot, caf::typed_response_promise<once_verdict>>> held;
};
fake_desk_actor::behavior_type fake_desk(fake_desk_actor::stateful_pointer<desk_state> self,
                                         fakes_ptr shared);

store_reader_actor::behavior_type fake_reader(store_reader_actor::pointer, fakes_ptr shared);
store_writer_actor::behavior_type fake_writer(store_writer_actor::pointer, fakes_ptr shared);
session_router_actor::behavior_type fake_router(session_router_actor::pointer, fakes_ptr shared);
rate_limiter_actor::behavior_type fake_limiter(rate_limiter_actor::pointer, fakes_ptr shared);
service_desk_actor::behavior_type fake_service_desk(service_desk_actor::pointer, fakes_ptr shared);
token_refresher_actor::behavior_type fake_refresher(token_refresher_actor::pointer, fakes_ptr shared);
template_checker_actor::behavior_type fake_checker(template_checker_actor::pointer, fakes_ptr shared);
wechat_gateway_actor::behavior_type fake_wechat(wechat_gateway_actor::pointer, int);

} // namespace weappd::http::test
