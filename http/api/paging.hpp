#pragma once

#include "http/api/query_reader.hpp"
#include "http/json/writer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

/// What all lists have in common: ?page=1&limit=20&sort=-created_at, and
/// {"items":[...],"page":1,"limit":20,"total":123}.
namespace weappd::http {

struct page_wish {
  std::uint32_t page = 1;
  std::uint32_t limit = 20;
};

/// Takes `page` and `limit`.
[[nodiscard]] page_wish read_page(query_reader& query);

/// The value of `sort` where a list has one order and its reverse. True: the oldest first.
[[nodiscard]] std::optional<bool> parse_order(std::string_view text);

/// A page of a list of which all is at hand; `write_item` writes one of `all`.
template <class Range, class F>
void write_page(json::writer& out, const Range& all, const page_wish& wanted, F&& write_item) {
  const auto skipped = std::min(std::size_t{wanted.page - 1} * wanted.limit, std::size(all));
  auto next = std::next(std::begin(all), static_cast<std::ptrdiff_t>(skipped));
  out.begin_object();
  out.begin_array("items");
  for (std::uint32_t i = 0; i < wanted.limit && next != std::end(all); ++i, ++next)
    write_item(*next);
  out.end_array();
  out.member("page", wanted.page);
  out.member("limit", wanted.limit);
  out.member("total", std::size(all));
  out.end_object();
}

} // namespace weappd::http
