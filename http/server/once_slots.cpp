#include "http/server/once_slots.hpp"

#include "config/crypto/hmac.hpp"

#include <algorithm>
#include <string>

namespace weappd::http {
namespace {

std::string derived_from(const keyring& lookup) {
  const auto key = crypto::derive_key(lookup.active().bytes.reveal(), "idempotency");
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

/// With its size in front, so that two texts in a row can be cut in one way only.
void append_counted(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

std::string identity_of(const request_context& request) {
  if (request.target->allowed == access::open)
    return "address " + std::to_string(request.client.high) + ' ' + std::to_string(request.client.low);
  return request.service != nullptr ? "client " + request.service->id.value
                                    : "user " + to_string(request.who.user);
}

} // namespace

bool is_idempotency_key(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 255 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_final(int status) noexcept {
  switch (status) {
  case 400:
  case 401:
  case 403:
  case 413:
  case 429:
  case 503:
  case 504:
    return false;
  default:
    return true;
  }
}

duplicate_guard guard_of(const once_slot& slot, std::string_view part, timestamp now) {
  // No trigger's name has a colon.
  duplicate_guard guard{.scope = "once:" + std::string(part), .key = {}, .until = now + slot.keep};
  for (const auto& hash : {slot.name, slot.fingerprint})
    guard.key.append(reinterpret_cast<const char*>(hash.bytes.data()), hash.bytes.size());
  return guard;
}

once_slots::once_slots(const keyring& lookup, std::chrono::seconds keep)
    : key_(derived_from(lookup)), keep_(keep) {}

once_slot once_slots::slot_of(const request_context& request) const {
  crypto::hmac_sha256 mac(key_.reveal()); // its own: one belongs to one thread
  std::string name = "name ";
  append_counted(name, identity_of(request));
  append_counted(name, request.idempotency_key);
  std::string head = "request ";
  append_counted(head, to_string(request.target->verb));
  append_counted(head, request.target->name);
  append_counted(head, request.parameter);
  append_counted(head, request.query);
  return {.name = {mac(name)}, .fingerprint = {mac(head, request.body)}, .keep = keep_};
}

} // namespace weappd::http
