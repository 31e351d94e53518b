#include "config/schema_rows.hpp"
#include "config/schema_table.hpp"
#include "config/text_checks.hpp"

namespace weappd {

using namespace rows;

void add_ban_rows(std::vector<option_row>& rows) {
  const auto first = rows.size();
  rows_of(rows, &options::bans)
      .add("bans.refusals", &ban_options::refusals, from(0, most_in_sliding_window),
           "An address that limits refused so often within bans.window_s is banned; 0: never.")
      .add("bans.failed_logins", &ban_options::failed_logins, from(0, most_in_sliding_window),
           "The same for logins of users and service clients that failed; 0: never.")
      .add("bans.window_s", &ban_options::window_s, from(1, day_s), "The window of both.")
      .add("bans.first_s", &ban_options::first_s, from(1, 31 * day_s), "How long the first ban lasts.")
      .add("bans.factor", &ban_options::factor, from(1, 1'000),
           "By how much each further ban of an address is longer than the one before.")
      .add("bans.longest_s", &ban_options::longest_s, from(1, 366 * day_s), "The longest ban.")
      .add("bans.memory_s", &ban_options::memory_s, from(0, 366 * day_s),
           "How long after its end a ban still makes the next one longer.")
      .add("bans.allow", &ban_options::allow,
           checked(is_address_block, "an address or a block such as 10.0.0.0/8"),
           "Addresses that are never banned, as trusted proxies never are.")
      .add("bans.max_banned", &ban_options::max_banned, from(1, 100'000),
           "Addresses whose bans are in force or remembered; beyond it the one that ends first gives way.")
      .add("bans.max_watched", &ban_options::max_watched, from(1'000, million),
           "Addresses whose offences are counted, 48 bytes each in a table of a power of two.");
  for (auto row = first; row < rows.size(); ++row)
    rows[row].at_reload = true;
}

} // namespace weappd
