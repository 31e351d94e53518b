#pragma once

#include <string>

namespace weappd {

/// The argument that makes this test program a writer instead: `<program> <flag> <kind of store> <folder>`.
inline constexpr auto killed_writer_flag = "--write-until-killed";

/// Writes through a store actor for ever and says on standard output what was answered, one line for each
/// answer: "session <id> <generation>", or "message <id> <how far>": 0 added, 1 leased, 2 sent. Ends by being
/// killed or when nobody listens any more.
int write_until_killed(const std::string& kind, const std::string& folder);

} // namespace weappd
