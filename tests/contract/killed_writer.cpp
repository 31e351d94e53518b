#include "killed_writer.hpp"

#include "persistence/store_actor.hpp"
#include "store_kinds.hpp"
#include "store_kit.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <vector>

#include <unistd.h>

namespace weappd {
namespace {

/// Far more than a test reads before it kills.
constexpr int most_rounds = 10'000;
constexpr int sessions_in_a_round = 16;

void say(const session_record& session) {
  const auto line = "session " + to_string(session.id) + " " + std::to_string(session.generation) + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    ::_exit(1);
}

/// Sends all at once, so that they share transactions; says each one when it is answered.
template <class MakeMessage>
void write_all(caf::scoped_actor& self, const store_writer_actor& writer,
               const std::vector<session_record>& sessions, MakeMessage make_message) {
  using answer = decltype(self->request(writer, caf::infinite, make_message(sessions.front())));
  std::vector<answer> answers;
  for (const auto& session : sessions)
    answers.push_back(self->request(writer, caf::infinite, make_message(session)));
  for (std::size_t i = 0; i < sessions.size(); ++i)
    answers[i].receive([&](stored) { say(sessions[i]); }, [](const caf::error&) { ::_exit(1); });
}

session_record random_session(user_id user) {
  auto session = sample_session(user, 1);
  test_random().fill(session.id.bytes);
  return session;
}

void one_round(caf::scoped_actor& self, const store_writer_actor& writer, user_id candidate) {
  user_id user;
  self->request(writer, caf::infinite, first_login("openid-" + to_string(candidate), candidate.value))
      .receive([&](identity_resolved answer) { user = answer.user; }, [](const caf::error&) { ::_exit(1); });
  std::vector<session_record> sessions;
  for (int i = 0; i < sessions_in_a_round; ++i)
    sessions.push_back(random_session(user));
  write_all(self, writer, sessions, [](const auto& session) {
    return add_session{session, secret("key"), {}};
  });
  for (auto& session : sessions)
    ++session.generation;
  write_all(self, writer, sessions, [](const auto& session) {
    return rotate_refresh_token{session, session.refresh_hash};
  });
}

} // namespace

int write_until_killed(const std::string& kind, const std::string& folder) {
  const auto store = store_kind_named(kind).open(folder);
  const auto newest = (*store->open_reader())->read(get_newest_user{});
  caf::actor_system_config config;
  caf::actor_system system(config);
  const auto writer = spawn_store_writer(system, store, {});
  {
    caf::scoped_actor self(system);
    for (int round = 1; round <= most_rounds; ++round)
      one_round(self, writer, {newest->user.value + static_cast<std::uint64_t>(round)});
  }
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  return 0;
}

} // namespace weappd
