#pragma once

#include "config/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace weappd {

/// What was read, or why not: one of the two is empty.
struct private_text {
  secret text;
  std::string problem; ///< in words for the operator; names neither the file nor what is in it
};

/// Reads a regular file that nobody but its owner may touch (no mode bits for the group or others) and that
/// has at most `max_bytes`.
[[nodiscard]] private_text read_private_file(const std::string& path, std::size_t max_bytes);

/// The same for a file that everybody may read.
[[nodiscard]] private_text read_open_file(const std::string& path, std::size_t max_bytes);

enum class create_result { created, exists_already, failed };

struct created_file {
  create_result result = create_result::created;
  std::string problem; ///< for `failed`
};

/// Writes a new file of mode 0600: complete and on the disk, or not there at all. Of several processes that
/// do this at the same moment one creates the file; the others hear exists_already. The text goes first into
/// a file beside it, named `path` + "." + `unique`. Missing folders are made with mode 0700.
[[nodiscard]] created_file create_private_file(const std::string& path, const secret& text,
                                               std::string_view unique);

} // namespace weappd
