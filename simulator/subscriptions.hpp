#pragma once

#include "simulator/bounded_map.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weappd::simulator {

/// What users have agreed to: sends that are left of one-time templates, acceptance of long-term ones.
class subscriptions {
public:
  /// Users and templates; the oldest is forgotten first and counts as not subscribed.
  static constexpr std::size_t max_entries = 500'000;
  static constexpr std::int64_t max_credits = 1'000'000'000;

  struct subscriber {
    std::string_view app_id;
    std::string_view openid;
    std::string_view template_id;
  };

  /// Adds credits (takes away, if less than 0) and answers how many there are now: 0 to `max_credits`.
  std::int64_t add(const subscriber& who, std::int64_t credits);
  /// Answers the balance of a long-term template: 1 accepted, 0 not.
  std::int64_t accept(const subscriber& who, bool accepted);

  /// One send: false if there is no credit left. One of a one-time template is used.
  bool use(const subscriber& who, bool long_term);

private:
  bounded_map<std::int64_t> credits_{max_entries}; // by app id, openid and template id
};

} // namespace weappd::simulator
