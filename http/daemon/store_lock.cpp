#include "http/daemon/store_lock.hpp"

#include "persistence/sqlite_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace weappd {
namespace {

constexpr auto lock_retry = std::chrono::milliseconds(10);

std::runtime_error store_trouble(const std::string& store, const std::string& what) {
  return std::runtime_error("the store " + store + ": " + what);
}
std::string lock_reason() {
  return std::generic_category().message(errno);
}

/// The same for all symbolic links to it.
std::string lock_of(const std::string& store_path) {
  namespace fs = std::filesystem;
  return fs::weakly_canonical(fs::absolute(store_path)).string() + ".lock";
}

} // namespace

void require_one_name(const std::string& store_path) {
  struct stat about {};
  if (::stat(store_path.c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_nlink > 1)
    throw std::runtime_error("store.path: '" + store_path + "' is one of " + std::to_string(about.st_nlink) +
                             " names of a file (hard links). The store's log goes by its name, so what was "
                             "written under another one would be lost: leave one name");
}

store_lock::store_lock(const std::string& store_path, std::chrono::milliseconds patience) {
  require_one_name(store_path);
  const auto name = lock_of(store_path);
  make_store_folder(name);
  file_ = http::socket_handle(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file_.is_open())
    throw store_trouble(store_path, "cannot open " + name + ": " + lock_reason());
  const auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      throw store_trouble(store_path, "cannot lock it: " + lock_reason());
    if (std::chrono::steady_clock::now() > end)
      throw store_trouble(store_path, "another server uses it");
    std::this_thread::sleep_for(lock_retry);
  }
}

std::string identity_of_store(const std::string& store_path) {
  struct stat about {};
  if (::stat(store_path.c_str(), &about) != 0)
    return {};
  return std::to_string(about.st_dev) + ":" + std::to_string(about.st_ino);
}

} // namespace weappd
