#include "config/checks.hpp"

#include "config/templates/field_type.hpp"
#include "config/templates/placeholders.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace weappd {
namespace {

/// Judges one template.
class template_check {
public:
  template_check(option_reader& reader, const std::string& name, template_options& which)
      : reader_(reader), path_("templates." + name), which_(which) {}

  void run() {
    if (which_.template_id.empty())
      complain_of_missing(reader_, path_ + ".template_id");
    if (which_.fields.empty())
      complain_of_missing(reader_, path_ + ".fields", "allowed: at least one field");
    for (const auto& [name, field] : which_.fields)
      check_field(name, field);
    if (reader_.has_problem(path_ + ".kind")) // what follows would be about the wrong one
      return;
    find_app();
    check_kind();
    check_page_app();
  }

private:
  void complain(const std::string& option, std::string text) {
    reader_.complain(path_ + option, std::move(text));
  }

  void find_app() {
    const auto wanted =
        which_.kind == template_kind::subscribe ? app_kind::mini_program : app_kind::official_account;
    const auto& apps = reader_.values().apps;
    if (which_.app.empty() && wanted == app_kind::mini_program && !has_default_app())
      return; // which was told already
    if (which_.app.empty() && !reader_.has_problem(path_ + ".app"))
      which_.app = standard_app(wanted);
    const auto found = apps.find(which_.app);
    const auto words =
        std::string(name_of(which_.kind)) + " needs one of kind " + std::string(name_of(wanted));
    if (which_.app.empty())
      complain_of_missing(reader_, path_ + ".app", words);
    else if (found == apps.end())
      complain(".app", "'" + which_.app + "' is not configured under apps; " + words);
    else if (found->second.kind != wanted)
      complain(".app",
               "'" + which_.app + "' is of kind " + std::string(name_of(found->second.kind)) + "; " + words);
  }

  [[nodiscard]] bool has_default_app() const {
    return !reader_.values().default_app.empty() && !reader_.has_problem("default_app");
  }

  [[nodiscard]] std::string standard_app(app_kind wanted) const {
    const auto& values = reader_.values();
    if (wanted == app_kind::mini_program)
      return values.default_app;
    const auto& keys = reader_.order_of("apps");
    const auto found =
        std::ranges::find_if(keys, [&](const auto& key) { return values.apps.at(key).kind == wanted; });
    return found == keys.end() ? std::string{} : *found;
  }

  /// Some options, and names of fields, are of one kind only.
  void check_kind() {
    if (which_.kind == template_kind::template_) {
      if (which_.life != template_life::one_time)
        complain(".life", "'" + std::string(name_of(which_.life)) + "' is for kind subscribe only");
      return;
    }
    const auto refuse = [&](const std::string& option, const std::string& value) {
      if (!value.empty())
        complain(option, "'" + printable(value) + "' is for kind template only; allowed: empty");
    };
    refuse(".page_app", which_.page_app);
    refuse(".url", which_.url);
    refuse(".color", which_.color);
    for (const auto& [name, field] : which_.fields) {
      refuse(".fields." + name + ".color", field.color);
      if (!templates::field_type_of(name) && !reader_.has_problem(path_ + ".fields." + name))
        complain(".fields." + name,
                 "is not the name of a field; allowed: a type and a number, such as thing1");
    }
  }

  void check_page_app() {
    if (which_.kind != template_kind::template_)
      return;
    if (which_.page_app.empty()) {
      if (!which_.page.empty())
        complain_of_missing(reader_, path_ + ".page_app", "it says which mini program page is in");
      return;
    }
    const auto& apps = reader_.values().apps;
    const auto found = apps.find(which_.page_app);
    if (found == apps.end())
      complain(".page_app", "'" + which_.page_app +
                                "' is not configured under apps; allowed: the key of a "
                                "mini program");
    else if (found->second.kind != app_kind::mini_program)
      complain(".page_app",
               "'" + which_.page_app + "' is not a mini program; allowed: the key of a mini program");
  }

  void check_field(const std::string& name, const field_options& field) {
    const auto path = ".fields." + name;
    const auto type = templates::field_type_of(name);
    const bool has_choices = templates::has_choices(type);
    if (has_choices && field.choices.empty())
      complain_of_missing(reader_, path_ + path + ".choices", "allowed: the values that WeChat lists for it");
    if (!has_choices && !field.choices.empty())
      complain(path + ".choices", "the list is for enum and enum_string fields only; allowed: []");
    if (field.fit == fit_rule::truncate && !templates::can_shorten(type))
      complain(path + ".fit",
               "'truncate' would break a " + std::string(to_string(*type)) + "; allowed: refuse");
    else if (const auto problem = problem_of_literal(name, field); !problem.empty())
      complain(path + ".text", "'" + printable(field.text) + "' does not fit the field: " + problem);
  }

  /// What is wrong with a text that has no variables, once it was made to fit.
  static std::string problem_of_literal(const std::string& name, const field_options& field) {
    const auto parsed = templates::variable_text::parse(field.text);
    if (field.text.empty() || !parsed || !parsed->is_literal())
      return {};
    const auto type = templates::field_type_of(name);
    const bool shorten = field.fit == fit_rule::truncate;
    return std::string(
        check_text(type, shorten ? templates::shorten(type, field.text) : field.text, field.choices));
  }

  option_reader& reader_;
  std::string path_;
  template_options& which_;
};

} // namespace

void check_templates(option_reader& reader) {
  for (auto& [name, which] : reader.values().templates)
    template_check(reader, name, which).run();
}

} // namespace weappd
