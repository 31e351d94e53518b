#include "http/api/paging.hpp"

namespace weappd::http {

page_wish read_page(query_reader& query) {
  page_wish wanted;
  wanted.page = query.number("page", 1, 1'000'000).value_or(wanted.page);
  wanted.limit = query.number("limit", 1, 100).value_or(wanted.limit);
  return wanted;
}

std::optional<bool> parse_order(std::string_view text) {
  if (text == "created_at")
    return true;
  return text == "-created_at" ? std::optional(false) : std::nullopt;
}

} // namespace weappd::http
