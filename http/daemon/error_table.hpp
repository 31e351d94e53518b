#pragma once

#include <string>

namespace weappd {

/// Every error that a client can get, as a table in Markdown; http/README.md holds it.
std::string errors_as_markdown();

} // namespace weappd
