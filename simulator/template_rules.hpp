#pragma once

#include "simulator/app.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What WeChat lets the fields of a message hold. Written from the platform's documentation alone and apart
/// from the rules by which weappd checks its own templates, so that each is a second opinion on the other.
namespace weappd::simulator {

/// The name of a field without the number at its end: "thing" of "thing1".
std::string_view kind_of_field(std::string_view name);

/// Whether a field of that name may hold the text, which is UTF-8 and not empty. A field of a kind that is
/// not known ("first", "keyword1") may hold any text without control characters. `choices`: of an enum field.
bool may_hold(std::string_view name, std::string_view text, const std::vector<std::string>& choices);

/// The texts of a message in the order of the template's fields, or what is wrong with them, in the words of
/// WeChat: "argument invalid! data.thing4.value is empty". Members of `data` that the template does not have
/// are left out, as WeChat does.
struct checked_data {
  std::vector<std::string> texts;
  std::string problem; ///< empty: none
};
checked_data check_data(const template_definition& of, const nlohmann::json& data);

/// What fields of this kind are called in the content of a template, and a text that they may hold.
struct field_sample {
  std::string_view label;
  std::string_view example;
};
field_sample sample_of(std::string_view name);

} // namespace weappd::simulator
