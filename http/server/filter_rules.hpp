#pragma once

#include "config/load.hpp"
#include "config/options.hpp"
#include "http/server/router.hpp"

#include <re2/set.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Which rules of the request filter match a request: the configuration, made into one automaton. Pure.
namespace weappd::http {

/// Where a rule looks.
enum class filter_place : std::uint8_t { path, query, headers, body };
inline constexpr std::size_t filter_place_count = 4;
/// "path", ...
[[nodiscard]] std::string_view to_string(filter_place where) noexcept;

/// A rule that is in force.
struct filter_rule {
  std::string name;
  std::string pattern;             ///< RE2
  std::uint8_t places = 0;         ///< a bit for each filter_place
  std::vector<std::string> routes; ///< empty: all
  bool ignores_case = true;
  bool enforces = false; ///< else it is a shadow
};

/// The built-in rules and those of the configuration, by name; without those that are off.
[[nodiscard]] std::vector<filter_rule> rules_in_force(const filter_options& configured);

/// What is wrong with the rules that the loader cannot know of: a pattern that is missing or that RE2 does
/// not take (with its reason), rules that take too much memory together, a route that there is not. Rules
/// that are off are checked, too.
[[nodiscard]] std::vector<config_problem> filter_problems(const filter_options& configured,
                                                          const std::vector<route>& known);

/// What the filter looks at: what a client writes freely and a handler may read. Whatever else a request has
/// is compared with something, or not read at all.
struct filter_subject {
  const route* target = nullptr;
  std::string_view parameter; ///< decoded, of the path
  std::string_view query;     ///< still percent-encoded
  std::string_view body;      ///< JSON, or empty
  std::span<const std::string> headers;
};

struct filter_hit {
  std::size_t rule = 0; ///< its index in filter_rules::all()
  filter_place where = filter_place::path;
};

struct filter_findings {
  std::vector<filter_hit> hits; ///< each rule once, by the place where it was seen first
  bool unseen = false;          ///< there was more than filter.max_bytes
};

/// The rules in force, compiled. Not changed once made, and safe to use from several threads: they share the
/// automaton and what it has learnt, behind a lock of RE2 that readers share.
class filter_rules {
public:
  /// Of the automaton with all that it learns; beyond it forgets and learns anew.
  static constexpr std::int64_t most_memory = 16 * 1'048'576;
  /// What a short text counts as, so that a body of many has its bound as well.
  static constexpr std::size_t least_cost = 16;

  /// `configured` has no filter_problems(): throws std::invalid_argument otherwise.
  explicit filter_rules(const filter_options& configured);

  [[nodiscard]] std::span<const filter_rule> all() const noexcept { return rules_; }
  /// The fields whose values shall be looked at; none if no rule looks at headers.
  [[nodiscard]] std::span<const std::string> headers() const noexcept { return headers_; }
  /// Nothing of a text is kept. Each name and value is looked at for itself, so ^ and $ are its ends; one
  /// that is disguised (see filter_text.hpp) is looked at once more without.
  [[nodiscard]] filter_findings look(const filter_subject& subject) const;

private:
  class search;

  std::vector<filter_rule> rules_;
  std::vector<std::string> headers_;
  std::size_t max_bytes_;
  std::uint8_t places_ = 0; ///< of all rules
  RE2::Set patterns_;       ///< in the order of rules_
};

} // namespace weappd::http
