#include "http/wechat/follower_endpoints.hpp"

#include "http/wechat/answer_json.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weappd {
namespace {

/// A page of 10,000 openids takes some 310 KB; people with all that the platform tells of them up to 1 KB
/// each.
constexpr std::uint32_t max_follower_bytes = 2'097'152;

http_call follower_call(const wechat_options& options, std::string_view path, const secret& token) {
  auto call = prepared_call(options);
  call.url = with_access_token(options, path, token);
  call.max_answer_bytes = max_follower_bytes;
  return call;
}

/// The openids of a page; nothing if something in it is none.
std::optional<std::vector<openid>> openids_of(const nlohmann::json& object) {
  std::vector<openid> out;
  const auto data = object.find("data");
  if (data == object.end()) // an empty page has none
    return out;
  const auto list = data->is_object() ? data->find("openid") : data->end();
  if (!data->is_object() || list == data->end() || !list->is_array() || list->size() > max_followers_listed)
    return std::nullopt;
  out.reserve(list->size());
  for (const auto& each : *list) {
    if (!each.is_string())
      return std::nullopt;
    const auto& text = each.get_ref<const std::string&>();
    if (text.empty() || text.size() > max_id_length)
      return std::nullopt;
    out.emplace_back(text);
  }
  return out;
}

bool follows(const nlohmann::json& person) {
  const auto member = person.find("subscribe");
  return member != person.end() && as_integer(*member) == 1;
}

} // namespace

http_call follower_list_call(const wechat_options& options, const list_followers& ask) {
  auto call = follower_call(options, "/cgi-bin/user/get", ask.access_token);
  if (!ask.after.empty())
    call.url = secret(call.url.reveal() + "&next_openid=" + percent_encode(ask.after.reveal()));
  return call;
}

http_call follower_details_call(const wechat_options& options, const describe_followers& ask) {
  auto call = follower_call(options, "/cgi-bin/user/info/batchget", ask.access_token);
  call.method = http_method::post;
  call.content_type = "application/json";
  auto list = nlohmann::json::array();
  for (const auto& who : ask.who)
    list.push_back({{"openid", who.reveal()}, {"lang", "zh_CN"}});
  const nlohmann::json body{{"user_list", std::move(list)}};
  call.body = secret(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return call;
}

wechat_answer<followers_listed> read_follower_list(std::string_view body) {
  const auto object = read_object(body);
  if (auto problem = refused(object))
    return widen<followers_listed>(std::move(*problem));
  auto who = openids_of(*object);
  if (!who)
    return wechat_nonsense{"data is no list of openids"};
  followers_listed out{.who = std::move(*who)};
  const auto total = object->find("total");
  if (total != object->end())
    out.total = static_cast<std::uint64_t>(std::max<std::int64_t>(as_integer(*total).value_or(0), 0));
  out.more = out.who.size() == max_followers_listed;
  return out;
}

wechat_answer<followers_described> read_follower_details(std::string_view body) {
  const auto object = read_object(body);
  if (auto problem = refused(object))
    return widen<followers_described>(std::move(*problem));
  const auto list = object->find("user_info_list");
  if (list == object->end() || !list->is_array())
    return wechat_nonsense{"no user_info_list"};
  followers_described out;
  for (const auto& person : *list) {
    auto who = person.is_object() ? text_member(person, "openid", max_id_length) : std::nullopt;
    if (!who)
      return wechat_nonsense{"somebody without openid"};
    if (!follows(person))
      continue;
    auto union_id = text_member(person, "unionid", max_id_length);
    if (union_id)
      out.items.push_back({openid(std::move(*who)), unionid(std::move(*union_id))});
    else
      ++out.nameless;
  }
  return out;
}

} // namespace weappd
