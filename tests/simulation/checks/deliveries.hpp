#pragma once

#include "messages/ids.hpp"
#include "messages/outbox.hpp"
#include "tests/simulation/checks/findings.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace weappd::simulation {

/// A message reaches a phone at most once for each time that it was asked for, unless an attempt's outcome
/// was unknown; and only if somebody asked for it and was not refused.
///
/// Known, and excused: where an outcome was unknown and WeChat has another consent of the user, which the
/// ledger did not know of when the repetition began.
class deliveries {
public:
  static constexpr auto name = "deliveries";
  static constexpr auto second_consent = "sent twice: WeChat knew of a consent more than the ledger";

  explicit deliveries(findings& found) : found_(found) {}

  /// What is known when a message reaches a phone.
  struct facts {
    consent_need need = consent_need::none;
    bool maybe_sent = false;  ///< an attempt before had an unknown outcome
    bool ledger_knew = false; ///< of another consent, since before this attempt began
  };

  void asked(message_id id) { ++rows_[id].asked; }
  /// The asker was told that it will not be sent.
  void refused(message_id id) { rows_[id].refused = true; }
  void delivered(message_id id, const facts& known) {
    auto& row = rows_[id];
    ++row.delivered;
    const auto text = "message " + to_string(id);
    if (row.asked == 0)
      return found_.violation(name, text + " was sent, and nobody asked for it");
    if (row.refused)
      return found_.violation(name, text + " was sent, and refused before");
    if (row.delivered <= row.asked)
      return;
    if (known.need == consent_need::one_time && known.maybe_sent && !known.ledger_knew)
      return found_.excuse(second_consent);
    found_.violation(name, text + " was sent " + std::to_string(row.delivered) + " times");
  }
  [[nodiscard]] std::uint64_t count(message_id id) const {
    const auto row = rows_.find(id);
    return row == rows_.end() ? 0 : row->second.delivered;
  }

private:
  struct row {
    std::uint64_t asked = 0;
    std::uint64_t delivered = 0;
    bool refused = false;
  };

  findings& found_;
  std::map<message_id, row> rows_;
};

} // namespace weappd::simulation
