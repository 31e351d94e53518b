#pragma once

#include "config/options.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace weappd {

/// What the values of an enumeration of options.hpp are called in the configuration, in their order.
template <class Enum>
inline constexpr std::array<std::string_view, 0> enum_names{};

template <>
inline constexpr std::array<std::string_view, 2> enum_names<app_kind>{"mini_program", "official_account"};
template <>
inline constexpr std::array<std::string_view, 2> enum_names<tls_version>{"1.2", "1.3"};
template <>
inline constexpr std::array<std::string_view, 2> enum_names<forwarded_field>{"x_forwarded_for", "forwarded"};
template <>
inline constexpr std::array<std::string_view, 2> enum_names<template_kind>{"subscribe", "template"};
template <>
inline constexpr std::array<std::string_view, 2> enum_names<template_life>{"one_time", "long_term"};
template <>
inline constexpr std::array<std::string_view, 2> enum_names<fit_rule>{"refuse", "truncate"};
template <>
inline constexpr std::array<std::string_view, 3> enum_names<push_priority>{"high", "normal", "bulk"};
template <>
inline constexpr std::array<std::string_view, 4> enum_names<limit_algorithm>{"gcra", "sliding_window",
                                                                             "fixed_window", "leaky_bucket"};
template <>
inline constexpr std::array<std::string_view, 2> enum_names<unknown_rule>{"fail", "resend"};
template <>
inline constexpr std::array<std::string_view, 2> enum_names<credit_rule>{"try", "refuse"};
template <>
inline constexpr std::array<std::string_view, 2> enum_names<quota_rule>{"wait", "fail"};
template <>
inline constexpr std::array<std::string_view, 3> enum_names<program_state>{"formal", "trial", "developer"};
template <>
inline constexpr std::array<std::string_view, 3> enum_names<challenge_kind>{"off", "proof_of_work",
                                                                            "captcha"};
template <>
inline constexpr std::array<std::string_view, 3> enum_names<filter_mode>{"off", "shadow", "enforce"};
template <>
inline constexpr std::array<std::string_view, 4> enum_names<rule_mode>{"inherit", "off", "shadow", "enforce"};
template <>
inline constexpr std::array<std::string_view, 2> enum_names<letter_case>{"ignore", "exact"};

/// "mini_program" for app_kind::mini_program.
template <class Enum>
[[nodiscard]] constexpr std::string_view name_of(Enum value) {
  static_assert(!enum_names<Enum>.empty(), "its values have no names");
  return enum_names<Enum>[static_cast<std::size_t>(value)];
}

} // namespace weappd
