#pragma once

#include "actors/logic/template_diff.hpp"
#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/error.hpp"
#include "messages/fwd.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

/// Tells an operator which configured templates are not as they are at the platform, before the first message
/// fails by it. Options: templates of config/options.hpp; what counts as a difference is decided in
/// logic/template_diff.hpp.
namespace weappd {

/// To itself: compare now.
struct tick_compare {};

/// What a checker really takes; everybody else sees a template_checker_actor.
using template_checker_self = template_checker_actor::extend<caf::reacts_to<tick_compare>>;

struct template_checker_state {
  static inline const char* name = "template_checker";

  services_ptr services;
  app_key app;
  std::optional<std::vector<template_difference>> differences; ///< of the last comparison, if there was one
  ec failure = ec::none;                                       ///< of the last try
  std::uint32_t failures = 0;                                  ///< in a row
};

/// How often templates are compared, and the waits after failed tries: the first, doubled for each further
/// one, up to the longest.
inline constexpr std::chrono::hours compare_interval{1};
inline constexpr std::chrono::seconds compare_retry_min{5};
inline constexpr std::chrono::minutes compare_retry_max{10};

/// Compares when it starts and every hour. A difference that was not there before is an event,
/// template.mismatch. Nothing is changed by what it finds: messages are tried all the same.
///
/// Status: degraded while there are differences (the detail names template and field of the first ones), or
/// while the last try failed.
template_checker_self::behavior_type
template_checker(template_checker_self::stateful_pointer<template_checker_state> self, services_ptr services,
                 app_key app);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_compare)
