#include "http/daemon/handover.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

namespace weappd {
namespace {

using std::chrono::steady_clock;
using outcome = handover_channel::outcome;

constexpr std::string_view greeting = "weappd-handover 2";
constexpr std::string_view greeting_of_before = "weappd-handover 1";
constexpr auto answer_patience = std::chrono::seconds(5);
// Between the sockets and `go` a successor does what it does at each start before it needs the store.
constexpr auto preparation_patience = std::chrono::seconds(60);
constexpr auto accept_retry = std::chrono::milliseconds(50);
constexpr std::string_view going = "going ";
constexpr std::string_view store_word = "store ";
constexpr int queue = 4; // of those who knock while somebody is being served; they give up by themselves

std::runtime_error socket_error(const std::string& path, const std::string& what) {
  return std::runtime_error("http.handover_socket '" + path + "': " + what);
}

std::runtime_error socket_error(const std::string& path) {
  return socket_error(path, std::generic_category().message(errno));
}

sockaddr_un address_for(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    throw socket_error(path, "the name is too long");
  path.copy(address.sun_path, path.size());
  return address;
}

http::socket_handle unix_socket(const std::string& path) {
  http::socket_handle made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!made.is_open())
    throw socket_error(path);
  return made;
}

/// A channel to who is at that door; not open if nobody is.
handover_channel connect_to_door(const std::string& path) {
  auto socket = unix_socket(path);
  const timeval limit{answer_patience.count(), 0}; // also of connect
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const auto address = address_for(path);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return handover_channel(std::move(socket));
  if (errno != ENOENT && errno != ECONNREFUSED)
    throw socket_error(path);
  return {};
}

/// Nothing that makes sense: none.
std::chrono::milliseconds milliseconds_in(std::string_view text) {
  std::uint32_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return std::chrono::milliseconds(count);
}

/// A door takes its name from what has it, and takes it away at the end: that must be a door, too.
void refuse_to_replace(const std::string& path) {
  const auto there = std::filesystem::symlink_status(path).type();
  if (there != std::filesystem::file_type::not_found && there != std::filesystem::file_type::socket)
    throw socket_error(path, "is there, and is not a socket");
}

/// The name under which a door is made before it takes its own; each process has one of its own.
std::string name_before(const std::string& path) {
  return path + "." + std::to_string(::getpid());
}

} // namespace

// Bound here, because what can fail shall fail while a predecessor still serves. Its name belongs to that one
// until open().
successor_door::successor_door(std::string path, std::chrono::milliseconds time_to_leave, event_log& events)
    : path_(std::move(path)), time_to_leave_(time_to_leave), events_(events), listening_(unix_socket(path_)),
      waker_(::eventfd(0, EFD_CLOEXEC)) {
  refuse_to_replace(path_);
  const auto name = name_before(path_);
  const auto address = address_for(name);
  ::unlink(name.c_str());
  if (::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(name.c_str(), S_IRUSR | S_IWUSR) != 0)
    throw socket_error(path_);
}

successor_door::~successor_door() {
  close();
}

void successor_door::open(const std::map<std::string, http::listening_sockets>& sockets, std::string store,
                          std::function<void()> on_go) {
  sockets_ = &sockets;
  store_ = std::move(store);
  on_go_ = std::move(on_go);
  if (::listen(listening_.get(), queue) != 0 || std::rename(name_before(path_).c_str(), path_.c_str()) != 0) {
    // Clients are served by now: a server that nobody can follow is better than none.
    events_.write(event_level::error, "handover.no_door",
                  {{"path", path_}, {"reason", std::generic_category().message(errno)}});
    return;
  }
  open_ = true;
  thread_ = std::thread([this] { wait_for_successor(); });
}

bool successor_door::close() {
  if (thread_.joinable()) {
    const std::uint64_t once = 1;
    if (::write(waker_.get(), &once, sizeof once) == sizeof once) // cannot fail: it counts to 2^64
      thread_.join();
  }
  // A successor gives the name to its own door; between the two a third one finds nobody there.
  if (listening_.is_open())
    ::unlink((open_ ? path_ : name_before(path_)).c_str());
  listening_ = {};
  return successor_.is_open();
}

