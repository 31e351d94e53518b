#pragma once

#include "config/enum_names.hpp"
#include "config/options.hpp"

#include <cstddef>
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

/// A member that is one of the named values of an enumeration.
class choice {
public:
  template <class Enum>
  explicit choice(Enum* member)
      : member_(member), names_(enum_names<Enum>),
        get_([](const void* m) { return static_cast<std::size_t>(*static_cast<const Enum*>(m)); }),
        set_([](void* m, std::size_t index) { *static_cast<Enum*>(m) = static_cast<Enum>(index); }) {}

  [[nodiscard]] const void* member() const { return member_; }
  [[nodiscard]] std::string_view name() const { return names_[get_(member_)]; }
  /// False, and nothing is changed, if no value is called so.
  [[nodiscard]] bool set(std::string_view name) const;

private:
  void* member_;
  std::span<const std::string_view> names_;
  std::size_t (*get_)(const void*);
  void (*set_)(void*, std::size_t);
};

/// The member that an option is kept in; its type says what is a value of it.
using slot = std::variant<bool*, std::uint16_t*, std::uint32_t*, std::int32_t*, std::string*,
                          std::vector<std::string>*, secret*, secret_from_file, choice>;

/// What is allowed. Numbers have a range; texts (each text of a list) a choice or a check with its words.
struct allowed {
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::vector<std::string_view> choices;
  bool (*fits)(std::string_view) = nullptr;
  std::string_view words; ///< "an IPv4 or IPv6 address"
  bool hidden = false;    ///< what was written here by mistake may be a secret
};

/// What stands for the angle brackets of a path, from left to right: "custom:order_paid", "thing1".
using entry_names = std::vector<std::string>;

struct option_row {
  /// "http.port"; an option of each entry of a map has the names in angle brackets, "apps.<key>.kind",
  /// "templates.<name>.fields.<field>.text".
  std::string_view path;
  /// The member, for the entries of these names where there are some (they are made if they are missing).
  std::function<slot(options&, const entry_names&)> find;
  allowed range;
  std::string_view sentence;
  bool at_reload = false; ///< a change is applied by a reload; else it waits for the next start
};

/// A map, whose entries are named by who writes the configuration.
struct option_map {
  std::string_view path;        ///< "templates.<name>.fields"
  std::string_view placeholder; ///< "<field>"
  bool (*is_name)(std::string_view);
  std::string_view words; ///< what is_name allows
  std::size_t most;       ///< entries
  /// Makes the entry if it is missing; the last name is its own.
  void (*make)(options&, const entry_names&);
  /// The names of all entries; `above` names those that the map is in.
  entry_names (*names)(options&, const entry_names& above);
};

/// In the order of the documentation; groups are together.
[[nodiscard]] std::span<const option_row> schema();
/// A map that is in the entries of another one comes after it.
[[nodiscard]] std::span<const option_map> schema_maps();
/// The map of this path ("templates.<name>.fields"), or null.
[[nodiscard]] const option_map* find_map(std::string_view path);
/// Every place where the map is: the names above it. One without names for a map that is in no other.
[[nodiscard]] std::vector<entry_names> places_of(const option_map& map, options& values);

/// The entries that have this option, by all names that lead to each; one without names for an option of no
/// map.
[[nodiscard]] std::vector<entry_names> entries_of(const option_row& row, options& values);

/// A path with the names of entries taken out: "apps.demo.kind" is "apps.<key>.kind" and "demo".
struct schema_path {
  std::string general;
  entry_names names;
  std::vector<const option_map*> maps; ///< in which the names are
};
[[nodiscard]] schema_path generalise(std::string_view path);
/// The path with names put back in, as far as there are some.
[[nodiscard]] std::string particular(std::string_view general, const entry_names& names);

/// The row of a path as it is given ("apps.demo.kind"), or null.
[[nodiscard]] const option_row* find_row(const schema_path& path);
/// Is it a group of options: "http", "apps", "apps.demo"?
[[nodiscard]] bool is_group(const schema_path& path);

/// The known path (of an option or a group) that an unknown one was probably meant to be.
[[nodiscard]] std::string nearest_path(std::string_view unknown);

/// "integer", "text", "list of texts", ...
[[nodiscard]] std::string type_of(const option_row& row);
/// "1 to 64"; "trace, debug or info"; the words of the check; empty where every value will do.
[[nodiscard]] std::string allowed_of(const option_row& row);

} // namespace weappd
