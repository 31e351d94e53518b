#pragma once

#include "config/enum_names.hpp"
#include "config/schema.hpp"
#include "config/text_checks.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

/// What the tables of options are written with.
namespace weappd::rows {

// Ranges end where a value stops making sense, not where a type ends: a typing error of a digit too many
// should be noticed.
inline constexpr std::int64_t second_ms = 1'000;
inline constexpr std::int64_t minute_ms = 60 * second_ms;
inline constexpr std::int64_t hour_ms = 60 * minute_ms;
inline constexpr std::int64_t day_ms = 24 * hour_ms;
inline constexpr std::int64_t hour_s = 3'600;
inline constexpr std::int64_t day_s = 24 * hour_s;
inline constexpr std::int64_t year_s = 366 * day_s;
inline constexpr std::int64_t million = 1'000'000;

inline allowed from(std::int64_t least, std::int64_t most) {
  allowed range;
  range.least = least;
  range.most = most;
  return range;
}
inline allowed one_of(std::vector<std::string_view> choices) {
  allowed range;
  range.choices = std::move(choices);
  return range;
}
/// The values of an enumeration.
template <class Enum>
allowed one_of() {
  return one_of({enum_names<Enum>.begin(), enum_names<Enum>.end()});
}
inline allowed checked(bool (*fits)(std::string_view), std::string_view words) {
  allowed range;
  range.fits = fits;
  range.words = words;
  return range;
}
inline const allowed anything{};

inline allowed address() {
  return checked(is_address, "an IPv4 or IPv6 address");
}
inline allowed file() {
  return checked(is_path, "the name of a file");
}
inline allowed file_or_none() {
  return checked(is_path_or_empty, "the name of a file, or empty");
}

template <class Member>
slot slot_of(Member& member) {
  if constexpr (std::is_enum_v<Member>)
    return choice(&member);
  else
    return &member;
}

/// Rows of one group of options, or of the entries of a map.
template <class Group>
class rows_of {
public:
  rows_of(std::vector<option_row>& rows, Group options::*group)
      : rows_(rows), group_([group](options& o, const entry_names&) -> Group& { return o.*group; }) {}
  rows_of(std::vector<option_row>& rows, Group& (*entry)(options&, const entry_names&))
      : rows_(rows), group_(entry) {}

  template <class Member>
  rows_of& add(std::string_view path, Member Group::*member, allowed range, std::string_view sentence) {
    rows_.push_back({path,
                     [group = group_, member](options& o, const entry_names& names) -> slot {
                       return slot_of(group(o, names).*member);
                     },
                     std::move(range), sentence});
    return *this;
  }
  /// The row that was added last is applied by a reload.
  rows_of& at_reload() {
    rows_.back().at_reload = true;
    return *this;
  }

private:
  std::vector<option_row>& rows_;
  std::function<Group&(options&, const entry_names&)> group_;
};

/// A map that `Map` finds (auto& Map(options&, const entry_names& above)).
template <auto Map>
option_map map_of(std::string_view path, std::string_view placeholder, bool (*is_name)(std::string_view),
                  std::string_view words, std::size_t most) {
  return {.path = path,
          .placeholder = placeholder,
          .is_name = is_name,
          .words = words,
          .most = most,
          .make = [](options& o, const entry_names& names) { Map(o, names).try_emplace(names.back()); },
          .names =
              [](options& o, const entry_names& above) {
                entry_names found;
                for (const auto& [name, entry] : Map(o, above))
                  found.push_back(name);
                return found;
              }};
}

} // namespace weappd::rows
