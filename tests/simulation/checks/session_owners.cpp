#include "tests/simulation/checks/session_owners.hpp"

namespace weappd::simulation {

void session_owners::woke(user_id user, std::uint64_t actor, std::uint64_t router) {
  for (const auto& [other, one] : awake_) {
    if (one.user != user)
      continue;
    if (dead_routers_.contains(one.router)) {
      had_orphan_.insert(user);
      found_.excuse(orphan);
    } else {
      found_.violation(name, "two actors have the sessions of user " + to_string(user));
    }
  }
  awake_.emplace(actor, awake{user, router});
}

void session_owners::ended(std::uint64_t actor) {
  awake_.erase(actor);
}

void session_owners::granted(const session_id& session, user_id user, const std::string& person,
                             const std::string& code) {
  if (const auto [known, is_new] = owner_.emplace(session, user); !is_new && known->second != user)
    found_.violation(name, "session " + to_string(session) + " was given to users " +
                               to_string(known->second) + " and " + to_string(user));
  if (const auto [known, is_new] = person_.emplace(person, user); !is_new && known->second != user)
    found_.violation(name, person + " is user " + to_string(known->second) + " and " + to_string(user));
  if (code.empty())
    return;
  if (const auto [known, is_new] = session_of_code_.emplace(code, session);
      !is_new && known->second != session)
    found_.violation(name, "code " + code + " gave two sessions");
}

bool session_owners::is_over(const std::string& code) const {
  const auto known = session_of_code_.find(code);
  return known != session_of_code_.end() && is_revoked(known->second);
}

void session_owners::served(const session_id& session, user_id answered, bool was_revoked) {
  const auto known = owner_.find(session);
  if (known == owner_.end() || known->second != answered)
    found_.violation(name,
                     "a token of session " + to_string(session) + " showed user " + to_string(answered));
  if (!was_revoked)
    return;
  if (had_orphan_.contains(answered))
    found_.excuse(orphan);
  else
    found_.violation(name, "session " + to_string(session) + " was ended and is served");
}

} // namespace weappd::simulation
