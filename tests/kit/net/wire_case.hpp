#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace weappd::kit {

/// An answer that a wire case expects.
struct wire_answer {
  int status = 0;
  std::string error;     ///< name of the error in the body; empty: no failure
  bool bodiless = false; ///< an answer to HEAD
};

/// One file of tests/wire/cases; tests/wire/README.md has the format.
struct wire_case {
  std::string file;  ///< its name without extension
  std::string title; ///< the first comment line
  std::string bytes;
  std::vector<wire_answer> answers;
  bool may_continue = false; ///< 100 Continue may come
  bool closes = false;

  friend std::ostream& operator<<(std::ostream& out, const wire_case& one) { return out << one.title; }
};

/// The bytes that `text` stands for. Throws std::invalid_argument for an unknown escape.
std::string unescape(std::string_view text);

/// All cases of a folder in the order of their names. Throws std::runtime_error with file and line where one
/// is not in the format, so that a typing error never makes a case vanish.
std::vector<wire_case> load_wire_cases(const std::filesystem::path& folder);

} // namespace weappd::kit
