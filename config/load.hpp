#pragma once

#include "config/crypto/random.hpp"
#include "config/keyring.hpp"
#include "config/options.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd {

/// One thing that is wrong with the configuration, in words for the operator: the path of the option, where
/// it was set (file and line, environment variable, --set), the value (*** for a secret), what is allowed,
/// and for an unknown key the nearest known one.
struct config_problem {
  std::string path;
  std::string text;
};

/// Where the configuration comes from, in this order: later ones win.
struct config_sources {
  std::optional<std::string> file;                              ///< YAML
  std::vector<std::pair<std::string, std::string>> environment; ///< WEAPPD_HTTP__PORT=8080 and the like
  std::vector<std::string> assignments;                         ///< --set http.port=8080
};

struct loaded_options {
  options values;
  std::vector<config_problem> problems; ///< all of them; empty: the values may be used
  bool is_whole = true; ///< false: the file could not be read, so the values are not those that are meant
};

/// One problem a line: "http.port: 70000 is out of range; allowed: 0 to 65535 (weappd.yaml line 3)".
std::string render_problems(const std::vector<config_problem>& problems);

/// Reads, checks and gives back all problems at once. Reads secret files (`*_file`); touches nothing else.
/// `simulate`: with --simulate and no file, what config/demo_config.cpp says is configured.
loaded_options load_options(const config_sources& sources, bool simulate);

/// The variables of this process that begin with WEAPPD_.
std::vector<std::pair<std::string, std::string>> weappd_environment();

/// The keys of the server: from the files that the configuration names or, where it names none, from files
/// beside the store that are made on the first start (mode 0600). A problem for each file that cannot be
/// read, does not fit, or can be read by the group or by others; then none is made.
struct loaded_keys {
  key_set keys;
  std::vector<config_problem> problems;
};
loaded_keys load_keys(const options& values, crypto::random_source& random);
/// What load_keys would complain of, as far as it can be seen without making a file. Also of a store.path
/// that is no file: nothing can be beside it.
std::vector<config_problem> key_problems(const options& values);

/// Every option with type, default, range and sentence: as a table in Markdown (config/README.md holds it)
/// and as a commented YAML file (config/weappd.example.yaml is it).
std::string options_as_markdown();
std::string options_as_yaml();

} // namespace weappd
