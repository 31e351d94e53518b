#pragma once

#include "messages/actors.hpp"

#include <caf/typed_event_based_actor.hpp>

/// Is this the secret of that hash?
namespace weappd {

/// Computes for tens of milliseconds for each check, on purpose, and must have a thread of its own in a
/// server (spawn it detached). One check after the other; service_desk bounds how many wait. Keeps nothing.
secret_checker_actor::behavior_type secret_checker(secret_checker_actor::pointer self);

} // namespace weappd
