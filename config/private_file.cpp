#include "config/private_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weappd {
namespace {

/// An open file that closes itself.
class descriptor {
public:
  explicit descriptor(int number) : number_(number) {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

private:
  int number_;
};

std::string reason() {
  return std::generic_category().message(errno);
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos)
    return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Makes each folder of the path that is missing. What is wrong shows when the file is opened.
void make_folders(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    ::mkdir(path.substr(0, slash).c_str(), 0700);
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool sync_folder(const std::string& path) {
  const descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder && ::fsync(folder.get()) == 0;
}

private_text unreadable(std::string problem) {
  return {.text = {}, .problem = std::move(problem)};
}

/// `refused`: mode bits that the file may not have.
private_text read_regular_file(const std::string& path, std::size_t max_bytes, mode_t refused) {
  // Not blocking: a pipe in the place of the file must not stop the start.
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file)
    return unreadable("cannot be opened: " + reason());
  struct stat info {};
  if (::fstat(file.get(), &info) != 0)
    return unreadable("cannot be examined: " + reason());
  if (!S_ISREG(info.st_mode))
    return unreadable("is not a regular file");
  if ((info.st_mode & refused) != 0) {
    std::array<char, 8> mode{};
    std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(info.st_mode & 07777));
    return unreadable(std::string("is open to its group or to others (mode ") + mode.data() +
                      "); allowed: only its owner, chmod 600");
  }

  std::string text(max_bytes + 1, '\0'); // one more, to notice a file that is too long
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return unreadable("cannot be read: " + reason());
    if (got == 0)
      break;
    size += static_cast<std::size_t>(got);
  }
  secret whole(std::move(text)); // so that the memory is wiped on every way out
  if (size > max_bytes)
    return unreadable("is longer than " + std::to_string(max_bytes) + " bytes");
  return {.text = secret(whole.reveal().substr(0, size)), .problem = {}};
}

} // namespace

private_text read_private_file(const std::string& path, std::size_t max_bytes) {
  return read_regular_file(path, max_bytes, 077);
}

private_text read_open_file(const std::string& path, std::size_t max_bytes) {
  return read_regular_file(path, max_bytes, 0);
}

created_file create_private_file(const std::string& path, const secret& text, std::string_view unique) {
  const auto failed = [](std::string problem) {
    return created_file{.result = create_result::failed, .problem = std::move(problem)};
  };
  make_folders(path);
  const std::string draft = path + "." + std::string(unique);
  const descriptor file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file)
    return failed("cannot be created: " + reason());
  if (!write_all(file.get(), text.reveal()) || ::fsync(file.get()) != 0) {
    const auto why = reason();
    ::unlink(draft.c_str());
    return failed("cannot be written: " + why);
  }
  // link() and not rename(): it never replaces a file that another process has made in the meantime.
  const bool linked = ::link(draft.c_str(), path.c_str()) == 0;
  const int link_error = errno;
  ::unlink(draft.c_str());
  if (!linked && link_error == EEXIST)
    return {.result = create_result::exists_already, .problem = {}};
  if (!linked)
    return failed("cannot be created: " + std::generic_category().message(link_error));
  if (!sync_folder(path))
    return failed("cannot be made durable: " + reason());
  return {};
}

} // namespace weappd
