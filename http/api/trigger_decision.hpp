#pragma once

#include "config/options.hpp"
#include "config/templates/condition.hpp"
#include "http/json/problem.hpp"
#include "messages/push.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a trigger makes of a business event. Pure.
namespace weappd::http {

/// A condition does not hold: no message.
struct trigger_drops {
  std::string condition; ///< as it is configured
};

/// A message is to be sent.
struct trigger_sends {
  field_values data;
  std::string page;
  message_priority priority = message_priority::normal;
  timestamp send_at; ///< after the delay, and not in the quiet hours
  std::optional<timestamp> not_after;
  std::string dedup_key; ///< empty: no guard against duplicates
};

/// The event lacks what a text names, or its data does not fit the template.
struct trigger_misfits {
  std::vector<json::problem> problems;
};

using trigger_decision = std::variant<trigger_drops, trigger_sends, trigger_misfits>;

/// `form` is the template of the trigger. An event may have more data than the trigger or the template uses.
[[nodiscard]] trigger_decision decide(const trigger_options& trigger, const template_options& form,
                                      const templates::event_data& event, timestamp now);

} // namespace weappd::http
