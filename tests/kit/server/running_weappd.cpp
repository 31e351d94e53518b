#include "tests/kit/server/running_weappd.hpp"

#include <stdexcept>

namespace weappd::kit {

running_weappd::running_weappd(const std::string& program, const process_start& start)
    : child_(program, start) {
  const auto line = child_.read_line();
  if (!line)
    throw std::runtime_error(program + " did not become ready: " + child_.errors());
  ready_line_ = *line;
}

std::uint16_t running_weappd::port_behind(const std::string& words) const {
  const auto found = ready_line_.find(words);
  if (found == std::string::npos)
    return 0;
  return static_cast<std::uint16_t>(std::stoi(ready_line_.substr(found + words.size())));
}

std::vector<std::string> serve_in(const temporary_folder& folder, const std::vector<std::string>& more) {
  std::vector<std::string> words{"serve",
                                 "--set",
                                 "http.port=0",
                                 "--set",
                                 "store.path=" + (folder / "weappd.db"),
                                 "--set",
                                 "log.file=" + (folder / "log")};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

} // namespace weappd::kit
