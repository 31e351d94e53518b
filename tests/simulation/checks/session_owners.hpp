#pragma once

#include "messages/ids.hpp"
#include "tests/simulation/checks/findings.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace weappd::simulation {

/// No session is known to two owners: one actor at a time has a user's sessions in hand, a session belongs to
/// one user, a person at WeChat is one user, a wx.login code gives one session, and a session that was ended
/// serves nobody any more.
///
/// Known, and excused: a router that dies leaves sessions behind that still wait for the store. They end by
/// themselves, but its successor may wake the same user before.
class session_owners {
public:
  static constexpr auto name = "session_owners";
  static constexpr auto orphan = "session outlived its router";

  explicit session_owners(findings& found) : found_(found) {}

  /// Actors and routers are named by numbers that are used once.
  void woke(user_id user, std::uint64_t actor, std::uint64_t router);
  void ended(std::uint64_t actor);
  void router_died(std::uint64_t router) { dead_routers_.insert(router); }

  void granted(const session_id& session, user_id user, const std::string& person, const std::string& code);
  /// The client was told that the session is over.
  void revoked(const session_id& session) { revoked_.insert(session); }
  [[nodiscard]] bool is_revoked(const session_id& session) const { return revoked_.contains(session); }
  /// What came of the code is over: its session was revoked.
  [[nodiscard]] bool is_over(const std::string& code) const;
  /// A question with a token of that session, or the code that began it, was answered; `was_revoked` when it
  /// was asked.
  void served(const session_id& session, user_id answered, bool was_revoked);

private:
  struct awake {
    user_id user;
    std::uint64_t router = 0;
  };

  findings& found_;
  std::map<std::uint64_t, awake> awake_;
  std::set<std::uint64_t> dead_routers_;
  std::set<user_id> had_orphan_;
  std::map<session_id, user_id> owner_;
  std::map<std::string, user_id> person_;
  std::map<std::string, session_id> session_of_code_;
  std::set<session_id> revoked_;
};

} // namespace weappd::simulation
