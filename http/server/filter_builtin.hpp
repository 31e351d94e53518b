#pragma once

#include <span>
#include <string_view>

namespace weappd::http {

/// A rule of the built-in set. It looks everywhere, at all routes, and capital and small letters are the
/// same.
struct builtin_rule {
  std::string_view name;
  std::string_view pattern;
  std::string_view meaning; ///< for who reads config/README.md
};

/// The built-in rules, in the order of the documentation: SQL injection (sql_), then script injection (xss_).
/// They are made for texts that people write: each wants the structure of an attack, not a word of it. How
/// well that works is measured by tests/unit/http/server/filter_rates_test.cpp.
[[nodiscard]] std::span<const builtin_rule> builtin_filter_rules();

} // namespace weappd::http
