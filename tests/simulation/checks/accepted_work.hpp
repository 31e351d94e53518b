#pragma once

#include "messages/ids.hpp"
#include "tests/kit/actors/memory_store.hpp"
#include "tests/simulation/checks/deliveries.hpp"
#include "tests/simulation/checks/findings.hpp"

#include <map>
#include <set>
#include <string>

namespace weappd::simulation {

/// No accepted work is lost: each message whose asker was told "accepted" is in the store and comes to an
/// end; what ends as sent has reached the phone; and an idempotency key gives one message, whatever happens
/// to its requests.
///
/// Known, and excused: WeChat's 43101 to a repetition is taken for "the first one was sent", also where
/// another message has used the consent, or there was none.
class accepted_work {
public:
  static constexpr auto name = "accepted_work";
  static constexpr auto consent_gone = "counted as sent after 43101 to a repetition";

  explicit accepted_work(findings& found) : found_(found) {}

  void accepted(message_id id) { accepted_.insert(id); }
  /// A message that a request with this key may have made.
  void tried(const std::string& key, message_id id) { by_key_[key].insert(id); }
  /// What the asker of this key was told.
  void answered(const std::string& key, message_id id);
  [[nodiscard]] const std::set<message_id>& all() const noexcept { return accepted_; }

  /// When nothing goes wrong any more, and time enough has passed.
  void check(const memory_store& store, const deliveries& sent);

private:
  void check_one(message_id id, const memory_store& store, const deliveries& sent);

  findings& found_;
  std::set<message_id> accepted_;
  std::map<std::string, std::set<message_id>> by_key_;
  std::map<std::string, message_id> told_;
};

} // namespace weappd::simulation
