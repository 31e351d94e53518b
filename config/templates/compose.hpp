#pragma once

#include "config/options.hpp"
#include "config/templates/placeholders.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// From the data that a caller gives to the texts of a template's fields.
namespace weappd::templates {

/// What is wrong with one member of the data: "unknown_field", "required", or a word of check_text. A
/// violation in a text that was composed of variables is told under the name of its field.
struct member_problem {
  std::string member;
  std::string_view problem;
  friend bool operator==(const member_problem&, const member_problem&) = default;
};

struct composed {
  /// By name, in the order of the template's fields; of use only without problems.
  std::vector<std::pair<std::string, std::string>> fields;
  std::vector<member_problem> problems; ///< of the fields in their order, then the unknown members
};

/// The members that a template takes: a field without a text under its own name, and the variables of the
/// texts of the others. Each once, in the order of the fields. A text that does not parse takes none.
[[nodiscard]] std::vector<std::string> members_of(const template_options& which);

/// Every member must be there (it may be empty if its text does not become empty by that), and no other may
/// be. Values longer than 4,096 bytes are "too_long" whatever they are for. Expects a template that was
/// loaded without problems.
[[nodiscard]] composed compose(const template_options& which, const variables& data);

} // namespace weappd::templates
