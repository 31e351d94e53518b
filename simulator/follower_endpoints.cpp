#include "simulator/follower_endpoints.hpp"

#include "simulator/endpoint_kit.hpp"
#include "simulator/json_text.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace weappd::simulator {
namespace {

nlohmann::json describe_person(const followers::person& who) {
  nlohmann::json out{{"subscribe", who.follows ? 1 : 0}, {"openid", who.openid}};
  if (who.follows)
    out["language"] = "zh_CN";
  if (who.follows && who.unionid)
    out["unionid"] = *who.unionid;
  return out;
}

} // namespace

reply list_followers(state& state, const request& call) {
  auto caller = admit(state, call, app_kind::official_account);
  if (auto* refused = std::get_if<reply>(&caller))
    return std::move(*refused);
  const auto& people = state.world.followers_of(*std::get<const app*>(caller));
  const auto page = people.page(std::string(param(call, "next_openid")));
  nlohmann::json body{{"total", people.count()}, {"count", page.size()}, {"next_openid", ""}};
  if (!page.empty()) {
    body["data"] = {{"openid", page}};
    body["next_openid"] = page.back();
  }
  return success(body);
}

reply describe_followers(state& state, const request& call) {
  constexpr std::size_t max_people = 100;
  auto caller = admit(state, call, app_kind::official_account);
  if (auto* refused = std::get_if<reply>(&caller))
    return std::move(*refused);
  const auto body = parse_json(call.body);
  if (!body || !body->is_object())
    return failure(state, errcode::bad_json);
  const auto list = body->find("user_list");
  if (list == body->end() || !list->is_array() || list->empty() || list->size() > max_people)
    return failure(state, errcode::bad_list_size);
  const auto& people = state.world.followers_of(*std::get<const app*>(caller));
  auto out = nlohmann::json::array();
  for (const auto& each : *list) {
    const auto* who = each.is_object() ? people.find(text_member(each, "openid")) : nullptr;
    if (!who)
      return failure(state, errcode::bad_openid);
    out.push_back(describe_person(*who));
  }
  return success({{"user_info_list", std::move(out)}});
}

} // namespace weappd::simulator
