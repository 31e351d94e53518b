#pragma once

#include "http/server/request.hpp"
#include "http/server/request_judge.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weappd::http {

/// Splits a head that head_scanner has passed into request line and fields, copies what handlers need into
/// `out` and returns what the judge needs as views into `head`. `out.target`, `path` and `query` are left to
/// the caller: they are only set once the judge has accepted the target. Of `kept_fields` those that came are
/// in `out.kept`, by the names that they have here.
[[nodiscard]] head_facts collect_head(std::string_view head, request& out,
                                      const std::vector<std::string>* kept_fields = nullptr);

} // namespace weappd::http
