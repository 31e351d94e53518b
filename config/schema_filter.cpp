#include "config/schema_rows.hpp"
#include "config/schema_table.hpp"
#include "config/text_checks.hpp"

#include <map>
#include <string>

namespace weappd {
namespace {

using namespace rows;

std::map<std::string, filter_rule_options>& filter_rules(options& o, const entry_names&) {
  return o.filter.rules;
}
filter_rule_options& filter_rule(options& o, const entry_names& names) {
  return o.filter.rules[names[0]];
}

} // namespace

void add_filter_rows(std::vector<option_row>& rows) {
  const auto first = rows.size();
  rows_of(rows, &options::filter)
      .add("filter.mode", &filter_options::mode, one_of<filter_mode>(),
           "What becomes of a request that a rule matches, unless the rule says otherwise: nothing is looked "
           "at; it is counted and told; it is refused with 403 as well.")
      .add("filter.builtin", &filter_options::builtin, anything,
           "Whether the built-in rules are there beside those below; README.md lists them.")
      .add(
          "filter.headers", &filter_options::headers, checked(is_header_name, "the name of a header field"),
          "Fields whose values are looked at, at most 16; connections that are open keep to those of before.")
      .add("filter.max_bytes", &filter_options::max_bytes, from(1'024, 64 * 1'048'576),
           "How much of path and query, of the headers, and of the body is looked at, each value counting as "
           "16 "
           "bytes at least; what is beyond is counted and passes.");
  rows_of(rows, &filter_rule)
      .add("filter.rules.<rule>.where", &filter_rule_options::where,
           one_of({"path", "query", "headers", "body"}),
           "Where it looks: parameters in the path, names and values of the query, filter.headers, names and "
           "texts of a JSON body; empty: everywhere.")
      .add("filter.rules.<rule>.pattern", &filter_rule_options::pattern,
           checked(is_filter_pattern, "up to 1024 bytes without control characters, as RE2 has it"),
           "What it looks for, in the syntax of RE2; empty or left out: that of the built-in rule of this "
           "name.")
      .add("filter.rules.<rule>.case", &filter_rule_options::case_, one_of<letter_case>(),
           "Whether capital and small letters are the same.")
      .add("filter.rules.<rule>.routes", &filter_rule_options::routes,
           checked(is_route_name, "1 to 64 of a-z 0-9 _ ."),
           "The routes that it is for, by their names in the log; empty: all.")
      .add("filter.rules.<rule>.mode", &filter_rule_options::mode, one_of<rule_mode>(),
           "Its own mode; inherit: that of filter.mode.");
  for (auto row = first; row < rows.size(); ++row)
    rows[row].at_reload = true;
}

void add_filter_maps(std::vector<option_map>& maps) {
  maps.push_back(
      map_of<&filter_rules>("filter.rules", "<rule>", is_entry_name, entry_name_words, most_filter_rules));
}

} // namespace weappd
