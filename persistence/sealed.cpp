#include "persistence/sealed.hpp"

#include <array>
#include <cstdint>

namespace weappd {
namespace {

std::string_view view(const keyed_hash& hash) {
  return {reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size()};
}

/// The keyed hash of one column: from a key of its own, so that equal texts of two columns look different.
crypto::hmac_sha256 hash_for(const keyring& lookup, std::string_view column) {
  const auto key = crypto::derive_key(lookup.active().bytes.reveal(), column);
  return crypto::hmac_sha256({reinterpret_cast<const char*>(key.data()), key.size()});
}

// The places of the boxes. Variable parts come last, or are of fixed length, so that no two rows share a
// place.
std::string openid_place(const app_key& app, const keyed_hash& row) {
  return "identities.sealed_openid/" + std::string(view(row)) + "/" + app.value;
}
std::string unionid_place(const keyed_hash& row) {
  return "unionids.sealed_unionid/" + std::string(view(row));
}
std::string session_key_place(user_id user, const app_key& app) {
  return "session_keys.sealed_session_key/" + to_string(user) + "/" + app.value;
}
std::string phone_place(user_id user) {
  return "users.sealed_phone/" + to_string(user);
}
std::string content_place(message_id row) {
  return "messages.sealed_content/" + to_string(row);
}
std::string answer_place(const keyed_hash& row) {
  return "kept_answers.sealed_body/" + std::string(view(row));
}

template <class Text>
std::optional<Text> as(std::optional<std::string> opened) {
  if (!opened)
    return std::nullopt;
  return Text(std::move(*opened));
}

} // namespace

sealed_columns::sealed_columns(const key_set& keys, crypto::random_source& random)
    : openid_hash_(hash_for(keys.lookup, "openid")), unionid_hash_(hash_for(keys.lookup, "unionid")),
      guard_hash_(hash_for(keys.lookup, "duplicate_guard")), openids_(keys.encryption, "openid", random),
      unionids_(keys.encryption, "unionid", random), session_keys_(keys.encryption, "session_key", random),
      phones_(keys.encryption, "phone", random), contents_(keys.encryption, "message_content", random),
      answers_(keys.encryption, "kept_answer", random) {}

keyed_hash sealed_columns::hash(const app_key& app, const openid& who) {
  // The zero byte ends the app key, which holds none: "a" + "bc" is not "ab" + "c".
  return {openid_hash_(app.value + '\0', who.reveal())};
}
keyed_hash sealed_columns::hash(const unionid& who) {
  return {unionid_hash_(who.reveal())};
}
keyed_hash sealed_columns::hash(const duplicate_guard& guard) {
  // The length of the scope comes first: "a" + "bc" is not "ab" + "c", whatever they hold.
  return {guard_hash_(std::to_string(guard.scope.size()) + ':' + guard.scope, guard.key)};
}

std::string sealed_columns::seal(const openid& who, const app_key& app, const keyed_hash& row) const {
  return openids_.seal(who.reveal(), openid_place(app, row));
}
std::string sealed_columns::seal(const unionid& who, const keyed_hash& row) const {
  return unionids_.seal(who.reveal(), unionid_place(row));
}
std::string sealed_columns::seal(const secret& session_key, user_id user, const app_key& app) const {
  return session_keys_.seal(session_key.reveal(), session_key_place(user, app));
}
std::string sealed_columns::seal(const phone_number& phone, user_id user) const {
  return phones_.seal(phone.reveal(), phone_place(user));
}
std::string sealed_columns::seal_content(std::string_view packed, message_id row) const {
  return contents_.seal(packed, content_place(row));
}
std::string sealed_columns::seal_answer(const secret& body, const keyed_hash& row) const {
  return answers_.seal(body.reveal(), answer_place(row));
}

std::optional<openid> sealed_columns::open_openid(std::string_view box, const app_key& app,
                                                  const keyed_hash& row) const {
  return as<openid>(openids_.open(box, openid_place(app, row)));
}
std::optional<unionid> sealed_columns::open_unionid(std::string_view box, const keyed_hash& row) const {
  return as<unionid>(unionids_.open(box, unionid_place(row)));
}
std::optional<secret> sealed_columns::open_session_key(std::string_view box, user_id user,
                                                       const app_key& app) const {
  return as<secret>(session_keys_.open(box, session_key_place(user, app)));
}
std::optional<phone_number> sealed_columns::open_phone(std::string_view box, user_id user) const {
  return as<phone_number>(phones_.open(box, phone_place(user)));
}
std::optional<std::string> sealed_columns::open_content(std::string_view box, message_id row) const {
  return contents_.open(box, content_place(row));
}
std::optional<secret> sealed_columns::open_answer(std::string_view box, const keyed_hash& row) const {
  return as<secret>(answers_.open(box, answer_place(row)));
}

} // namespace weappd
