#include "http/daemon/signals.hpp"

#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace weappd {
namespace {

constexpr std::initializer_list<int> stopping{SIGINT, SIGTERM};

sigset_t stopping_set() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : stopping)
    sigaddset(&set, signal);
  return set;
}

sigset_t watched_set() {
  auto set = stopping_set();
  sigaddset(&set, SIGHUP);
  return set;
}

} // namespace

process_signals::process_signals() {
  const auto set = watched_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ,
              SIG_IGN); // a file that may not grow is an error of that write, not the end of the server
}

wish process_signals::wait() const {
  const auto set = watched_set();
  int received = 0;
  sigwait(&set, &received);
  return received == SIGHUP ? wish::reload : wish::stop;
}

void process_signals::ask_to_stop() {
  ::kill(::getpid(), SIGTERM);
}

void process_signals::exit_on_the_next() const {
  for (int signal : stopping)
    std::signal(signal, SIG_DFL);
  const auto set = stopping_set();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace weappd
