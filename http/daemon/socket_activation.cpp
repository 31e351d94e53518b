#include "http/daemon/socket_activation.hpp"

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <system_error>

namespace weappd {
namespace {

constexpr int first_descriptor = 3;
// 256 io threads, and four listeners.
constexpr int most_descriptors = 1'024;

int number_in(const char* name, std::string_view text, int most) {
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc{} || end != text.data() + text.size() || number < 0 || number > most)
    throw std::runtime_error(std::string(name) + "='" + std::string(text) + "' is not a number of its kind");
  return number;
}

std::vector<std::string> split(std::string_view names) {
  std::vector<std::string> all;
  for (;;) {
    const auto end = names.find(':');
    all.emplace_back(names.substr(0, end));
    if (end == std::string_view::npos)
      return all;
    names.remove_prefix(end + 1);
  }
}

} // namespace

std::vector<std::string> activated_listeners(const activation_variables& given, pid_t self) {
  if (given.listen_pid == nullptr || given.listen_fds == nullptr)
    return {};
  constexpr int most_processes = 1 << 22;
  if (number_in("LISTEN_PID", given.listen_pid, most_processes) != self)
    return {};
  const auto count = static_cast<std::size_t>(number_in("LISTEN_FDS", given.listen_fds, most_descriptors));
  if (given.listen_fdnames == nullptr)
    return std::vector<std::string>(count, "http");
  auto names = split(given.listen_fdnames);
  if (count == 0 || names.size() != count)
    throw std::runtime_error("LISTEN_FDNAMES has not as many names as LISTEN_FDS says there are sockets");
  return names;
}

named_sockets inherited_sockets() {
  const auto names = activated_listeners({.listen_pid = std::getenv("LISTEN_PID"),
                                          .listen_fds = std::getenv("LISTEN_FDS"),
                                          .listen_fdnames = std::getenv("LISTEN_FDNAMES")},
                                         ::getpid());
  for (const auto* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    ::unsetenv(name);
  named_sockets sockets;
  for (std::size_t i = 0; i < names.size(); ++i)
    sockets[names[i]].emplace_back(first_descriptor + static_cast<int>(i));
  return sockets;
}

} // namespace weappd
