#pragma once

#include "config/options.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The one table of all options. Loading, checking and both printed forms are made from it.
namespace weappd {

/// Where the secret that a file holds goes to.
struct secret_from_file {
  secret* target;
};

/// The member that an option is kept in; its type says what is a value of it.
using slot = std::variant<bool*, std::uint16_t*, std::uint32_t*, std::int32_t*, std::string*,
                          std::vector<std::string>*, secret*, secret_from_file, app_kind*>;

/// What is allowed. Numbers have a range; texts (each text of a list) a choice or a check with its words.
struct allowed {
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::vector<std::string_view> choices;
  bool (*fits)(std::string_view) = nullptr;
  std::string_view words; ///< "an IPv4 or IPv6 address"
};

struct option_row {
  /// "http.port"; an option of each app or limit has its name in angle brackets, "apps.<key>.kind".
  std::string_view path;
  /// The member, for the entry of that name where there is one (it is made if it is missing).
  std::function<slot(options&, const std::string& entry)> find;
  allowed range;
  std::string_view sentence;
};

/// In the order of the documentation; groups are together.
[[nodiscard]] std::span<const option_row> schema();

/// A path with the name of its entry taken out: "apps.demo.kind" is "apps.<key>.kind" and "demo".
struct schema_path {
  std::string general;
  std::string entry;
};
[[nodiscard]] schema_path generalise(std::string_view path);

/// The row of a path as it is given ("apps.demo.kind"), or null.
[[nodiscard]] const option_row* find_row(const schema_path& path);
/// Is it a group of options: "http", "apps", "apps.demo"?
[[nodiscard]] bool is_group(const schema_path& path);
/// Does it name one entry of a map: "apps.demo"?
[[nodiscard]] bool is_entry(const schema_path& path);

/// The known path (of an option or a group) that an unknown one was probably meant to be.
[[nodiscard]] std::string nearest_path(std::string_view unknown);

/// "integer", "text", "list of texts", ...
[[nodiscard]] std::string type_of(const option_row& row);
/// "1 to 64"; "trace, debug or info"; the words of the check; empty where every value will do.
[[nodiscard]] std::string allowed_of(const option_row& row);

} // namespace weappd
