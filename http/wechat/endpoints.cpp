#include "http/wechat/endpoints.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace weappd {
namespace {

using nlohmann::json;

constexpr std::size_t max_id_length = 128;
constexpr std::size_t max_token_length = 2'048; // documented: up to 512
constexpr std::int64_t max_life_s = 86'400;     // documented: up to 7200

http_call prepared(const wechat_options& options) {
  http_call call;
  call.connect_timeout = std::chrono::milliseconds(options.connect_timeout_ms);
  call.total_timeout = std::chrono::milliseconds(options.total_timeout_ms);
  return call;
}

std::optional<json> read_object(std::string_view body) {
  // We read members of the outermost object alone. What is nested deep is left out: walking it could exhaust
  // the stack.
  constexpr int max_depth = 8;
  auto value = json::parse(
      body, [](int depth, json::parse_event_t, json&) { return depth <= max_depth; }, false);
  if (!value.is_object())
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> as_integer(const json& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)
    return std::nullopt;
  if (value.is_number_integer())
    return value.get<std::int64_t>();
  if (!value.is_string())
    return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return out;
}

/// The string member, if it is there and has 1 to `max` bytes.
std::optional<std::string> text_member(const json& object, const char* name, std::size_t max) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string())
    return std::nullopt;
  auto text = found->get<std::string>();
  if (text.empty() || text.size() > max)
    return std::nullopt;
  return text;
}

/// The run of characters from `allowed` after `before`.
std::string_view run_after(std::string_view text, std::string_view before, std::string_view allowed) {
  const auto at = text.find(before);
  if (at == std::string_view::npos)
    return {};
  const auto rest = text.substr(at + before.size());
  return rest.substr(0, std::min(rest.find_first_not_of(allowed), rest.size()));
}

wechat_refusal refusal_of(std::int64_t errcode, const json& object) {
  constexpr std::size_t max_rid_length = 64;
  constexpr std::size_t max_address_length = 45; // the longest text of an IPv6 address
  wechat_refusal out{errcode, {}, {}};
  const auto found = object.find("errmsg");
  if (found == object.end() || !found->is_string())
    return out;
  const auto& message = found->get_ref<const std::string&>();
  if (const auto rid = run_after(message, "rid: ", "0123456789abcdef-"); rid.size() <= max_rid_length)
    out.rid = rid;
  if (const auto address = run_after(message, "invalid ip ", "0123456789abcdefABCDEF.:");
      address.size() <= max_address_length)
    out.address = address;
  return out;
}

/// What is wrong with the answer as such, before its members are read.
std::optional<std::variant<wechat_refusal, wechat_nonsense>> refused(const std::optional<json>& object) {
  if (!object)
    return wechat_nonsense{"no JSON object"};
  const auto errcode = object->find("errcode");
  if (errcode == object->end())
    return std::nullopt;
  const auto number = as_integer(*errcode);
  if (!number)
    return wechat_nonsense{"errcode is not a number"};
  if (*number == 0)
    return std::nullopt;
  return refusal_of(*number, *object);
}

template <class Answer>
wechat_answer<Answer> widen(std::variant<wechat_refusal, wechat_nonsense>&& from) {
  return std::visit(
      []<class Problem>(Problem&& each) -> wechat_answer<Answer> { return std::forward<Problem>(each); },
      std::move(from));
}

} // namespace

http_call code_exchange_call(const wechat_options& options, const app_options& app, const secret& code) {
  auto call = prepared(options);
  call.url = secret(options.base_url + "/sns/jscode2session?appid=" + percent_encode(app.app_id) +
                    "&secret=" + percent_encode(app.app_secret.reveal()) +
                    "&js_code=" + percent_encode(code.reveal()) + "&grant_type=authorization_code");
  call.repeatable = false;
  return call;
}

http_call stable_token_call(const wechat_options& options, const app_options& app) {
  auto call = prepared(options);
  call.method = http_method::post;
  call.url = secret(options.base_url + "/cgi-bin/stable_token");
  call.headers = {"Content-Type: application/json"};
  const json body{{"grant_type", "client_credential"},
                  {"appid", app.app_id},
                  {"secret", app.app_secret.reveal()},
                  {"force_refresh", false}};
  // Bytes that are not UTF-8 would throw otherwise; such a secret is wrong anyway.
  call.body = secret(body.dump(-1, ' ', false, json::error_handler_t::replace));
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
  const auto union_member = object->find("unionid");
  if (union_member == object->end() || union_member->is_null() || *union_member == json(""))
    return out;
  auto union_text = text_member(*object, "unionid", max_id_length);
  if (!union_text)
    return wechat_nonsense{"unionid is not a short string"};
  out.union_id = unionid(std::move(*union_text));
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

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (kept.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

} // namespace weappd
