#include "config/load.hpp"

#include "config/demo_config.hpp"
#include "config/option_reader.hpp"

#include <cstdlib>

#include <unistd.h>

namespace weappd {
loaded_options load_options(const config_sources& sources, bool simulate) {
  option_reader reader{options{}};
  bool readable = true;
  if (sources.file)
    readable = read_yaml_file(*sources.file, reader);
  else if (simulate)
    // Later sources may change it.
    readable = read_yaml(demo_configuration(), "--simulate", reader) &&
               read_yaml(demo_limits(), "--simulate", reader);
  read_environment(sources.environment, reader);
  read_assignments(sources.assignments, reader);
  if (readable) // else it would only say that everything is missing
    check_together(reader);
  return {
      .values = std::move(reader.values()), .problems = std::move(reader.problems()), .is_whole = readable};
}

std::vector<std::pair<std::string, std::string>> weappd_environment() {
  std::vector<std::pair<std::string, std::string>> found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (text.starts_with("WEAPPD_") && equals != std::string_view::npos)
      found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return found;
}

std::string render_problems(const std::vector<config_problem>& problems) {
  std::string out;
  for (const auto& problem : problems)
    out += problem.path + ": " + problem.text + "\n";
  return out;
}

} // namespace weappd
