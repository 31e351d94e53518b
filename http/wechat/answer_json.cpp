#include "http/wechat/answer_json.hpp"

#include "http/wechat/send_answer.hpp"

namespace weappd {
namespace {

wechat_refusal refusal_of(std::int64_t errcode, const nlohmann::json& object) {
  const auto message = object.find("errmsg");
  const bool is_text = message != object.end() && message->is_string();
  return read_refusal(errcode, is_text ? message->get_ref<const std::string&>() : std::string_view{});
}

} // namespace

std::optional<nlohmann::json> read_object(std::string_view body) {
  // We read members of the outermost object alone. What is nested deep is left out: walking it could exhaust
  // the stack.
  constexpr int max_depth = 8;
  auto value = nlohmann::json::parse(
      body, [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) { return depth <= max_depth; },
      false);
  if (!value.is_object())
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> as_integer(const nlohmann::json& value) {
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)
    return std::nullopt;
  if (value.is_number_integer())
    return value.get<std::int64_t>();
  if (!value.is_string())
    return std::nullopt;
  return parse_integer(value.get_ref<const std::string&>());
}

std::optional<std::string> text_member(const nlohmann::json& object, const char* name, std::size_t max) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string())
    return std::nullopt;
  auto text = found->get<std::string>();
  if (text.empty() || text.size() > max)
    return std::nullopt;
  return text;
}

std::optional<std::variant<wechat_refusal, wechat_nonsense>>
refused(const std::optional<nlohmann::json>& object) {
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

} // namespace weappd
