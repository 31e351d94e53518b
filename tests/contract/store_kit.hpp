#pragma once

#include "config/crypto/random.hpp"
#include "config/keyring.hpp"
#include "config/options.hpp"
#include "messages/error.hpp"
#include "persistence/sqlite_store.hpp"
#include "persistence/store.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What tests of stores share: a folder that goes away, keys, rows to store, and one way to write and
/// compare.
namespace weappd {

/// A fresh folder under the system's temporary one; removed with everything in it.
class temp_folder {
public:
  temp_folder() {
    auto name = (std::filesystem::temp_directory_path() / "weappd-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("cannot make a temporary folder");
    path_ = name;
  }
  ~temp_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  temp_folder(const temp_folder&) = delete;
  temp_folder& operator=(const temp_folder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

inline crypto::random_source& test_random() {
  static crypto::system_random random;
  return random;
}

inline named_key key_of(std::string id, char fill) {
  return {std::move(id), secret(std::string(32, fill))};
}

/// Keys whose encryption ring holds `ids`, the first of them active; equal ids mean equal keys.
inline key_set test_keys(const std::vector<std::string>& ids = {"k1"}) {
  std::vector<named_key> encryption;
  for (const auto& id : ids)
    encryption.push_back(key_of(id, id.back()));
  return {.signing = keyring({key_of("s1", 's')}, "s1"),
          .encryption = keyring(std::move(encryption), ids.front()),
          .lookup = keyring({key_of("l1", 'l')}, "l1")};
}

inline store_options options_in(const std::filesystem::path& folder) {
  store_options options;
  options.path = (folder / "store.db").string();
  return options;
}

inline store_backend_ptr open_sqlite_in(const std::filesystem::path& folder,
                                        const key_set& keys = test_keys()) {
  auto opened = open_sqlite_store(options_in(folder), keys, test_random());
  if (!opened)
    throw std::runtime_error("cannot open the store: " + detail_of(opened.error()));
  return *opened;
}

/// ec::none for an answer.
template <class Answer>
ec code_of(const caf::expected<Answer>& outcome) {
  return outcome ? ec::none : code_of(outcome.error());
}

/// One operation in a batch of its own.
template <class What>
auto write(store_writer& writer, const What& what) -> decltype(writer.apply(what)) {
  if (auto failure = writer.begin())
    return failure;
  auto outcome = writer.apply(what);
  if (auto failure = writer.commit())
    return failure;
  return outcome;
}

constexpr timestamp at_ms(std::int64_t ms) {
  return timestamp(std::chrono::milliseconds(ms));
}

/// A moment with milliseconds that are not zero: 2026-11-21T08:30:00.123Z.
constexpr timestamp morning = at_ms(1'795'249'800'123);

inline resolve_identity first_login(std::string who, std::uint64_t candidate, timestamp at = morning) {
  return {.app = {"demo"}, .who = openid(std::move(who)), .union_id = {}, .candidate = {candidate}, .at = at};
}
inline resolve_identity first_login_across(std::string app, std::string who, std::string across,
                                           std::uint64_t candidate) {
  return {.app = {std::move(app)},
          .who = openid(std::move(who)),
          .union_id = unionid(std::move(across)),
          .candidate = {candidate},
          .at = morning};
}

template <class Bytes>
Bytes filled(std::uint8_t value) {
  Bytes out;
  out.bytes.fill(value);
  return out;
}

/// A session whose every field differs from every other one.
inline session_record sample_session(user_id user, std::uint8_t number, timestamp created = morning) {
  using namespace std::chrono_literals;
  return {.id = filled<session_id>(number),
          .user = user,
          .app = {"demo"},
          .device = {"phone " + std::to_string(number), "ios"},
          .created_at = created,
          .last_seen_at = created + 1ms,
          .refresh_expires_at = created + 720h,
          .refresh_hash = filled<keyed_hash>(static_cast<std::uint8_t>(number + 100)),
          .previous_refresh_hash = {},
          .refreshed_at = created + 2ms,
          .generation = 0};
}

inline void expect_same(const session_record& a, const session_record& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.user, b.user);
  EXPECT_EQ(a.app, b.app);
  EXPECT_EQ(a.device.name, b.device.name);
  EXPECT_EQ(a.device.platform, b.device.platform);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.last_seen_at, b.last_seen_at);
  EXPECT_EQ(a.refresh_expires_at, b.refresh_expires_at);
  EXPECT_EQ(a.refresh_hash, b.refresh_hash);
  EXPECT_EQ(a.previous_refresh_hash, b.previous_refresh_hash);
  EXPECT_EQ(a.refreshed_at, b.refreshed_at);
  EXPECT_EQ(a.generation, b.generation);
}

inline void expect_same(const user_record& a, const user_record& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.nickname, b.nickname);
  EXPECT_EQ(a.avatar_url, b.avatar_url);
  EXPECT_EQ(a.phone, b.phone);
  EXPECT_EQ(a.role, b.role);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.updated_at, b.updated_at);
  EXPECT_EQ(a.last_login_at, b.last_login_at);
}

inline std::vector<session_id> ids_of(const std::vector<session_record>& sessions) {
  std::vector<session_id> out;
  for (const auto& session : sessions)
    out.push_back(session.id);
  return out;
}

} // namespace weappd
