#include "http/daemon/store_lock.hpp"

#include "persistence/sqlite_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
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

} // namespace

store_lock::store_lock(const std::string& store_path, std::chrono::milliseconds patience) {
  const auto name = store_path + ".lock";
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
