#include "http/wechat/send_endpoints.hpp"

#include "http/json/writer.hpp"
#include "http/wechat/send_answer.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace weappd {
namespace {

std::string_view name_of(program_state state) {
  switch (state) {
  case program_state::trial:
    return "trial";
  case program_state::developer:
    return "developer";
  case program_state::formal:
    break;
  }
  return "formal";
}

/// Enough for the body to be written without growing, unless much of it is escaped.
std::size_t size_hint(const send_to_user& what) {
  constexpr std::size_t names_of_members = 256;
  constexpr std::size_t around_a_field = 48;
  auto size = names_of_members + what.page.size() + what.url.size();
  for (const auto& [name, value] : what.data)
    size += name.size() + value.size() + around_a_field;
  return size;
}

std::string_view color_of(const send_to_user& what, std::string_view field) {
  const auto found = std::find_if(what.colors.begin(), what.colors.end(),
                                  [&](const auto& each) { return each.first == field; });
  return found == what.colors.end() ? std::string_view{} : std::string_view(found->second);
}

void begin_message(json::writer& out, const send_to_user& what) {
  out.begin_object();
  out.member("touser", what.to.reveal());
  out.member("template_id", what.template_id);
}

void add_data(json::writer& out, const send_to_user& what) {
  out.begin_object("data");
  for (const auto& [name, value] : what.data) {
    out.begin_object(name);
    out.member("value", value);
    if (const auto color = color_of(what, name); !color.empty())
      out.member("color", color);
    out.end_object();
  }
  out.end_object();
}

http_call send_call(const wechat_options& options, std::string_view path, const send_to_user& what,
                    std::string body) {
  auto call = prepared_call(options);
  call.method = http_method::post;
  call.url = with_access_token(options, path, what.access_token);
  call.content_type = "application/json";
  call.body = secret(std::move(body));
  call.repeatable = false;
  return call;
}

} // namespace

http_call subscribe_send_call(const wechat_options& options, const card_look& look,
                              const send_to_user& what) {
  std::string body;
  body.reserve(size_hint(what));
  json::writer out(body);
  begin_message(out, what);
  if (!what.page.empty())
    out.member("page", what.page);
  add_data(out, what);
  out.member("miniprogram_state", name_of(look.version));
  out.member("lang", look.lang);
  out.end_object();
  return send_call(options, "/cgi-bin/message/subscribe/send", what, std::move(body));
}

http_call template_send_call(const wechat_options& options, std::string_view page_app_id,
                             const send_to_user& what) {
  std::string body;
  body.reserve(size_hint(what));
  json::writer out(body);
  begin_message(out, what);
  if (!what.url.empty())
    out.member("url", what.url);
  if (!page_app_id.empty()) {
    out.begin_object("miniprogram");
    out.member("appid", page_app_id);
    out.member("pagepath", what.page);
    out.end_object();
  }
  add_data(out, what);
  if (!what.client_msg_id.empty())
    out.member("client_msg_id", what.client_msg_id);
  out.end_object();
  return send_call(options, "/cgi-bin/message/template/send", what, std::move(body));
}

wechat_answer<send_accepted> read_send(std::string_view body) {
  const auto answer = parse_send_answer(body);
  if (!answer)
    return wechat_nonsense{"no JSON object"};
  // A missing errcode is 0 if the rest is there that belongs to a success.
  if (!answer->has_errcode && !answer->msgid.empty())
    return send_accepted{.errcode = {}, .platform_id = answer->msgid};
  if (!answer->errcode)
    return wechat_nonsense{"errcode is not a number"};
  if (*answer->errcode != 0)
    return read_refusal(*answer->errcode, answer->errmsg);
  return send_accepted{.errcode = 0, .platform_id = answer->msgid};
}

} // namespace weappd
