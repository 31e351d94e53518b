#include "persistence/key_check.hpp"

#include "config/crypto/hmac.hpp"
#include "config/crypto/sealed_box.hpp"
#include "persistence/sealed.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace weappd {
namespace {

constexpr std::string_view marked_text = "weappd";
constexpr std::string_view mark_purpose = "key_check";

std::string quoted_id(const std::string& id) {
  return "'" + id + "'";
}

std::string mark_of(const named_key& key) {
  const auto derived = crypto::derive_key(key.bytes.reveal(), mark_purpose);
  const auto hash =
      crypto::hmac_sha256({reinterpret_cast<const char*>(derived.data()), derived.size()})(marked_text);
  return {hash.begin(), hash.end()};
}

std::string mark_place(const std::string& key_id) {
  return "key_checks.value/" + key_id;
}

std::string lost_lookup_key(const std::string& active, const std::string& wanted) {
  return "keys.lookup_file: its active key " + quoted_id(active) +
         " is not the one that the store was written with" + wanted +
         ", so no user would be found: put back the file that belongs to this store";
}

std::string lost_encryption_key(const std::string& id) {
  return "keys.encryption_file: there is no key " + quoted_id(id) +
         " in it, which sealed what the store holds: put its line back, marked retired";
}

std::string other_encryption_key(const std::string& id) {
  return "keys.encryption_file: its key " + quoted_id(id) +
         " is another one than that of the same name which sealed what the store holds: put back the file "
         "that belongs to this store";
}

/// The problem with the lookup keys, or nothing.
std::string judge_lookup(const keyring& lookup, const key_mark& mark) {
  const auto fits = [&](const named_key& key) { return mark_of(key) == mark.value; };
  if (fits(lookup.active()))
    return {};
  const auto retired = std::ranges::find_if(lookup.all(), fits);
  if (retired != lookup.all().end())
    return "keys.lookup_file: the store was written with its key " + quoted_id(retired->id) +
           ", which is marked retired, so no user would be found: mark it active again";
  return lost_lookup_key(lookup.active().id, ", " + quoted_id(mark.key_id));
}

/// What the openids say of the encryption keys. A box that names no key was damaged.
std::vector<std::string> judge_boxes(const keyring& encryption, std::span<const stored_openid> openids,
                                     const sealed_columns& columns) {
  std::set<std::string> opened;
  std::set<std::string> closed;
  for (const auto& one : openids)
    if (const auto id = crypto::sealed_box::key_id_of(one.box))
      (columns.open_openid(one.box, one.app, one.row) ? opened : closed).insert(*id);
  std::vector<std::string> problems;
  for (const auto& id : closed)
    if (encryption.find(id) == nullptr)
      problems.push_back(lost_encryption_key(id));
    else if (!opened.contains(id))
      problems.push_back(other_encryption_key(id));
  return problems;
}

} // namespace

std::vector<std::string> key_check::problems(const key_marks& known) const {
  std::vector<std::string> found;
  if (known.lookup)
    if (auto problem = judge_lookup(keys_.lookup, *known.lookup); !problem.empty())
      found.push_back(std::move(problem));
  const crypto::sealed_box boxes(keys_.encryption, mark_purpose, random_);
  for (const auto& [id, value] : known.encryption)
    if (keys_.encryption.find(id) == nullptr)
      found.push_back(lost_encryption_key(id));
    else if (boxes.open(value, mark_place(id)) != marked_text)
      found.push_back(other_encryption_key(id));
  return found;
}

std::vector<std::string> key_check::problems(std::span<const stored_openid> openids) const {
  sealed_columns columns(keys_, random_);
  auto found = judge_boxes(keys_.encryption, openids, columns);
  // The oldest that can be read decides: a wrong key that was used for a while has left its rows behind it.
  for (const auto& one : openids)
    if (const auto who = columns.open_openid(one.box, one.app, one.row)) {
      if (columns.hash(one.app, *who) != one.row)
        found.push_back(lost_lookup_key(keys_.lookup.active().id, {}));
      break;
    }
  return found;
}

key_marks key_check::missing(const key_marks& known, bool was_used) const {
  key_marks marks;
  if (const auto& key = keys_.lookup.active(); !known.lookup)
    marks.lookup = {key.id, mark_of(key)};
  const auto& ring = keys_.encryption;
  for (const auto& key : ring.all()) {
    const bool may_seal = was_used || key.id == ring.active().id;
    if (!may_seal || std::ranges::find(known.encryption, key.id, &key_mark::key_id) != known.encryption.end())
      continue;
    const keyring alone({key}, key.id);
    marks.encryption.push_back(
        {key.id, crypto::sealed_box(alone, mark_purpose, random_).seal(marked_text, mark_place(key.id))});
  }
  return marks;
}

} // namespace weappd
