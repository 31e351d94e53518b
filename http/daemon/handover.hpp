#pragma once

#include "http/daemon/handover_channel.hpp"
#include "http/server/listening_sockets.hpp"
#include "http/server/socket_handle.hpp"
#include "messages/event_log.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// A running server gives its place to the next one (DESIGN: "One process after the other, and no client
/// notices"). On the Unix socket of http.handover_socket, `<` from the successor:
///
///     < weappd-handover 2
///     > listener http       with its sockets; one packet or several for each listener
///     > store 64769:1234    which one it has (store_lock.hpp)
///     > all
///     < go                  once nothing is left that could keep the successor from starting
///     > going 20000         it will have gone after so many milliseconds, at most
///     > clients public      with connections; as they become free
///     > gone                the store is closed
///
/// Until `go` the server serves as if nothing were; whatever happens to the successor is not its business.
/// After `listener` the end of the connection means what `gone` means: the kernel closes it with the process.
///
/// Version 1 has no `store`. It shuts the door at other words than its own, so a successor that gets no
/// answer knocks again with those. It is not let in as a successor: its programs know no store of ours, and
/// look only when the running server has gone.
namespace weappd {

using named_sockets = std::map<std::string, std::vector<http::socket_handle>>;

/// The door at which a successor knocks. A thread of its own waits there.
class successor_door {
public:
  /// Throws std::runtime_error if there can be no socket of that name, or something else has it. Nobody can
  /// knock yet. `time_to_leave`: how long this server may take to end, at most; a successor is told.
  successor_door(std::string path, std::chrono::milliseconds time_to_leave, event_log& events);
  ~successor_door();
  successor_door(const successor_door&) = delete;
  successor_door& operator=(const successor_door&) = delete;

  /// Takes the name, also from who had it before; if that fails the log says so, and there is no door.
  /// `sockets` outlive the door, `store` is what identity_of_store() says. `on_go` is called once on the
  /// door's thread, when a successor is ready to start and this server should end.
  void open(const std::map<std::string, http::listening_sockets>& sockets, std::string store,
            std::function<void()> on_go);
  /// Nobody is let in from now on. Whether there is a successor that said `go`. Once.
  bool close();

  /// Only with a successor. False if it is gone.
  bool hand_on(const std::string& server, std::vector<http::socket_handle> clients);
  void say_gone() { successor_.send("gone"); }

private:
  void wait_for_successor();
  /// Whether it said `go`.
  bool serve(handover_channel& visitor);

  const std::string path_;
  const std::chrono::milliseconds time_to_leave_;
  event_log& events_;
  http::socket_handle listening_;
  http::socket_handle waker_;
  const std::map<std::string, http::listening_sockets>* sockets_ = nullptr;
  std::string store_;
  std::function<void()> on_go_;
  handover_channel successor_; ///< of the thread, until it has been joined
  std::thread thread_;
  bool open_ = false;
};

/// The server that runs, seen by the one that is to follow it.
class predecessor {
public:
  /// Nothing if nobody is at that door. Throws std::runtime_error if somebody is and does not answer.
  static std::optional<predecessor> find(const std::string& path);

  /// Its listening sockets by listener.
  named_sockets& listeners() noexcept { return listeners_; }
  /// What identity_of_store() says there; empty: it did not tell.
  [[nodiscard]] const std::string& store() const noexcept { return store_; }
  /// Asks it to go and waits until its store is closed, for as long as it says, at least `patience`; gives
  /// its clients by server. Throws std::runtime_error if it has not gone by then.
  named_sockets follow(std::chrono::milliseconds patience);
  /// Some clients could not be received: this process may open too few descriptors.
  [[nodiscard]] bool incomplete() const noexcept { return incomplete_; }

private:
  explicit predecessor(handover_channel channel) : channel_(std::move(channel)) {}
  /// False if it hung up without a word.
  bool ask(std::string_view greeting);

  handover_channel channel_;
  named_sockets listeners_;
  std::string store_;
  bool incomplete_ = false;
};

} // namespace weappd
