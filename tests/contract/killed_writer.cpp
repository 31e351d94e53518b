#include "killed_writer.hpp"

#include "message_kit.hpp"
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
constexpr std::uint64_t messages_in_a_round = 16;

void say_line(const std::string& what, const std::string& id, std::uint32_t how_far) {
  const auto line = what + " " + id + " " + std::to_string(how_far) + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    ::_exit(1);
}

void say(const session_record& session) {
  say_line("session", to_string(session.id), session.generation);
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

void messages_of_a_round(caf::scoped_actor& self, const store_writer_actor& writer, user_id user) {
  const auto add = [&](std::uint64_t number) {
    return self->request(writer, caf::infinite, sample_message(user, user.value * 100 + number));
  };
  const auto give_up = [](const caf::error&) { ::_exit(1); };
  std::vector<message_id> ids;
  const auto say_all = [&ids](std::uint32_t how_far) {
    for (const auto id : ids)
      say_line("message", to_string(id), how_far);
  };
  std::vector<decltype(add(0))> answers;
  for (std::uint64_t number = 0; number < messages_in_a_round; ++number)
    answers.push_back(add(number));
  for (auto& answer : answers)
    answer.receive(
        [&](const message_accepted& added) {
          ids.push_back(added.id);
          say_line("message", to_string(added.id), 0);
        },
        give_up);
  self->request(writer, caf::infinite, lease_of(ids))
      .receive([&](const messages_leased&) { say_all(1); }, give_up);
  settle_messages ends;
  for (const auto id : ids) {
    ends.items.push_back(settled(id.value, message_state::sent));
    ends.items.back().lease = 1;
  }
  self->request(writer, caf::infinite, ends).receive([&](stored) { say_all(2); }, give_up);
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
  messages_of_a_round(self, writer, user);
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
