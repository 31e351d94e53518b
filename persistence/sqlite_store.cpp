#include "persistence/sqlite_store.hpp"

#include "persistence/migrations.hpp"
#include "persistence/sealed.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_key_check.hpp"
#include "persistence/sqlite_reader.hpp"
#include "persistence/sqlite_writer.hpp"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace weappd {
namespace {

namespace fs = std::filesystem;

constexpr auto owner_only = fs::perms::owner_read | fs::perms::owner_write;

/// Makes the file with the right mode before SQLite sees it; SQLite gives the files beside it the same mode.
void prepare_file(const fs::path& file) {
  make_store_folder(file);
  // Only if it is not there: closing a second descriptor of a database in use would drop SQLite's locks
  // (POSIX).
  const int made = ::open(file.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
  if (made >= 0)
    ::close(made);
  else if (errno != EEXIST)
    throw std::system_error(errno, std::generic_category(), "cannot make " + file.string());
  else if ((fs::status(file).permissions() & ~owner_only) != fs::perms::none)
    fs::permissions(file, owner_only);
}

class sqlite_store final : public store_backend {
public:
  sqlite_store(const store_options& options, const key_set& keys, crypto::random_source& random)
      : file_(fs::absolute(options.path)), busy_timeout_(options.busy_timeout_ms), keys_(keys),
        random_(random) {}

  /// Once, before anything is opened. May throw.
  void prepare() const {
    prepare_file(file_);
    auto connection = open_connection(file_, sqlite_mode::read_write, busy_timeout_);
    examine(connection); // a start that is refused must leave the store to the program that it is of
    migrate(connection);
    check_keys(connection, keys_, random_);
  }

  caf::expected<std::unique_ptr<store_writer>> open_writer() const override {
    return guarded([&]() -> caf::expected<std::unique_ptr<store_writer>> {
      return {std::make_unique<sqlite_writer>(open_connection(file_, sqlite_mode::read_write, busy_timeout_),
                                              sealed_columns(keys_, random_))};
    });
  }

  caf::expected<std::unique_ptr<store_reader>> open_reader() const override {
    return guarded([&]() -> caf::expected<std::unique_ptr<store_reader>> {
      return {std::make_unique<sqlite_reader>(open_connection(file_, sqlite_mode::read_only, busy_timeout_),
                                              sealed_columns(keys_, random_))};
    });
  }

private:
  void examine(SQLite::Database& database) const {
    check_version(database);
    examine_keys(database, keys_, random_);
  }

  fs::path file_; ///< absolute: a later change of the working directory does not matter
  std::chrono::milliseconds busy_timeout_;
  key_set keys_;
  crypto::random_source& random_;
};

} // namespace

void make_store_folder(const fs::path& file) {
  const auto folder = fs::absolute(file).parent_path();
  if (fs::create_directories(folder))
    fs::permissions(folder, fs::perms::owner_all);
}

caf::expected<store_backend_ptr> open_sqlite_store(const store_options& options, const key_set& keys,
                                                   crypto::random_source& random) {
  return guarded([&]() -> caf::expected<store_backend_ptr> {
    if (options.path.empty())
      throw std::invalid_argument("store.path is empty");
    auto store = std::make_shared<sqlite_store>(options, keys, random);
    store->prepare();
    return store_backend_ptr(std::move(store));
  });
}

caf::error examine_sqlite_store(const store_options& options, const key_set& keys,
                                crypto::random_source& random) {
  return guarded([&]() -> caf::error {
    if (!fs::exists(options.path))
      return {};
    auto connection = open_connection(options.path, sqlite_mode::read_only,
                                      std::chrono::milliseconds(options.busy_timeout_ms));
    check_version(connection);
    examine_keys(connection, keys, random);
    return {};
  });
}

} // namespace weappd
