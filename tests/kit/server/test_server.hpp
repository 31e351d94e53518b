#pragma once

#include "config/crypto/random.hpp"
#include "http/daemon/daemon.hpp"
#include "simulator/server.hpp"
#include "tests/kit/net/tcp_gate.hpp"
#include "tests/kit/server/mini_program.hpp"
#include "tests/kit/server/service_client.hpp"
#include "tests/kit/server/temporary_folder.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace weappd::kit {

/// Options for a server in a test: free ports, a store in `folder`, limits that no test meets by accident,
/// and log lines in a file beside the store.
options test_options(const temporary_folder& folder);

/// The real server in this process and a simulator beside it, on free ports of the loopback. Like the real
/// WeChat, the simulator and what it remembers survive a restart of the server.
class test_server {
public:
  using change_function = std::function<void(options&)>;

  /// `change` gets the options before the start; `other` replaces actors or routes.
  explicit test_server(const change_function& change = {}, extension other = {});
  ~test_server();
  test_server(const test_server&) = delete;
  test_server& operator=(const test_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return daemon_->http_port(); }
  [[nodiscard]] daemon& server() { return *daemon_; }
  [[nodiscard]] const temporary_folder& folder() const { return folder_; }
  /// Everything that was logged so far; complete only after stop().
  [[nodiscard]] std::string log() const;

  /// Somebody's phone.
  [[nodiscard]] mini_program phone() const { return mini_program(port()); }
  [[nodiscard]] http_client http() const { return http_client(port()); }
  /// A program of the team that may send messages.
  [[nodiscard]] service_client service() const { return service_client(port()); }

  // WeChat:

  [[nodiscard]] std::uint16_t simulator_port() const { return simulator_->port(); }
  [[nodiscard]] simulator::server& simulator() { return *simulator_; }
  [[nodiscard]] wechat_control& wechat() { return *wechat_; }
  /// The network between the server and the simulator.
  [[nodiscard]] tcp_gate& network() { return *network_; }

  void stop();
  /// Stops, and starts again on the same store. `change` is for this start and those after it.
  void restart(const change_function& change = {});

  /// Asks an actor of the running server and waits for the answer, at most ten seconds.
  template <class Answer, class Handle, class Message>
  caf::expected<Answer> ask(const Handle& whom, Message message) {
    caf::expected<Answer> result{caf::sec::runtime_error};
    caf::scoped_actor self{daemon_->system()};
    self->request(whom, std::chrono::seconds(10), std::move(message))
        .receive([&](Answer& answer) { result = std::move(answer); },
                 [&](caf::error& error) { result = std::move(error); });
    return result;
  }

private:
  void start();

  temporary_folder folder_;
  crypto::system_random random_;
  options options_;
  extension extension_;
  std::optional<simulator::server> simulator_;
  std::optional<tcp_gate> network_;
  std::optional<wechat_control> wechat_;
  std::unique_ptr<daemon> daemon_;
};

} // namespace weappd::kit
