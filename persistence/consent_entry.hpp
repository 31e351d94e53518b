#pragma once

#include "messages/outbox.hpp"
#include "messages/push.hpp"
#include "messages/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace weappd {

/// What messages do to a row of the ledger, added up.
struct credit_move {
  std::int32_t reserved = 0;
  std::int32_t used = 0; ///< never less than none

  credit_move& operator+=(const credit_move& other) {
    reserved += other.reserved;
    used += other.used;
    return *this;
  }
};

/// One row of the ledger of consents: a user and a template. What the rules of messages/outbox.hpp make of
/// it; knows no database.
struct consent_entry {
  consent_need need = consent_need::one_time;
  consent_answer last = consent_answer::reject; ///< never filter
  std::uint32_t client_count = 0;               ///< accepts that the client reported
  std::uint32_t platform_count = 0;             ///< the same, that the platform reported
  std::uint32_t used = 0;                       ///< never more than were given; of a one-time template
  std::uint32_t reserved = 0;
  std::optional<timestamp> event_at; ///< of the platform's newest event

  /// Accepts ever given; of a one-time template each is a credit.
  [[nodiscard]] std::uint32_t given() const;
  /// Sends that are left. None while the last answer was a reject or a ban.
  [[nodiscard]] std::uint32_t credits() const;
  /// Sends that the platform may still allow besides the one of a message that holds a credit, or holds none.
  /// A reject does not hide them here: nobody says that the platform forgets them.
  [[nodiscard]] std::uint32_t others(bool holds_credit) const;
  /// True if a message with this need may go out, as far as the ledger knows.
  [[nodiscard]] bool allows(consent_need wanted) const;
  [[nodiscard]] consent_balance balance(std::string template_name) const;

  /// A user's answer. False when it changes nothing.
  bool record(const record_consents::item& item, consent_source source, std::optional<timestamp> event);

  /// Only what was given can be used: the platform may have denied everything meanwhile.
  void apply(const credit_move& move);
  /// The platform says that there is no credit, or no acceptance. What came after the first `accepts` stays:
  /// it was given when the platform had been asked already.
  void deny(std::uint32_t accepts);
};

} // namespace weappd
