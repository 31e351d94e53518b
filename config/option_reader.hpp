#pragma once

#include "config/load.hpp"
#include "config/option_value.hpp"
#include "config/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd {

/// Where a value comes from; the later ones win.
enum class source_level : std::uint8_t { file, environment, command_line };

struct value_source {
  source_level level = source_level::file;
  std::string words; ///< "weappd.yaml line 3"
};

/// Takes values one after the other, keeps the good ones and says what is wrong with the others. Each is
/// judged for itself, so a mistake hides no other.
class option_reader {
public:
  explicit option_reader(options initial) : values_(std::move(initial)) {}

  void assign(const std::string& path, const given_value& value, const value_source& source);
  /// The text of an environment variable or --set, whose form depends on the option.
  void assign_text(const std::string& path, const std::string& text, const value_source& source);
  void complain(std::string_view path, std::string text);
  /// Adds to the problems from this one on where their options were set: for an option that was not, where
  /// the group that it is in was.
  void add_places(std::size_t first_problem);

  [[nodiscard]] options& values() { return values_; }
  [[nodiscard]] std::vector<config_problem>& problems() { return problems_; }
  /// The names of the entries of a map ("apps"), in the order in which they were first given.
  [[nodiscard]] const entry_names& order_of(const std::string& map) const;
  /// Was something wrong with this option already?
  [[nodiscard]] bool has_problem(std::string_view path) const;

private:
  [[nodiscard]] const value_source* place_of(std::string path) const;
  void note_entries(const schema_path& path, const value_source& source);
  void note_entry(const option_map& map, const entry_names& names, const value_source& source);
  bool is_second_secret(const schema_path& path, const value_source& source);

  options values_;
  std::vector<config_problem> problems_;
  std::set<std::string, std::less<>> complained_; ///< the paths of all problems
  std::map<std::string, value_source> given_at_;  ///< by path: where an option or a group was given last
  std::set<std::string, std::less<>> entries_;    ///< "apps.demo": all that were named
  std::map<std::string, entry_names> order_;      ///< by the path of their map
  /// Which option gave the secret of an app, and where: "secret" and "secret_file" exclude one another.
  std::map<std::string, std::pair<std::string, source_level>> secret_given_by_;
};

/// Reads the values of a YAML file. A file that cannot be read or parsed as a whole is one problem, and the
/// answer is false.
[[nodiscard]] bool read_yaml_file(const std::string& path, option_reader& reader);
/// The same for a text that is there already; `name` is what problems call it.
[[nodiscard]] bool read_yaml(const std::string& text, const std::string& name, option_reader& reader);
/// WEAPPD_HTTP__PORT is http.port.
void read_environment(const std::vector<std::pair<std::string, std::string>>& variables,
                      option_reader& reader);
/// path=value
void read_assignments(const std::vector<std::string>& assignments, option_reader& reader);

/// What concerns more than one option; also finds default_app and the apps of templates.
void check_together(option_reader& reader);

} // namespace weappd
