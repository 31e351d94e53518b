#include "tests/kit/server/process.hpp"

#include "tests/kit/server/eventually.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace weappd::kit {
namespace {

using std::chrono::steady_clock;

void require(int error, const char* what) {
  if (error != 0)
    throw std::system_error(error, std::generic_category(), what);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts)
    pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& added) {
  std::vector<std::string> all;
  for (char** one = environ; *one != nullptr; ++one)
    all.emplace_back(*one);
  for (const auto& [name, value] : added)
    all.push_back(name + "=" + value);
  return all;
}

/// Where the child's standard streams and its folder come from.
class file_actions {
public:
  file_actions() { require(posix_spawn_file_actions_init(&actions_), "posix_spawn_file_actions_init"); }
  ~file_actions() { posix_spawn_file_actions_destroy(&actions_); }
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;

  void become(int from, int to) {
    require(posix_spawn_file_actions_adddup2(&actions_, from, to), "posix_spawn_file_actions_adddup2");
  }
  void enter(const std::string& folder) {
    require(posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str()),
            "posix_spawn_file_actions_addchdir");
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
  posix_spawn_file_actions_t actions_{};
};

} // namespace

process::process(const std::string& program, const process_start& start)
    : errors_(memfd_create("errors", MFD_CLOEXEC)) {
  std::array<int, 2> ends{};
  if (!errors_.is_open() || pipe2(ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "the streams of a process");
  output_ = descriptor(ends[0]);
  const descriptor written(ends[1]);

  std::vector<std::string> words{program};
  words.insert(words.end(), start.arguments.begin(), start.arguments.end());
  auto environment = environment_with(start.environment);
  file_actions actions;
  actions.become(written.get(), STDOUT_FILENO);
  actions.become(errors_.get(), STDERR_FILENO);
  if (start.third_descriptor >= 0)
    actions.become(start.third_descriptor, 3); // behind the others, which may be 3 themselves
  if (!start.folder.empty())
    actions.enter(start.folder);
  require(posix_spawn(&id_, program.c_str(), actions.get(), nullptr, pointers_to(words).data(),
                      pointers_to(environment).data()),
          program.c_str());
}

process::~process() {
  if (!wait(milliseconds(0))) {
    signal(SIGKILL);
    wait();
  }
}

void process::signal(int number) const {
  if (!end_) // its id may be another process's by now
    kill(id_, number);
}

std::optional<process_end> process::wait(milliseconds patience) {
  const auto has_ended = [this] {
    int status = 0;
    if (waitpid(id_, &status, WNOHANG) != id_)
      return false;
    end_.emplace();
    if (WIFEXITED(status))
      end_->code = WEXITSTATUS(status);
    else
      end_->signal = WTERMSIG(status);
    return true;
  };
  if (!end_)
    eventually(has_ended, patience);
  return end_;
}

bool process::read_more(steady_clock::time_point until) {
  const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
  pollfd watched{output_.get(), POLLIN, 0};
  if (poll(&watched, 1, static_cast<int>(std::max(left, milliseconds(0)).count())) != 1)
    return false;
  std::array<char, 4096> chunk;
  const auto got = read(output_.get(), chunk.data(), chunk.size());
  if (got <= 0)
    return false;
  unread_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> process::read_line(milliseconds patience) {
  const auto until = steady_clock::now() + patience;
  std::size_t end;
  while ((end = unread_.find('\n')) == std::string::npos)
    if (!read_more(until))
      return std::nullopt;
  auto line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

std::string process::read_rest(milliseconds patience) {
  const auto until = steady_clock::now() + patience;
  while (read_more(until)) {
  }
  return std::exchange(unread_, {});
}

std::string process::errors() const {
  std::string text;
  std::array<char, 4096> chunk;
  for (ssize_t got;
       (got = pread(errors_.get(), chunk.data(), chunk.size(), static_cast<off_t>(text.size()))) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(got));
  return text;
}

} // namespace weappd::kit
