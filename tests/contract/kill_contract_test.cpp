#include "killed_writer.hpp"
#include "store_contract.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <map>
#include <sstream>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace weappd;

/// Opens nothing by itself: after a kill, the first one to open the store finds it as the killed process left
/// it.
class kill_contract : public ::testing::TestWithParam<std::string> {
protected:
  temp_folder folder;
};

INSTANTIATE_TEST_SUITE_P(stores, kill_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

namespace {

/// This program again as a writer in a process of its own, with its standard output in a pipe.
class writer_process {
public:
  writer_process(std::string kind, std::string folder) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0)
      throw std::runtime_error("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addclose(&actions, ends[1]);
    std::string self = "/proc/self/exe";
    std::string flag = killed_writer_flag;
    std::array<char*, 5> arguments{self.data(), flag.data(), kind.data(), folder.data(), nullptr};
    const int failed = ::posix_spawn(&process_, self.c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ends[0];
    if (failed != 0)
      throw std::runtime_error("posix_spawn");
  }
  ~writer_process() {
    kill();
    ::close(output_);
  }
  writer_process(const writer_process&) = delete;
  writer_process& operator=(const writer_process&) = delete;

  /// Reads until there are `lines` more of them, or to the end.
  void read_lines(std::size_t lines) {
    std::array<char, 4096> some{};
    for (std::size_t seen = 0; seen < lines;) {
      const auto size = ::read(output_, some.data(), some.size());
      if (size <= 0)
        return;
      const std::string_view part(some.data(), static_cast<std::size_t>(size));
      seen += static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n'));
      text_ += part;
    }
  }
  /// True if it was still running.
  bool kill() {
    if (process_ <= 0)
      return false;
    ::kill(process_, SIGKILL);
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  }
  /// What it said so far, without a line that was cut.
  [[nodiscard]] std::string_view text() const {
    return std::string_view(text_).substr(0, text_.rfind('\n') + 1);
  }

private:
  pid_t process_ = -1;
  int output_ = -1;
  std::string text_;
};

/// What was answered: the highest generation of each session, and how far each message came.
std::map<std::string, std::uint32_t> answered(std::string_view text) {
  std::map<std::string, std::uint32_t> out;
  std::istringstream lines{std::string(text)};
  std::string word;
  std::string id;
  std::uint32_t generation = 0;
  while (lines >> word >> id >> generation)
    out[id] = std::max(out[id], generation);
  return out;
}

/// The same of what is stored.
std::map<std::string, std::uint32_t> stored_rows(store_reader& reader) {
  std::map<std::string, std::uint32_t> out;
  list_messages what;
  what.limit = 1'000'000;
  const auto messages = reader.read(what);
  EXPECT_EQ(code_of(messages), ec::none);
  if (messages) {
    EXPECT_EQ(messages->items.size(), messages->total);
    for (const auto& message : messages->items)
      out[to_string(message.draft.id)] = static_cast<std::uint32_t>(message.state); // queued, sending, sent
  }
  const auto newest = reader.read(get_newest_user{});
  for (std::uint64_t user = 1; newest && user <= newest->user.value; ++user)
    if (const auto loaded = reader.read(load_user{{user}}))
      for (const auto& session : loaded->sessions)
        out[to_string(session.id)] = session.generation;
  return out;
}

} // namespace

TEST_P(kill_contract, a_kill_during_writes_loses_nothing_that_was_answered) {
  std::map<std::string, std::uint32_t> promised;
  for (const std::size_t lines : {1u, 57u, 213u, 400u}) {
    writer_process process(GetParam(), folder.path().string());
    process.read_lines(lines);
    ASSERT_TRUE(process.kill()) << "the writer ended by itself: " << process.text();
    process.read_lines(std::string::npos); // what it had said before it died
    const auto more = answered(process.text());
    ASSERT_GE(more.size() * 3, lines);
    promised.insert(more.begin(), more.end());

    const auto again = store_kind_named(GetParam()).open(folder.path());
    const auto found = stored_rows(**again->open_reader());
    for (const auto& [id, generation] : promised) {
      const auto it = found.find(id);
      ASSERT_NE(it, found.end()) << "lost a session or message that was answered";
      EXPECT_GE(it->second, generation) << "lost a refresh, lease or end that was answered";
    }
  }
}
