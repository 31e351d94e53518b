#include "config/templates/compose.hpp"

#include "config/templates/field_type.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace weappd::templates {
namespace {

/// A text of the configuration may name one variable a hundred times: this bounds what comes of it.
constexpr std::size_t longest_value = 4'096;

/// The members that one field takes.
std::vector<std::string> members_of_field(const std::string& name, const field_options& field) {
  if (field.text.empty())
    return {name};
  const auto text = variable_text::parse(field.text);
  return text ? text->names() : std::vector<std::string>{};
}

void add_new(std::vector<std::string>& to, std::vector<std::string> names) {
  for (auto& name : names)
    if (std::ranges::find(to, name) == to.end())
      to.push_back(std::move(name));
}

/// What is wrong with a member before anybody looks at what it is for.
std::string_view check_member(const std::string& member, const variables& data) {
  const auto found = data.find(member);
  if (found == data.end())
    return "required";
  return found->second.size() > longest_value ? "too_long" : "";
}

/// The text of a field whose members are all there.
std::string text_of_field(const std::string& name, const field_options& field, const variables& data) {
  const auto parsed = variable_text::parse(field.text);
  auto text = field.text.empty() ? data.find(name)->second : parsed ? parsed->render(data) : field.text;
  if (field.fit == fit_rule::truncate)
    return shorten(field_type_of(name), text);
  return text;
}

} // namespace

std::vector<std::string> members_of(const template_options& which) {
  std::vector<std::string> members;
  for (const auto& [name, field] : which.fields)
    add_new(members, members_of_field(name, field));
  return members;
}

composed compose(const template_options& which, const variables& data) {
  composed out;
  std::vector<std::string> known;
  const auto complain = [&out](const std::string& member, std::string_view problem) {
    const member_problem one{.member = member, .problem = problem};
    if (std::ranges::find(out.problems, one) == out.problems.end()) // two fields may take one variable
      out.problems.push_back(one);
  };
  for (const auto& [name, field] : which.fields) {
    const auto members = members_of_field(name, field);
    add_new(known, members);
    bool complete = true;
    for (const auto& member : members)
      if (const auto problem = check_member(member, data); !problem.empty()) {
        complete = false;
        complain(member, problem);
      }
    if (!complete)
      continue;
    auto text = text_of_field(name, field, data);
    if (const auto problem = check_text(field_type_of(name), text, field.choices); !problem.empty())
      complain(name, problem);
    out.fields.emplace_back(name, std::move(text));
  }
  for (const auto& [name, value] : data)
    if (std::ranges::find(known, name) == known.end())
      complain(name, "unknown_field");
  return out;
}

} // namespace weappd::templates
