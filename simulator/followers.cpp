#include "simulator/followers.hpp"

#include "config/crypto/base64url.hpp"
#include "config/crypto/hmac.hpp"

namespace weappd::simulator {
namespace {

// Two apps do not give one person the same openid.
std::string derived_openid(const std::string& app_id, const std::string& unionid) {
  constexpr std::size_t length = 28; // of real ones
  const auto hash = crypto::hmac_sha256(app_id)(unionid);
  const auto text = crypto::base64url_encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
  return "o" + text.substr(0, length - 1);
}

} // namespace

followers::person& followers::join(const std::string& openid, const std::optional<std::string>& unionid) {
  auto known = people_.find(openid);
  auto& who = known == people_.end() ? insert(openid) : known->second;
  if (unionid)
    name(who, *unionid);
  return who;
}

followers::person& followers::join_by_unionid(const std::string& unionid) {
  if (const auto known = openids_.find(unionid); known != openids_.end())
    return people_.find(known->second)->second;
  return join(derived_openid(app_id_, unionid), unionid);
}

followers::person& followers::insert(const std::string& openid) {
  if (people_.size() == max_people)
    forget(people_.find(by_age_.begin()->second));
  auto& who = people_[openid];
  who.openid = openid;
  who.number = ++joined_;
  by_age_.emplace(who.number, openid);
  ++count_;
  return who;
}

void followers::name(person& who, const std::string& unionid) {
  if (const auto known = openids_.find(unionid); known != openids_.end() && known->second != who.openid) {
    const auto other = people_.find(known->second);
    set_follows(who, other->second.follows);
    forget(other);
  }
  if (who.unionid && *who.unionid != unionid)
    openids_.erase(*who.unionid);
  who.unionid = unionid;
  openids_[unionid] = who.openid;
}

void followers::forget(people::iterator who) {
  if (who->second.unionid)
    openids_.erase(*who->second.unionid);
  if (who->second.follows)
    --count_;
  by_age_.erase(who->second.number);
  people_.erase(who);
}

void followers::set_follows(person& who, bool follows) {
  if (who.follows == follows)
    return;
  who.follows = follows;
  follows ? ++count_ : --count_;
}

const followers::person* followers::find(const std::string& openid) const {
  const auto known = people_.find(openid);
  return known == people_.end() ? nullptr : &known->second;
}

std::vector<std::string_view> followers::page(const std::string& after) const {
  std::vector<std::string_view> out;
  for (auto each = people_.upper_bound(after); each != people_.end() && out.size() < max_page; ++each)
    if (each->second.follows)
      out.emplace_back(each->first);
  return out;
}

} // namespace weappd::simulator
