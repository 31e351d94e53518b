#include "simulator/message_endpoints.hpp"

#include "simulator/endpoint_kit.hpp"
#include "simulator/json_text.hpp"
#include "simulator/template_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weappd::simulator {
namespace {

struct send_call {
  const app* sender = nullptr;
  nlohmann::json body;
  std::string openid;
};

/// A message that fits its template.
struct sound_message {
  const template_definition* of = nullptr;
  std::vector<std::string> texts;
};

std::variant<send_call, reply> read_send(state& state, const request& call, app_kind kind) {
  auto caller = admit(state, call, kind);
  if (auto* refused = std::get_if<reply>(&caller))
    return std::move(*refused);
  auto body = parse_json(call.body);
  if (!body || !body->is_object())
    return failure(state, errcode::bad_json);
  send_call out{std::get<const app*>(caller), std::move(*body), {}};
  out.openid = text_member(out.body, "touser");
  if (!state.world.has_user(*out.sender, out.openid))
    return failure(state, errcode::bad_openid);
  return out;
}

std::variant<sound_message, reply> check_message(const state& state, const send_call& call) {
  const auto* of = find_template(*call.sender, text_member(call.body, "template_id"));
  if (!of)
    return failure(state, errcode::bad_template);
  const nlohmann::json none;
  const auto data = call.body.find("data");
  auto checked = check_data(*of, data == call.body.end() ? none : *data);
  if (!checked.problem.empty())
    return failure(state, errcode::bad_data, checked.problem);
  return sound_message{of, std::move(checked.texts)};
}

nlohmann::json describe_template(const template_definition& of) {
  std::string content;
  std::string example;
  for (const auto& field : of.fields) {
    const auto sample = sample_of(field);
    const auto choices = of.choices.find(field);
    const auto text = choices == of.choices.end() || choices->second.empty()
                          ? sample.example
                          : std::string_view(choices->second.front());
    content.append(sample.label).append(":{{").append(field).append(".DATA}}\n");
    example.append(sample.label).append(":").append(text).append("\n");
  }
  auto choices = nlohmann::json::array();
  for (const auto& [field, values] : of.choices)
    choices.push_back({{"keywordCode", field + ".DATA"}, {"enumValueList", values}});
  return {{"priTmplId", of.id},
          {"title", of.title},
          {"content", std::move(content)},
          {"example", std::move(example)},
          {"type", of.long_term ? 3 : 2},
          {"keywordEnumValueList", std::move(choices)}};
}

reply accepted(std::int64_t msgid) {
  return {.body = R"({"errcode":0,"errmsg":"ok","msgid":)" + std::to_string(msgid) + '}'};
}

} // namespace

reply subscribe_send(state& state, const request& call) {
  auto read = read_send(state, call, app_kind::mini_program);
  if (auto* refused = std::get_if<reply>(&read))
    return std::move(*refused);
  const auto& send = std::get<send_call>(read);
  auto busy = state.receivers.begin(send.sender->app_id + ' ' + send.openid);
  if (!busy)
    return failure(state, errcode::receiver_busy);
  const auto answer = [&]() -> reply {
    auto checked = check_message(state, send);
    if (auto* refused = std::get_if<reply>(&checked))
      return std::move(*refused);
    const auto& message = std::get<sound_message>(checked);
    if (!state.consents.use({send.sender->app_id, send.openid, message.of->id}, message.of->long_term))
      return failure(state, errcode::not_subscribed);
    state.delivered.add(state.clock.now(), *message.of, {send.openid, message.texts, {}});
    return accepted(state.msgids.next());
  };
  auto out = answer();
  out.until_written = std::move(busy);
  return out;
}

reply template_send(state& state, const request& call) {
  constexpr std::size_t max_id = 128;
  auto read = read_send(state, call, app_kind::official_account);
  if (auto* refused = std::get_if<reply>(&read))
    return std::move(*refused);
  const auto& send = std::get<send_call>(read);
  const auto id = text_member(send.body, "client_msg_id");
  if (id.size() > max_id)
    return failure(state, errcode::bad_data, "argument invalid! client_msg_id invalid");
  const message_ids::origin origin{send.sender->app_id, send.openid, id};
  if (!id.empty())
    if (const auto before = state.msgids.find(state.clock.now(), origin))
      return accepted(*before);
  if (!state.world.followers_of(*send.sender).find(send.openid)->follows)
    return failure(state, errcode::not_a_follower);
  auto checked = check_message(state, send);
  if (auto* refused = std::get_if<reply>(&checked))
    return std::move(*refused);
  const auto& message = std::get<sound_message>(checked);
  const auto msgid = state.msgids.next();
  if (!id.empty())
    state.msgids.remember(state.clock.now(), origin, msgid);
  state.delivered.add(state.clock.now(), *message.of, {send.openid, message.texts, id});
  return accepted(msgid);
}

reply list_templates(state& state, const request& call) {
  auto caller = admit(state, call);
  if (auto* refused = std::get_if<reply>(&caller))
    return std::move(*refused);
  auto data = nlohmann::json::array();
  for (const auto& each : std::get<const app*>(caller)->templates)
    data.push_back(describe_template(each));
  return success({{"errcode", 0}, {"errmsg", "ok"}, {"data", std::move(data)}});
}

} // namespace weappd::simulator
