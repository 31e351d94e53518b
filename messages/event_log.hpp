#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace weappd {

enum class event_level : std::uint8_t { debug, info, warn, error };

/// Where actors say what an operator should be able to read later: one line for each event. Handed in, so
/// that no actor knows how a line is written. Safe to use from several threads; it neither throws nor waits
/// for a disk.
class event_log {
public:
  using field = std::pair<std::string_view, std::string>;

  virtual ~event_log() = default;
  /// `event` is its name in snake_case with dots ("session.refresh_reused"). No field ever holds a secret, an
  /// openid or a phone number; user and session ids are allowed.
  virtual void write(event_level level, std::string_view event, std::initializer_list<field> fields) = 0;
};

} // namespace weappd
