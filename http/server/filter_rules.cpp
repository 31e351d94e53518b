#include "http/server/filter_rules.hpp"

#include "config/option_value.hpp"
#include "http/server/filter_builtin.hpp"
#include "http/server/filter_text.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <utility>

namespace weappd::http {
namespace {

constexpr std::array<std::string_view, filter_place_count> place_names{"path", "query", "headers", "body"};
constexpr std::uint8_t everywhere = (1U << filter_place_count) - 1;
constexpr std::int64_t memory_of_one = 1'048'576;

constexpr std::uint8_t bit(filter_place where) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(where));
}

std::uint8_t places_of(const std::vector<std::string>& names) {
  if (names.empty())
    return everywhere;
  std::uint8_t places = 0;
  for (std::size_t i = 0; i < place_names.size(); ++i)
    if (std::ranges::find(names, place_names[i]) != names.end())
      places |= bit(static_cast<filter_place>(i));
  return places;
}

RE2::Options how(std::int64_t most_memory) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);
  options.set_never_capture(true);
  options.set_max_mem(most_memory);
  return options;
}

/// The letters' case is a matter of each rule, and of its pattern alone.
std::string with_case(const filter_rule& rule) {
  return (rule.ignores_case ? "(?i:" : "(?:") + rule.pattern + ")";
}

rule_mode mode_of(const filter_rule_options& rule, filter_mode of_all) {
  if (rule.mode != rule_mode::inherit)
    return rule.mode;
  return of_all == filter_mode::off      ? rule_mode::off
         : of_all == filter_mode::shadow ? rule_mode::shadow
                                         : rule_mode::enforce;
}

/// By name: what the built-in set says, and over it what the configuration says.
std::map<std::string, filter_rule_options> merged(const filter_options& configured) {
  std::map<std::string, filter_rule_options> all;
  if (configured.builtin)
    for (const auto& one : builtin_filter_rules())
      all[std::string(one.name)].pattern = one.pattern;
  for (const auto& [name, given] : configured.rules) {
    auto& rule = all[name];
    const auto pattern = given.pattern.empty() ? rule.pattern : given.pattern;
    rule = given;
    rule.pattern = pattern;
  }
  return all;
}

filter_rule made(const std::string& name, const filter_rule_options& from, rule_mode mode) {
  return {.name = name,
          .pattern = from.pattern,
          .places = places_of(from.where),
          .routes = from.routes,
          .ignores_case = from.case_ == letter_case::ignore,
          .enforces = mode == rule_mode::enforce};
}

/// False: they take too much memory together.
bool compile(const std::vector<filter_rule>& rules, RE2::Set& into) {
  for (const auto& rule : rules)
    if (into.Add(with_case(rule), nullptr) < 0)
      return false;
  return rules.empty() || into.Compile();
}

} // namespace

std::string_view to_string(filter_place where) noexcept {
  return place_names[static_cast<std::size_t>(where)];
}

std::vector<filter_rule> rules_in_force(const filter_options& configured) {
  std::vector<filter_rule> rules;
  for (const auto& [name, rule] : merged(configured))
    if (const auto mode = mode_of(rule, configured.mode); mode != rule_mode::off)
      rules.push_back(made(name, rule, mode));
  return rules;
}

std::vector<config_problem> filter_problems(const filter_options& configured,
                                            const std::vector<route>& known) {
  std::vector<config_problem> problems;
  for (const auto& [name, rule] : merged(configured)) {
    const auto path = "filter.rules." + name;
    for (const auto& wanted : rule.routes)
      if (std::ranges::find(known, wanted, &route::name) == known.end())
        problems.push_back({path + ".routes", "there is no route '" + printable(wanted) + "'"});
    if (rule.pattern.empty()) {
      problems.push_back({path + ".pattern", configured.builtin
                                                 ? "is missing, and no built-in rule has this name"
                                                 : "is missing, and filter.builtin is false"});
      continue;
    }
    // By itself, and as it is used: an open \Q would take the bracket that closes it.
    for (const auto& pattern : {rule.pattern, with_case(made(name, rule, rule_mode::shadow))})
      if (const RE2 tried(pattern, how(memory_of_one)); !tried.ok()) {
        problems.push_back({path + ".pattern", "'" + printable(rule.pattern) +
                                                   "' is not a pattern: " + printable(tried.error(), 256)});
        break;
      }
  }
  RE2::Set together(how(filter_rules::most_memory), RE2::UNANCHORED);
  if (problems.empty() && !compile(rules_in_force(configured), together))
    problems.push_back({"filter.rules", "together they take too much memory; allowed: " +
                                            std::to_string(filter_rules::most_memory) + " bytes"});
  return problems;
}

