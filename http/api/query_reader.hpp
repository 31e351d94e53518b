#pragma once

#include "http/json/object_reader.hpp"
#include "http/json/problem.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weappd::http {

/// Reads the parameters of a query ("status=failed&page=2"), typed, and collects what is wrong with them, as
/// json::object_reader does with the members of an object: a name that occurs twice (duplicate_field), one
/// that was not asked for (unknown_field), a value that is not as it should be. Names and values are decoded
/// as HTML forms write them. The problems outlive the reader; names are literals.
class query_reader {
public:
  static constexpr std::size_t max_parameters = 32; ///< more than that: one problem, too_long

  query_reader(std::string_view query, std::vector<json::problem>& problems);

  /// Nothing when it was left out or there is a problem.
  [[nodiscard]] std::optional<std::string> text(std::string_view name, const json::text_rule& rule = {});
  /// Digits alone, without a leading zero.
  [[nodiscard]] std::optional<std::uint32_t> number(std::string_view name, std::uint32_t min,
                                                    std::uint32_t max);
  /// `parse` gives an optional value: unknown_value if it gives nothing.
  template <class F>
  [[nodiscard]] auto value(std::string_view name, F&& parse) -> decltype(parse(std::string_view{})) {
    const auto found = text(name);
    if (!found)
      return std::nullopt;
    auto parsed = parse(std::string_view(*found));
    if (!parsed)
      add(name, json::words::unknown_value);
    return parsed;
  }

  /// Adds unknown_field for each parameter that was not asked for. Call last.
  void finish();

private:
  struct parameter {
    std::string name;
    std::optional<std::string> value; ///< nothing: badly encoded
    bool asked_for = false;
  };
  parameter* find(std::string_view name);
  void add(std::string_view name, std::string_view word);

  std::vector<parameter> parameters_;
  std::vector<json::problem>& problems_;
};

} // namespace weappd::http
