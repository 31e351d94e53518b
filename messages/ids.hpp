#pragma once

#include "config/secret.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// Types for everything that identifies something, so that no two of them can be mixed up.
namespace weappd {

/// A user of ours: a Snowflake (41 bits of milliseconds, 10 of worker, 12 of sequence), never 0.
/// On the wire a decimal string, because JavaScript numbers do not hold 64 bits.
struct user_id {
  std::uint64_t value = 0;
  friend auto operator<=>(user_id, user_id) = default;
};
std::string to_string(user_id id);
/// Nothing for anything but 1 to 20 digits without leading zero that fit 63 bits.
std::optional<user_id> parse_user_id(std::string_view text);

/// One login of one user on one device: 128 random bits, 32 lower-case hexadecimal digits on the wire.
struct session_id {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const session_id&, const session_id&) = default;
};
std::string to_string(const session_id& id);
std::optional<session_id> parse_session_id(std::string_view text);

/// A message to a user's phone: a Snowflake like a user's id, so that ids are in the order of their making.
struct message_id {
  std::uint64_t value = 0;
  friend auto operator<=>(message_id, message_id) = default;
};
std::string to_string(message_id id);
/// As parse_user_id.
std::optional<message_id> parse_message_id(std::string_view text);

/// The id of a service client in our configuration.
struct client_id {
  std::string value;
  friend auto operator<=>(const client_id&, const client_id&) = default;
};

/// The key of an app in our configuration ("demo"), not WeChat's AppID.
struct app_key {
  std::string value;
  friend auto operator<=>(const app_key&, const app_key&) = default;
};

/// WeChat's name for a user within one app, and across the apps of one company.
using openid = personal<struct openid_tag>;
using unionid = personal<struct unionid_tag>;
using phone_number = personal<struct phone_number_tag>;

/// HMAC-SHA256 of something that is looked up but must not be readable in the store.
struct keyed_hash {
  std::array<std::uint8_t, 32> bytes{};
  friend auto operator<=>(const keyed_hash&, const keyed_hash&) = default;
};

} // namespace weappd

template <>
struct std::hash<weappd::user_id> {
  // Snowflakes differ mostly in their upper bits, which a product carries only upwards: fold them back,
  // because shards are chosen by the lowest bits.
  std::size_t operator()(weappd::user_id id) const noexcept {
    const std::size_t mixed = id.value * 0x9E3779B97F4A7C15ULL;
    return mixed ^ mixed >> 32;
  }
};
template <>
struct std::hash<weappd::message_id> {
  std::size_t operator()(weappd::message_id id) const noexcept {
    return std::hash<weappd::user_id>{}({id.value});
  }
};
template <>
struct std::hash<weappd::session_id> {
  std::size_t operator()(const weappd::session_id& id) const noexcept;
};
template <>
struct std::hash<weappd::keyed_hash> {
  std::size_t operator()(const weappd::keyed_hash& value) const noexcept;
};
