#include "http/api/template_words.hpp"

#include "config/templates/field_type.hpp"

namespace weappd::http {

std::string_view type_word(std::string_view field) {
  const auto type = templates::field_type_of(field);
  return type ? templates::to_string(*type) : std::string_view("text");
}

std::optional<std::size_t> max_length(std::string_view field) {
  return templates::max_length(templates::field_type_of(field));
}

app_key app_of(const template_options& one, const options& settings) {
  if (!one.app.empty())
    return {one.app};
  if (one.kind == template_kind::subscribe)
    return {settings.default_app};
  for (const auto& [key, app] : settings.apps)
    if (app.kind == app_kind::official_account)
      return {key};
  return {};
}

} // namespace weappd::http
