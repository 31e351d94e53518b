#pragma once

#include "messages/error.hpp"
#include "messages/ids.hpp"
#include "messages/time.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <caf/error.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// What the SQLite writer and reader share: a connection that is set up right, and typed rows. Everything
/// here may throw SQLite::Exception or bad_row; `guarded` is where that ends.
namespace weappd {

enum class sqlite_mode : std::uint8_t { read_write, read_only };

/// Opens an existing file: WAL, every commit synced (synchronous=FULL), foreign keys enforced. Waits up to
/// `busy_timeout` for a lock. The file must be an SQLite database; one that cannot do WAL is refused.
SQLite::Database open_connection(const std::filesystem::path& file, sqlite_mode mode,
                                 std::chrono::milliseconds busy_timeout);

/// True between BEGIN and its end, also when SQLite itself rolled back after a failure.
bool in_transaction(const SQLite::Database& connection) noexcept;

/// A stored row that cannot be what we wrote. The text names table and column, never the content.
class bad_row : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The error for an exception: storage_unavailable, or internal_error where a constraint of the schema was
/// hit that the code should have respected.
caf::error to_error(const std::exception& failure);

/// Runs `body`, which returns a caf::expected or caf::error, and turns what it throws into that.
template <class Body>
auto guarded(Body&& body) noexcept -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const std::exception& failure) {
    return to_error(failure);
  }
}

/// Bytes that are bound as BLOB, not as TEXT.
struct blob_view {
  std::string_view bytes;
};
template <std::size_t Size>
blob_view as_blob(const std::array<std::uint8_t, Size>& bytes) {
  return {{reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
}

/// One use of a prepared statement: binds all parameters, steps, and resets the statement when it goes, so
/// that no statement keeps a read lock.
class sqlite_query {
public:
  template <class... Values>
  explicit sqlite_query(SQLite::Statement& statement, const Values&... values) : statement_(statement) {
    int index = 0;
    (bind(++index, values), ...);
  }
  ~sqlite_query() { statement_.tryReset(); }
  sqlite_query(const sqlite_query&) = delete;
  sqlite_query& operator=(const sqlite_query&) = delete;

  /// For statements without rows: the number of rows that were changed.
  int run() { return statement_.exec(); }
  /// True while there is a row.
  bool next() { return statement_.executeStep(); }

  [[nodiscard]] bool is_null(int column) const { return statement_.isColumnNull(column); }
  [[nodiscard]] std::int64_t number(int column) const { return statement_.getColumn(column).getInt64(); }
  [[nodiscard]] std::string text(int column) const { return statement_.getColumn(column).getString(); }
  [[nodiscard]] user_id user(int column) const { return {static_cast<std::uint64_t>(number(column))}; }
  [[nodiscard]] timestamp time(int column) const {
    return timestamp(std::chrono::milliseconds(number(column)));
  }
  [[nodiscard]] message_id message(int column) const { return {static_cast<std::uint64_t>(number(column))}; }
  [[nodiscard]] std::uint32_t small(int column) const { return static_cast<std::uint32_t>(number(column)); }
  [[nodiscard]] std::optional<timestamp> time_if(int column) const {
    return is_null(column) ? std::nullopt : std::optional(time(column));
  }
  /// A value of an enum that counts from 0 to `last`; bad_row otherwise.
  template <class Enum>
  [[nodiscard]] Enum one_of(int column, Enum last) const {
    const auto value = number(column);
    if (value < 0 || value > static_cast<std::int64_t>(last))
      refuse_value(column);
    return static_cast<Enum>(value);
  }
  /// A BLOB of exactly Size bytes; bad_row otherwise.
  template <std::size_t Size>
  [[nodiscard]] std::array<std::uint8_t, Size> bytes(int column) const {
    const auto value = statement_.getColumn(column);
    std::array<std::uint8_t, Size> out{};
    copy_exactly(value.getBlob(), static_cast<std::size_t>(value.getBytes()), out.data(), Size);
    return out;
  }

private:
  [[noreturn]] void refuse_value(int column) const;
  static void copy_exactly(const void* from, std::size_t size, std::uint8_t* to, std::size_t wanted);

  void bind(int index, std::int64_t value) { statement_.bind(index, value); }
  void bind(int index, std::uint32_t value) { statement_.bind(index, value); }
  void bind(int index, std::uint64_t value) { statement_.bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, user_id value) { statement_.bind(index, static_cast<std::int64_t>(value.value)); }
  void bind(int index, timestamp value) {
    statement_.bind(index, static_cast<std::int64_t>(value.time_since_epoch().count()));
  }
  void bind(int index, message_id value) { statement_.bind(index, static_cast<std::int64_t>(value.value)); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void bind(int index, Enum value) { statement_.bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, const std::optional<timestamp>& value) {
    if (value)
      bind(index, *value);
    else
      statement_.bind(index); // NULL
  }
  void bind(int index, const std::string& value) { statement_.bind(index, value); }
  void bind(int index, const app_key& value) { statement_.bind(index, value.value); }
  void bind(int index, const session_id& value) { bind(index, as_blob(value.bytes)); }
  void bind(int index, const keyed_hash& value) { bind(index, as_blob(value.bytes)); }
  void bind(int index, blob_view value) {
    statement_.bind(index, value.bytes.data(), static_cast<int>(value.bytes.size()));
  }
  void bind(int index, const std::optional<blob_view>& value) {
    if (value)
      bind(index, *value);
    else
      statement_.bind(index); // NULL
  }

  SQLite::Statement& statement_;
};

} // namespace weappd
