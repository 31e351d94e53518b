#include "http/daemon/error_table.hpp"

#include "messages/error.hpp"

namespace weappd {

std::string errors_as_markdown() {
  std::string table = "| code | HTTP | name | message |\n|---|---|---|---|\n";
  for (const auto& error : all_errors()) {
    if (error.kind == error_class::internal)
      continue; // never leaves the process
    table += "| " + std::to_string(error.public_code) + " | " + std::to_string(error.http_status) + " | `" +
             std::string(error.name) + "` | " + std::string(error.sentence) + " |\n";
  }
  return table;
}

} // namespace weappd
