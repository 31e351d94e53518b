#pragma once

#include "config/schema.hpp"

#include <vector>

namespace weappd {

/// Makes the rows; everybody else asks schema().
[[nodiscard]] std::vector<option_row> schema_table();

} // namespace weappd
