#include "tests/kit/net/tcp_gate.hpp"

#include "tests/kit/net/socket.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

namespace weappd::kit {
namespace {

constexpr std::size_t buffer_size = 65536;

bool is_temporary(int error) {
  return error == EAGAIN || error == EINTR;
}

/// One direction of a connection: at most one buffer is under way.
struct stream {
  std::string held;
  std::size_t left = tcp_gate::unlimited; ///< bytes until the cut
  bool ended = false;                     ///< no more will come
  bool told = false;                      ///< and the receiver knows

  /// False when the connection is broken or cut.
  bool take(int from) {
    std::array<char, buffer_size> chunk;
    const auto got = recv(from, chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got < 0)
      return is_temporary(errno);
    ended = got == 0;
    held.assign(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }
  bool give(int to) {
    const auto size = std::min(held.size(), left);
    const auto sent = send(to, held.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0)
      return is_temporary(errno);
    held.erase(0, static_cast<std::size_t>(sent));
    if (left != tcp_gate::unlimited)
      left -= static_cast<std::size_t>(sent);
    return left != 0;
  }
  bool pass_end(int to) {
    if (ended && held.empty() && !told) {
      shutdown(to, SHUT_WR);
      told = true;
    }
    return true;
  }
  [[nodiscard]] short wants_in() const { return held.empty() && !ended ? POLLIN : 0; }
  [[nodiscard]] short wants_out() const { return held.empty() ? 0 : POLLOUT; }
};

struct pair {
  descriptor client;
  descriptor target;
  stream up{};
  stream down{};

  [[nodiscard]] bool finished() const { return up.told && down.told; }
  bool work(short client_events, short target_events) {
    constexpr short in = POLLIN | POLLHUP | POLLERR;
    if ((client_events & in) != 0 && up.wants_in() != 0 && !up.take(client.get()))
      return false;
    if ((target_events & in) != 0 && down.wants_in() != 0 && !down.take(target.get()))
      return false;
    if (!up.held.empty() && !up.give(target.get()))
      return false;
    if (!down.held.empty() && !down.give(client.get()))
      return false;
    return up.pass_end(target.get()) && down.pass_end(client.get()) && !finished();
  }
};

} // namespace

class tcp_gate::worker {
public:
  worker(tcp_gate& gate, std::uint16_t target)
      : gate_(gate), target_(target), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), listener_(listen_on(0)),
        port_(port_of(listener_)) {}

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  void wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_.get(), &one, sizeof one);
  }

  void run() {
    while (obey())
      step();
  }

private:
  /// Takes the newest wish; false to end.
  bool obey() {
    std::lock_guard guard(gate_.mutex_);
    if (gate_.stopping_)
      return false;
    if (gate_.granted_ != gate_.asked_) {
      wish_ = gate_.wish_;
      apply();
      gate_.granted_ = gate_.asked_;
      gate_.done_.notify_all();
    }
    return true;
  }

  void apply() {
    if (wish_.what == mode::refuse) {
      listener_.close();
      pairs_.clear();
    } else if (!listener_.is_open()) {
      listener_ = listen_on(port_);
    }
    if (wish_.what == mode::reset)
      for (auto& one : std::exchange(pairs_, {})) {
        one.client.reset();
        one.target.reset();
      }
  }

  void step() {
    const bool moves = wish_.what != mode::stall;
    std::vector<pollfd> watched{{wake_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
    for (const auto& one : pairs_) {
      // A negative descriptor is skipped by poll: a direction that waits for nothing must not spin.
      const auto client = static_cast<short>(moves ? one.up.wants_in() | one.down.wants_out() : 0);
      const auto target = static_cast<short>(moves ? one.down.wants_in() | one.up.wants_out() : 0);
      watched.push_back({client != 0 ? one.client.get() : -1, client, 0});
      watched.push_back({target != 0 ? one.target.get() : -1, target, 0});
    }
    if (poll(watched.data(), watched.size(), -1) < 0)
      return;
    std::uint64_t ignored;
    if (watched[0].revents != 0) [[maybe_unused]]
      const auto got = read(wake_.get(), &ignored, sizeof ignored);
    if (moves)
      work(watched);
    if (watched[1].revents != 0)
      accept_one();
  }

  void work(const std::vector<pollfd>& watched) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < pairs_.size(); ++i)
      if (pairs_[i].work(watched[2 + 2 * i].revents, watched[3 + 2 * i].revents))
        std::swap(pairs_[kept++], pairs_[i]);
    pairs_.resize(kept);
  }

  void accept_one() {
    descriptor client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!client.is_open())
      return;
    if (wish_.what == mode::reset)
      return client.reset();
    try {
      pair fresh{std::move(client), connect_to(target_, false)};
      fresh.up.left = wish_.to_target;
      fresh.down.left = wish_.to_client;
      if (fresh.up.left != 0 && fresh.down.left != 0)
        pairs_.push_back(std::move(fresh));
    } catch (const std::system_error&) {
      // Nobody listens behind the gate: the client is closed, which is what it would see.
    }
  }

  tcp_gate& gate_;
  std::uint16_t target_;
  descriptor wake_;
  descriptor listener_;
  std::uint16_t port_;
  wish wish_;
  std::vector<pair> pairs_;
};

tcp_gate::tcp_gate(std::uint16_t target) : worker_(std::make_unique<worker>(*this, target)) {
  port_ = worker_->port();
  thread_ = std::thread([this] { worker_->run(); });
}

tcp_gate::~tcp_gate() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  worker_->wake();
  thread_.join();
}

void tcp_gate::set(mode next) {
  ask({next, unlimited, unlimited});
}

void tcp_gate::cut_after(std::size_t to_target, std::size_t to_client) {
  ask({mode::pass, to_target, to_client});
}

void tcp_gate::ask(const wish& next) {
  std::unique_lock guard(mutex_);
  wish_ = next;
  const auto mine = ++asked_;
  worker_->wake();
  done_.wait(guard, [&] { return granted_ >= mine; });
}

} // namespace weappd::kit
