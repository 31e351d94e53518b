#pragma once

#include "simulator/exchange.hpp"
#include "simulator/state.hpp"

namespace weappd::simulator {

/// cgi-bin/message/subscribe/send: a mini program's message to a user who has agreed to its template. The
/// answer keeps the receiver busy until it has been written.
reply subscribe_send(state& state, const request& call);

/// cgi-bin/message/template/send: an official account's message to a follower.
reply template_send(state& state, const request& call);

/// wxaapi/newtmpl/gettemplate: the templates that an app has.
reply list_templates(state& state, const request& call);

} // namespace weappd::simulator
