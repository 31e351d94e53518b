// A million known users, 200,000 of them awake: what a server needs for them, and how fast they wake.
//
//     million_users [--users 1000000] [--awake 200000] [--folder DIR]
//
// The whole server runs in this process, which is small beside it: store, actors, listeners and the simulated
// gateway. Users are asked through their session router, as request actors ask; sockets are left out.
#include "config/crypto/random.hpp"
#include "config/load.hpp"
#include "http/daemon/daemon.hpp"
#include "messages/error.hpp"
#include "messages/session.hpp"
#include "persistence/sqlite_store.hpp"

#include <CLI/CLI.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

namespace weappd {
namespace {

using std::chrono::steady_clock;

struct wanted_figures {
  std::uint64_t users = 1'000'000;
  std::uint64_t awake = 200'000;
  std::filesystem::path folder = std::filesystem::temp_directory_path() / "weappd-million";
};

/// The one session of a user; no list of them is kept in this process.
session_id session_of(user_id user) {
  session_id id;
  for (std::size_t i = 0; i < 8; ++i)
    id.bytes[i] = id.bytes[8 + i] = static_cast<std::uint8_t>(user.value >> (8 * i));
  return id;
}

double seconds_since(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

/// The memory of this process that is in RAM.
double resident_mib() {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;)
    if (word == "VmRSS:") {
      double kib = 0;
      file >> kib;
      return kib / 1024;
    }
  throw std::runtime_error("/proc/self/status has no VmRSS");
}

template <class T>
T& checked(caf::expected<T>& result) {
  if (!result)
    throw std::runtime_error(detail_of(result.error()));
  return *result;
}
void check(const caf::error& error) {
  if (error)
    throw std::runtime_error(detail_of(error));
}

/// Puts users with one session each into the store.
void fill(const options& values, const key_set& keys, crypto::random_source& random, std::uint64_t users) {
  constexpr std::uint64_t batch = 4'096;
  auto store = open_sqlite_store(values.store, keys, random);
  auto writer = checked(store)->open_writer();
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  for (std::uint64_t i = 1; i <= users; ++i) {
    if (i % batch == 1)
      check(checked(writer)->begin());
    const user_id user{i};
    auto known = (*writer)->apply(
        resolve_identity{{"demo"}, openid("o-" + std::to_string(i)), std::nullopt, user, now});
    checked(known);
    session_record session{.id = session_of(user),
                           .user = user,
                           .app = {"demo"},
                           .device = {},
                           .created_at = now,
                           .last_seen_at = now,
                           .refresh_expires_at = now + std::chrono::hours(24),
                           .refresh_hash = {},
                           .refreshed_at = now};
    random.fill(session.refresh_hash.bytes);
    auto added = (*writer)->apply(add_session{session, secret("Y2FuYXJ5LWtleS0xMjM0NQ=="), {}});
    checked(added);
    if (i % batch == 0 || i == users)
      check((*writer)->commit());
  }
}

/// Asks users for their profiles, some at a time, and says when all have answered. Who is refused because too
/// many are falling asleep is asked again.
struct asker {
  directory* parts;
  std::uint64_t first, count, users;
  std::uint64_t asked = 0, answered = 0, refused = 0;

  /// In an order that has nothing to do with that of the store.
  [[nodiscard]] user_id at(std::uint64_t index) const {
    return {(first + index) * 0x9E3779B1ULL % users + 1};
  }
};

void ask_one(caf::event_based_actor* self, const std::shared_ptr<asker>& work, user_id user) {
  self->request(work->parts->router_of(user), caf::infinite, get_profile{{user, session_of(user)}})
      .then(
          [=](const profile&) {
            if (++work->answered == work->count)
              self->quit();
            else if (work->asked < work->count)
              ask_one(self, work, work->at(work->asked++));
          },
          [=](const caf::error& error) {
            if (code_of(error) != ec::overloaded)
              return self->quit(error);
            ++work->refused;
            ask_one(self, work, user);
          });
}

struct pace {
  double per_second;
  std::uint64_t refused;
};

pace ask(daemon& server, std::uint64_t first, std::uint64_t count, std::uint64_t users) {
  constexpr int window = 256;
  const auto work = std::make_shared<asker>(asker{&server.parts(), first, count, users});
  const auto begin = steady_clock::now();
  const auto runner = server.system().spawn([work](caf::event_based_actor* self) {
    for (int i = 0; i < window; ++i)
      ask_one(self, work, work->at(work->asked++));
  });
  caf::scoped_actor me{server.system()};
  me->wait_for(runner);
  if (work->answered != count)
    throw std::runtime_error("not all were answered");
  return {static_cast<double>(count) / seconds_since(begin), work->refused};
}

void measure(const wanted_figures& wanted) {
  auto values = demo_options();
  values.http.port = 0;
  values.simulator.port = 0;
  values.store.path = wanted.folder / "weappd.db";
  values.log.file = wanted.folder / "log";
  values.session.max_awake = static_cast<std::uint32_t>(wanted.awake);
  values.session.idle_s = 3'600;
  values.actors["wechat_gateway"].implementation = "simulated";
  crypto::system_random random;
  auto keys = load_keys(values, random);
  if (!keys.problems.empty())
    throw std::runtime_error(keys.problems.front().text);

  auto begin = steady_clock::now();
  fill(values, keys.keys, random, wanted.users);
  std::printf("%llu users put into the store in %.1f s: %.0f MiB of file\n",
              static_cast<unsigned long long>(wanted.users), seconds_since(begin),
              static_cast<double>(std::filesystem::file_size(values.store.path)) / 1048576);

  begin = steady_clock::now();
  daemon server(values, std::move(keys.keys), random, false);
  server.start();
  std::printf("ready in %.0f ms, %.0f MiB resident\n", 1'000 * seconds_since(begin), resident_mib());

  const auto tell = [](const char* what, const pace& of) {
    std::printf("%-46s %7.0f/s, %llu refused on the way; %.0f MiB resident\n", what, of.per_second,
                static_cast<unsigned long long>(of.refused), resident_mib());
  };
  tell("as many as may be awake, woken from the store", ask(server, 0, wanted.awake, wanted.users));
  tell("the same again", ask(server, 0, wanted.awake, wanted.users));
  tell("others, for whom those have to sleep", ask(server, wanted.awake, wanted.awake, wanted.users));
  tell("the others again", ask(server, wanted.awake, wanted.awake, wanted.users));
}

} // namespace
} // namespace weappd

int main(int argc, char** argv) {
  weappd::wanted_figures wanted;
  CLI::App program("A million users: memory, and how fast they wake");
  program.add_option("--users", wanted.users, "Known users");
  program.add_option("--awake", wanted.awake, "session.max_awake");
  program.add_option("--folder", wanted.folder, "Where the store is made; must be empty or not there");
  CLI11_PARSE(program, argc, argv);
  try {
    if (!std::filesystem::create_directories(wanted.folder) && !std::filesystem::is_empty(wanted.folder))
      throw std::runtime_error(wanted.folder.string() + " is not empty");
    weappd::measure(wanted);
    std::filesystem::remove_all(wanted.folder);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "million_users: %s\n", error.what());
    return 1;
  }
}
