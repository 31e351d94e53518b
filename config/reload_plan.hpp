#pragma once

#include "config/load.hpp"
#include "config/options.hpp"

#include <string>
#include <vector>

namespace weappd {

/// What has changed between two configurations, by the paths of options ("log.level") or, for what was added
/// to a map or taken out of it, of the entry ("limits.search"). In the order of the documentation; behind it
/// what was noted since.
struct reload_plan {
  std::vector<std::string> at_reload; ///< may be applied to a running server
  std::vector<std::string> at_start;  ///< waits for the next start

  /// Whether one of the first kind is in this group ("limits").
  [[nodiscard]] bool applies(std::string_view group) const;
  /// This option is applied, too, though it has not changed: what is in the file that it names has.
  void note_content(std::string_view path);
};

/// Both are complete and checked, as load_options gives them. Decides nothing but which is which: the schema
/// says that of each option.
[[nodiscard]] reload_plan plan_reload(const options& now, const options& next);

/// What of `next` does not go together with what stays as it is `now` until the next start: a wait that may
/// be applied and must be shorter than http.handler_timeout_ms, which may not.
[[nodiscard]] std::vector<config_problem> problems_until_restart(const options& now, const options& next);

} // namespace weappd
