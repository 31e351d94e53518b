#include "config/checks.hpp"

#include "config/templates/compose.hpp"
#include "config/templates/field_type.hpp"
#include "config/templates/placeholders.hpp"

#include <algorithm>
#include <string>

namespace weappd {
namespace {

/// A text that goes into a field as it is, without any variable, must fit it.
void check_literal(option_reader& reader, const std::string& path, const std::string& text,
                   const std::string& member, const template_options& which) {
  const auto field = which.fields.find(member);
  const auto parsed = templates::variable_text::parse(text);
  if (field == which.fields.end() || !field->second.text.empty() || !parsed || !parsed->is_literal() ||
      reader.has_problem(path))
    return;
  const auto type = templates::field_type_of(member);
  const bool shorten = field->second.fit == fit_rule::truncate;
  const auto problem =
      check_text(type, shorten ? templates::shorten(type, text) : text, field->second.choices);
  if (!problem.empty())
    reader.complain(path, "'" + printable(text) + "' does not fit the field: " + std::string(problem));
}

/// The data of the message must be what the template takes, no more and no less.
void check_data(option_reader& reader, const std::string& path, const trigger_options& trigger,
                const template_options& which) {
  if (trigger.data.empty())
    return;
  const auto members = templates::members_of(which);
  const auto path_of = [data = path + ".data."](const std::string& member) { return data + member; };
  for (const auto& [member, text] : trigger.data) {
    const auto full = path_of(member);
    if (std::ranges::find(members, member) == members.end())
      reader.complain(full, "is not a member that " + trigger.template_name + " takes");
    else
      check_literal(reader, full, text, member, which);
  }
  for (const auto& member : members)
    if (!trigger.data.contains(member))
      complain_of_missing(reader, path_of(member), trigger.template_name + " needs it");
}

} // namespace

void check_triggers(option_reader& reader) {
  const auto& values = reader.values();
  for (const auto& [name, trigger] : values.triggers) {
    const auto path = "triggers." + name;
    if (trigger.event.empty())
      complain_of_missing(reader, path + ".event");
    const auto which = values.templates.find(trigger.template_name);
    if (trigger.template_name.empty())
      complain_of_missing(reader, path + ".template");
    else if (which == values.templates.end())
      reader.complain(path + ".template",
                      "'" + trigger.template_name + "' is not configured under templates");
    else
      check_data(reader, path, trigger, which->second);
  }
}

} // namespace weappd
