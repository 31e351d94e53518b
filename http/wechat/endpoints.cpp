#include "http/wechat/endpoints.hpp"

#include "http/wechat/answer_json.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace weappd {
namespace {

constexpr std::size_t max_token_length = 2'048; // documented: up to 512
constexpr std::int64_t max_life_s = 86'400;     // documented: up to 7200
constexpr std::string_view field_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
constexpr std::string_view letters_and_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// What RFC 3986 lets stand as it is. A table, because an access token of 512 characters goes with every
/// send.
constexpr auto unreserved = [] {
  std::array<bool, 256> out{};
  for (const char c : letters_and_digits)
    out[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("-._~"))
    out[static_cast<unsigned char>(c)] = true;
  return out;
}();

/// Nothing to be found is fine; something that is not a short text is not.
std::optional<wechat_nonsense> read_union_id(const nlohmann::json& object, code_exchanged& out) {
  const auto member = object.find("unionid");
  if (member == object.end() || member->is_null() || *member == nlohmann::json(""))
    return std::nullopt;
  auto text = text_member(object, "unionid", max_id_length);
  if (!text)
    return wechat_nonsense{"unionid is not a short string"};
  out.union_id = unionid(std::move(*text));
  return std::nullopt;
}

/// sns/jscode2session and sns/oauth2/access_token differ in their path and in what they call the code.
http_call exchange_call(const wechat_options& options, const app_options& app,
                        std::string_view path_and_query, std::string_view code_name, const secret& code) {
  auto call = prepared_call(options);
  std::string url = options.base_url;
  url += path_and_query;
  url += percent_encode(app.app_id);
  url += "&secret=";
  url += percent_encode(app.app_secret.reveal());
  url += code_name;
  url += percent_encode(code.reveal());
  url += "&grant_type=authorization_code";
  call.url = secret(std::move(url));
  call.repeatable = false;
  return call;
}

/// The names in "{{name.DATA}}", in their order. What is not in this form is text.
std::vector<std::string> fields_of(std::string_view content) {
  constexpr std::string_view begin = "{{";
  constexpr std::string_view end = ".DATA}}";
  constexpr std::size_t max_name_length = 32;
  constexpr std::size_t max_fields = 64;
  std::vector<std::string> out;
  auto at = content.find(begin);
  while (at != std::string_view::npos && out.size() < max_fields) {
    content.remove_prefix(at + begin.size());
    const auto length = content.find_first_not_of(field_characters);
    if (length != 0 && length != std::string_view::npos && length <= max_name_length &&
        content.substr(length).starts_with(end))
      out.emplace_back(content.substr(0, length));
    at = content.find(begin);
  }
  return out;
}

std::optional<platform_template> template_of(const nlohmann::json& item) {
  constexpr std::int64_t long_term = 3;
  if (!item.is_object())
    return std::nullopt;
  auto id = text_member(item, "priTmplId", max_id_length);
  if (!id)
    return std::nullopt;
  const auto type = item.find("type");
  const auto content = item.find("content");
  platform_template out;
  out.id = std::move(*id);
  out.long_term = type != item.end() && as_integer(*type) == long_term;
  if (content != item.end() && content->is_string())
    out.fields = fields_of(content->get_ref<const std::string&>());
  return out;
}

} // namespace

http_call prepared_call(const wechat_options& options) {
  http_call call;
  call.connect_timeout = std::chrono::milliseconds(options.connect_timeout_ms);
  call.total_timeout = std::chrono::milliseconds(options.total_timeout_ms);
  return call;
}

secret with_access_token(const wechat_options& options, std::string_view path, const secret& access_token) {
  constexpr std::string_view query = "?access_token=";
  const auto token = percent_encode(access_token.reveal());
  std::string url;
  url.reserve(options.base_url.size() + path.size() + query.size() + token.size());
  url += options.base_url;
  url += path;
  url += query;
  url += token;
  return secret(std::move(url));
}

http_call code_exchange_call(const wechat_options& options, const app_options& app, const secret& code) {
  return exchange_call(options, app, "/sns/jscode2session?appid=", "&js_code=", code);
}

http_call oauth_exchange_call(const wechat_options& options, const app_options& app, const secret& code) {
  return exchange_call(options, app, "/sns/oauth2/access_token?appid=", "&code=", code);
}

http_call stable_token_call(const wechat_options& options, const app_options& app) {
  auto call = prepared_call(options);
  call.method = http_method::post;
  call.url = secret(options.base_url + "/cgi-bin/stable_token");
  call.content_type = "application/json";
  const nlohmann::json body{{"grant_type", "client_credential"},
                            {"appid", app.app_id},
                            {"secret", app.app_secret.reveal()},
                            {"force_refresh", false}};
  // Bytes that are not UTF-8 would throw otherwise; such a secret is wrong anyway.
  call.body = secret(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return call;
}

http_call template_list_call(const wechat_options& options, const secret& access_token) {
  auto call = prepared_call(options);
  call.url = with_access_token(options, "/wxaapi/newtmpl/gettemplate", access_token);
  return call;
}

wechat_answer<code_exchanged> read_code_exchange(std::string_view body) {
  const auto object = read_object(body);
  if (auto problem = refused(object))
    return widen<code_exchanged>(std::move(*problem));
  auto who = text_member(*object, "openid", max_id_length);
  if (!who)
    return wechat_nonsense{"no openid"};
  auto key = text_member(*object, "session_key", max_id_length);
  if (!key)
    return wechat_nonsense{"no session_key"};
  code_exchanged out{openid(std::move(*who)), std::nullopt, secret(std::move(*key))};
  if (auto problem = read_union_id(*object, out))
    return *problem;
  return out;
}

wechat_answer<oauth_exchanged> read_oauth_exchange(std::string_view body) {
  const auto object = read_object(body);
  if (auto problem = refused(object))
    return widen<oauth_exchanged>(std::move(*problem));
  auto who = text_member(*object, "openid", max_id_length);
  if (!who)
    return wechat_nonsense{"no openid"};
  oauth_exchanged out;
  out.session.who = openid(std::move(*who));
  if (auto problem = read_union_id(*object, out.session))
    return *problem;
  const auto snapshot = object->find("is_snapshotuser");
  out.snapshot = snapshot != object->end() && as_integer(*snapshot) == 1;
  return out;
}

wechat_answer<access_token_fetched> read_stable_token(std::string_view body) {
  const auto object = read_object(body);
  if (auto problem = refused(object))
    return widen<access_token_fetched>(std::move(*problem));
  auto token = text_member(*object, "access_token", max_token_length);
  if (!token)
    return wechat_nonsense{"no access_token"};
  const auto life = object->find("expires_in");
  const auto seconds = life == object->end() ? std::nullopt : as_integer(*life);
  if (!seconds || *seconds <= 0 || *seconds > max_life_s)
    return wechat_nonsense{"expires_in is not a life"};
  return access_token_fetched{secret(std::move(*token)), std::chrono::seconds(*seconds)};
}

wechat_answer<templates_fetched> read_template_list(std::string_view body) {
  const auto object = read_object(body);
  if (auto problem = refused(object))
    return widen<templates_fetched>(std::move(*problem));
  const auto data = object->find("data");
  if (data == object->end() || !data->is_array())
    return wechat_nonsense{"no data"};
  templates_fetched out;
  for (const auto& item : *data) {
    auto each = template_of(item);
    if (!each)
      return wechat_nonsense{"a template without priTmplId"};
    out.items.push_back(std::move(*each));
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved[byte])
      out += c;
    else
      out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

} // namespace weappd
