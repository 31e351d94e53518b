#pragma once

#include "config/secret.hpp"
#include "http/json/object_reader.hpp"
#include "http/server/request_actor.hpp"

#include <functional>
#include <string>

/// Challenges as clients see them: http/challenge.md.
namespace weappd::http {

/// What a login brings, if it brings something: the challenge that it was given, and its solution.
struct challenge_answer {
  std::string challenge;
  secret solution;
};
/// Reads the members `challenge` and `solution`, both optional.
[[nodiscard]] challenge_answer read_challenge(json::object_reader& body);

/// Goes on with a login, at once or later, if its address need not solve a challenge or has solved one; else
/// answers challenge_required or challenge_unavailable with what is to be solved. `attempt`: what is tried,
/// by which the same login is known again.
void after_challenge(request_actor& self, challenge_answer given, secret attempt,
                     std::function<void()> go_on);

} // namespace weappd::http