filter_rules::filter_rules(const filter_options& configured)
    : rules_(rules_in_force(configured)), max_bytes_(configured.max_bytes),
      patterns_(how(most_memory), RE2::UNANCHORED) {
  if (!compile(rules_, patterns_))
    throw std::invalid_argument("filter.rules");
  for (const auto& rule : rules_)
    places_ |= rule.places;
  if ((places_ & bit(filter_place::headers)) != 0)
    headers_ = configured.headers;
}

/// One request.
class filter_rules::search {
public:
  search(const filter_rules& rules, const route* target)
      : rules_(rules), target_(target), left_(rules.max_bytes_) {}

  /// Each place has the bound for itself: what is long in one hides nothing in another.
  void begin() {
    left_ = rules_.max_bytes_;
    is_met_ = false;
  }
  /// Nothing more is taken once the bound is met.
  bool take(std::string_view text, filter_place where) {
    const auto cost = std::max(text.size(), least_cost);
    is_met_ = is_met_ || cost > left_;
    found_.unseen = found_.unseen || is_met_;
    match(text.substr(0, left_), where);
    left_ -= std::min(cost, left_);
    return !is_met_;
  }

  filter_findings found() { return std::move(found_); }

private:
  void match(std::string_view text, filter_place where) {
    match_plain(text, where);
    if (const auto bare = without_disguise(text))
      match_plain(*bare, where);
  }

  /// First only whether something matches: that is nearly always all.
  void match_plain(std::string_view text, filter_place where) {
    RE2::Set::ErrorInfo fault;
    if (!rules_.patterns_.Match(text, nullptr, &fault)) {
      found_.unseen = found_.unseen || fault.kind != RE2::Set::kNoError;
      return;
    }
    std::vector<int> matching;
    rules_.patterns_.Match(text, &matching);
    for (const auto index : matching)
      note(static_cast<std::size_t>(index), where);
  }

  void note(std::size_t index, filter_place where) {
    const auto& rule = rules_.rules_[index];
    const bool is_for_it =
        rule.routes.empty() ||
        (target_ != nullptr && std::ranges::find(rule.routes, target_->name) != rule.routes.end());
    if ((rule.places & bit(where)) != 0 && is_for_it &&
        std::ranges::find(found_.hits, index, &filter_hit::rule) == found_.hits.end())
      found_.hits.push_back({.rule = index, .where = where});
  }

  const filter_rules& rules_;
  const route* target_;
  std::size_t left_;
  bool is_met_ = false; ///< the bound, in this place
  filter_findings found_;
};

filter_findings filter_rules::look(const filter_subject& subject) const {
  search one(*this, subject.target);
  const auto wanted = [this](filter_place where) { return (places_ & bit(where)) != 0; };
  const auto visitor = [&one](filter_place where) {
    return [&one, where](std::string_view text) { return one.take(text, where); };
  };
  if (rules_.empty())
    return {};
  if (wanted(filter_place::path) && !subject.parameter.empty())
    one.take(subject.parameter, filter_place::path);
  if (wanted(filter_place::query))
    visit_query(subject.query, visitor(filter_place::query));
  one.begin();
  if (wanted(filter_place::headers))
    for (const auto& value : subject.headers)
      one.take(with_marks_for_what_is_no_utf8(value), filter_place::headers);
  one.begin();
  if (wanted(filter_place::body))
    visit_json(subject.body, visitor(filter_place::body));
  return one.found();
}

} // namespace weappd::http
