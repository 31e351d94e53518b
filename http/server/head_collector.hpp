#pragma once

#include "http/server/request.hpp"
#include "http/server/request_judge.hpp"
#include "messages/error.hpp"

#include <string_view>

namespace weappd::http {

/// Splits a head that head_scanner has passed into request line and fields (with Beast's parser), copies what
/// handlers need into `out` and returns what the judge needs as views into `head`. `out.target`, `path` and
/// `query` are left to the caller: they are only set once the judge has accepted the target.
/// `fault` is set if Beast sees something wrong that we do not.
struct collected_head {
  head_facts facts;
  ec fault = ec::none;
};
[[nodiscard]] collected_head collect_head(std::string_view head, request& out);

} // namespace weappd::http