bool successor_door::hand_on(const std::string& server, std::vector<http::socket_handle> clients) {
  return clients.empty() || successor_.send("clients " + server, clients);
}

void successor_door::wait_for_successor() {
  for (;;) {
    std::array<pollfd, 2> watched{pollfd{listening_.get(), POLLIN, 0}, pollfd{waker_.get(), POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), -1) < 0) {
      if (errno == EINTR)
        continue;
      return;
    }
    if (watched[1].revents != 0)
      return;
    handover_channel visitor(
        http::socket_handle(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
    if (!visitor.is_open()) // out of descriptors: asking again at once would only burn the processor
      std::this_thread::sleep_for(accept_retry);
    if (!visitor.is_open() || !serve(visitor))
      continue;
    successor_ = std::move(visitor);
    return on_go_();
  }
}

bool successor_door::serve(handover_channel& visitor) {
  const auto words = visitor.receive(steady_clock::now() + answer_patience, waker_.get()).words;
  if (words == greeting_of_before) // it would find out too late that it cannot open our store
    events_.write(event_level::warn, "handover.refused",
                  {{"reason", "the successor is of an older version, which does not know this store"}});
  if (words != greeting)
    return false;
  events_.write(event_level::info, "handover.asked", {});
  for (const auto& [name, sockets] : *sockets_)
    if (!visitor.send("listener " + name, sockets.all))
      return false;
  visitor.send(std::string(store_word) + store_);
  visitor.send("all");
  if (visitor.receive(steady_clock::now() + preparation_patience, waker_.get()).words == "go") {
    visitor.send(std::string(going) + std::to_string(time_to_leave_.count()));
    return true;
  }
  events_.write(event_level::warn, "handover.given_up", {});
  return false;
}

std::optional<predecessor> predecessor::find(const std::string& path) {
  for (const auto words : {greeting, greeting_of_before}) {
    predecessor found{connect_to_door(path)};
    if (!found.channel_.is_open())
      return std::nullopt;
    try {
      if (found.ask(words))
        return found;
    } catch (const std::runtime_error& error) {
      throw socket_error(path, error.what());
    }
  }
  throw socket_error(path, "the server that runs did not hand over its sockets");
}

bool predecessor::ask(std::string_view words) {
  constexpr std::string_view listener = "listener ";
  channel_.send(words);
  bool has_answered = false;
  for (const auto until = steady_clock::now() + answer_patience;;) {
    auto came = channel_.receive(until);
    if (came.what == outcome::ended && !has_answered)
      return false;
    if (came.what != outcome::came)
      throw std::runtime_error("the server that runs did not hand over its sockets");
    has_answered = true;
    if (!came.is_whole)
      throw std::runtime_error("not all sockets of the server that runs could be received");
    if (came.words == "all")
      return true;
    if (came.words.starts_with(store_word)) {
      store_ = came.words.substr(store_word.size());
      continue;
    }
    if (!came.words.starts_with(listener))
      throw std::runtime_error("the server that runs is of another kind");
    auto& known = listeners_[came.words.substr(listener.size())];
    for (auto& socket : came.sockets)
      known.push_back(std::move(socket));
  }
}

named_sockets predecessor::follow(std::chrono::milliseconds patience) {
  constexpr std::string_view clients = "clients ";
  named_sockets left;
  channel_.send("go");
  for (auto until = steady_clock::now() + patience;;) {
    auto came = channel_.receive(until);
    if (came.words.starts_with(going))
      until = std::max(until, steady_clock::now() + milliseconds_in(came.words.substr(going.size())));
    if (came.what == outcome::ended || came.words == "gone")
      return left;
    if (came.what != outcome::came)
      throw std::runtime_error("the server that ran before does not end");
    if (!came.words.starts_with(clients))
      continue;
    incomplete_ = incomplete_ || !came.is_whole;
    auto& those = left[came.words.substr(clients.size())];
    for (auto& socket : came.sockets)
      those.push_back(std::move(socket));
  }
}

} // namespace weappd
