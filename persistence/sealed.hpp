#pragma once

#include "config/crypto/hmac.hpp"
#include "config/crypto/random.hpp"
#include "config/crypto/sealed_box.hpp"
#include "config/keyring.hpp"
#include "messages/ids.hpp"
#include "messages/push.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What must not be readable in the store. A text is kept twice where it must be found: as a keyed hash to
/// look it up by, and as a sealed box to read it back from.
///
/// Boxes are made with the active encryption key and opened with any key of the ring. Each is bound to its
/// table, column and row, so that a box copied to another row does not open. Hashes are made with the active
/// lookup key, which therefore never changes.
namespace weappd {

/// One thread at a time; every connection has its own.
class sealed_columns {
public:
  /// `random` must outlive it; the keys are copied.
  sealed_columns(const key_set& keys, crypto::random_source& random);

  /// The app is part of what is hashed: openids of different apps never meet.
  [[nodiscard]] keyed_hash hash(const app_key& app, const openid& who);
  [[nodiscard]] keyed_hash hash(const unionid& who);
  /// The scope is part of what is hashed.
  [[nodiscard]] keyed_hash hash(const duplicate_guard& guard);

  // The row is named by its primary key. Opening gives nothing when the box was changed or moved, or its key
  // is not in the ring any more.
  [[nodiscard]] std::string seal(const openid& who, const app_key& app, const keyed_hash& row) const;
  [[nodiscard]] std::string seal(const unionid& who, const keyed_hash& row) const;
  [[nodiscard]] std::string seal(const secret& session_key, user_id user, const app_key& app) const;
  [[nodiscard]] std::string seal(const phone_number& phone, user_id user) const;
  /// `packed` is page and fields (message_content.hpp).
  [[nodiscard]] std::string seal_content(std::string_view packed, message_id row) const;
  [[nodiscard]] std::string seal_answer(const secret& body, const keyed_hash& row) const;

  [[nodiscard]] std::optional<openid> open_openid(std::string_view box, const app_key& app,
                                                  const keyed_hash& row) const;
  [[nodiscard]] std::optional<unionid> open_unionid(std::string_view box, const keyed_hash& row) const;
  [[nodiscard]] std::optional<secret> open_session_key(std::string_view box, user_id user,
                                                       const app_key& app) const;
  [[nodiscard]] std::optional<phone_number> open_phone(std::string_view box, user_id user) const;
  [[nodiscard]] std::optional<std::string> open_content(std::string_view box, message_id row) const;
  [[nodiscard]] std::optional<secret> open_answer(std::string_view box, const keyed_hash& row) const;

private:
  crypto::hmac_sha256 openid_hash_;
  crypto::hmac_sha256 unionid_hash_;
  crypto::hmac_sha256 guard_hash_;
  crypto::sealed_box openids_;
  crypto::sealed_box unionids_;
  crypto::sealed_box session_keys_;
  crypto::sealed_box phones_;
  crypto::sealed_box contents_;
  crypto::sealed_box answers_;
};

} // namespace weappd
