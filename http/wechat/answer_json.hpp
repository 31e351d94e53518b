#pragma once

#include "http/wechat/endpoints.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

/// How WeChat's answers in JSON are taken apart. Pure.
namespace weappd {

/// The longest openid, unionid or template id that we believe.
inline constexpr std::size_t max_id_length = 128;

/// Nothing if the text is not one JSON object. What is nested deep is left out.
std::optional<nlohmann::json> read_object(std::string_view body);
/// A number, or a string that holds one.
std::optional<std::int64_t> as_integer(const nlohmann::json& value);
/// The string member, if it is there and has 1 to `max` bytes.
std::optional<std::string> text_member(const nlohmann::json& object, const char* name, std::size_t max);

/// What is wrong with the answer as such, before its members are read.
std::optional<std::variant<wechat_refusal, wechat_nonsense>>
refused(const std::optional<nlohmann::json>& object);

template <class Answer>
wechat_answer<Answer> widen(std::variant<wechat_refusal, wechat_nonsense>&& from) {
  return std::visit(
      []<class Problem>(Problem&& each) -> wechat_answer<Answer> { return std::forward<Problem>(each); },
      std::move(from));
}

} // namespace weappd
