#include "config/schema_rows.hpp"
#include "config/schema_table.hpp"
#include "config/text_checks.hpp"

namespace weappd {
namespace {

using namespace rows;

captcha_options& captcha(options& o, const entry_names&) {
  return o.challenge.captcha;
}

void add_captcha_rows(std::vector<option_row>& rows) {
  rows_of(rows, &captcha)
      .add("challenge.captcha.url", &captcha_options::url,
           checked(is_service_url_or_empty,
                   "https://host[:port]/path without query, or empty; http for loopback hosts only"),
           "Where the CAPTCHA service judges (its siteverify).")
      .at_reload()
      .add("challenge.captcha.site_key", &captcha_options::site_key,
           checked(is_site_key_or_empty, "up to 128 of A-Z a-z 0-9 _ . -"),
           "What the service calls this site; clients are told.")
      .at_reload()
      .add("challenge.captcha.timeout_ms", &captcha_options::timeout_ms, from(1, minute_ms),
           "How long a judgement may take; less than http.handler_timeout_ms.")
      .at_reload()
      .add("challenge.captcha.ca_file", &captcha_options::ca_file, file_or_none(),
           "Certificates that are trusted there; empty: those of the system.");
  rows.push_back({"challenge.captcha.secret_file",
                  [](options& o, const entry_names&) -> slot {
                    return secret_from_file{&o.challenge.captcha.service_secret};
                  },
                  file(), "A file with the secret that the service gave; only its owner can read it.", true});
}

} // namespace

void add_challenge_rows(std::vector<option_row>& rows) {
  const auto first = rows.size();
  rows_of(rows, &options::challenge)
      .add("challenge.kind", &challenge_options::kind, one_of<challenge_kind>(),
           "What an address has to do before each login after too many failed: nothing; find a number; "
           "satisfy a CAPTCHA service.")
      .add("challenge.failed_logins", &challenge_options::failed_logins, from(1, 64),
           "Failed logins of users and service clients within challenge.window_s after which it has to.")
      .add("challenge.window_s", &challenge_options::window_s, from(1, day_s), "The window.")
      .add("challenge.stay_s", &challenge_options::stay_s, from(1, day_s),
           "For how long it has to, from its last failed login on.")
      .add("challenge.bits", &challenge_options::bits, from(1, 32),
           "proof_of_work: the difficulty; a solution takes 2^bits hashes on average.")
      .add("challenge.max_bits", &challenge_options::max_bits, from(1, 32),
           "Each further failed login makes it one bit more, up to this.")
      .add("challenge.validity_s", &challenge_options::validity_s, from(5, hour_s),
           "How long after it was given out a challenge may be solved.")
      .add("challenge.allow", &challenge_options::allow,
           checked(is_address_block, "an address or a block such as 10.0.0.0/8"),
           "Addresses that never have to, as trusted proxies never have to.")
      .add("challenge.max_watched", &challenge_options::max_watched, from(1'000, million),
           "Addresses whose failed logins are counted, some 200 bytes each and 8 more for each of its logins "
           "in the window; the one that has been quiet for longest is forgotten first.")
      .add("challenge.max_used", &challenge_options::max_used, from(1'000, million),
           "Solutions that are known to be used, and logins that are known to be counted, some 200 bytes "
           "each; "
           "beyond it the oldest is forgotten, and no challenge is taken that is as old.");
  for (auto row = first; row < rows.size(); ++row)
    rows[row].at_reload = true;
  add_captcha_rows(rows);
}

} // namespace weappd
