#include "http/tls/ticket_keys.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace weappd::http {

ticket_key::~ticket_key() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(mac.data(), mac.size());
}

ticket_key ticket_keys::sealing(timestamp now) {
  std::lock_guard guard(mutex_);
  rotate_if_due(now);
  return current_->key;
}

std::optional<ticket_keys::opening_key> ticket_keys::opening(std::span<const std::uint8_t, 16> name,
                                                             timestamp now) {
  std::lock_guard guard(mutex_);
  rotate_if_due(now);
  if (std::ranges::equal(current_->key.name, name))
    return opening_key{current_->key, false};
  if (retired_ && std::ranges::equal(retired_->key.name, name))
    return opening_key{retired_->key, true};
  return std::nullopt;
}

void ticket_keys::rotate_if_due(timestamp now) {
  if (retired_ && !is_younger(*retired_, now, 2 * life_))
    retired_.reset();
  if (current_ && is_younger(*current_, now, life_))
    return;
  if (current_ && is_younger(*current_, now, 2 * life_))
    retired_ = current_;
  current_.emplace();
  current_->made = now;
  random_.fill(current_->key.name);
  random_.fill(current_->key.cipher);
  random_.fill(current_->key.mac);
}

/// A key from the future was made before somebody set the clock back: better too old than used for ever.
bool ticket_keys::is_younger(const dated_key& one, timestamp now, std::chrono::seconds age) const {
  return now >= one.made && now < one.made + age;
}

} // namespace weappd::http
