#pragma once

#include "http/server/request_actor.hpp"
#include "messages/session.hpp"

#include <utility>

namespace weappd::http {

/// Goes on with `then_do` when the caller may still act: a user whose session is there and who is not locked
/// (only its actor knows), or a service client. For routes that ask no session anyway.
template <class F>
void with_live_caller(request_actor& self, F&& then_do) {
  if (self.context().service != nullptr)
    return then_do();
  self.ask(self.user(), get_profile{self.context().who},
           [go_on = std::forward<F>(then_do)](const profile&) { go_on(); });
}

} // namespace weappd::http
