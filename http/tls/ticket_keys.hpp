#pragma once

#include "config/crypto/random.hpp"
#include "messages/time.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

namespace weappd::http {

/// Seals one server's session tickets (RFC 5077 section 4): AES-256-CBC and HMAC-SHA256. Wiped when it goes.
struct ticket_key {
  std::array<std::uint8_t, 16> name{};
  std::array<std::uint8_t, 32> cipher{};
  std::array<std::uint8_t, 32> mac{};

  ticket_key() = default;
  ticket_key(const ticket_key&) = default;
  ticket_key& operator=(const ticket_key&) = default;
  ~ticket_key();
};

/// The keys in use. A key seals for one `life`, and opens for one more what it has sealed: a ticket is good
/// for one life too, so that none is lost by a rotation. Then the key is gone, and with it whatever somebody
/// kept of a conversation whose tickets it opened. Safe to use from several threads.
class ticket_keys {
public:
  /// `random` outlives it.
  ticket_keys(crypto::random_source& random, std::chrono::seconds life) : random_(random), life_(life) {}

  /// The key for a new ticket.
  [[nodiscard]] ticket_key sealing(timestamp now);

  struct opening_key {
    ticket_key key;
    bool retired = false; ///< the client shall have a new ticket
  };
  /// The key of that name; nothing if it is none of ours, or gone.
  [[nodiscard]] std::optional<opening_key> opening(std::span<const std::uint8_t, 16> name, timestamp now);

  [[nodiscard]] std::chrono::seconds life() const noexcept { return life_; }
  /// Unpredictable bytes, for the ticket's initialisation vector.
  void fill(std::span<std::uint8_t> out) { random_.fill(out); }

private:
  struct dated_key {
    ticket_key key;
    timestamp made;
  };
  void rotate_if_due(timestamp now);
  [[nodiscard]] bool is_younger(const dated_key& one, timestamp now, std::chrono::seconds age) const;

  crypto::random_source& random_;
  const std::chrono::seconds life_;
  std::mutex mutex_;
  std::optional<dated_key> current_;
  std::optional<dated_key> retired_;
};

} // namespace weappd::http
