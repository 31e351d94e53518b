#include "simulator/control_body.hpp"

#include "simulator/json_text.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace weappd::simulator {

reply control_answer(int status, const nlohmann::json& body) {
  return {.status = status, .body = to_text(body)};
}

reply refuse_control(std::string_view why) {
  return control_answer(400, {{"error", why}});
}

body_reader::body_reader(const std::string& text, std::initializer_list<std::string_view> known) {
  if (text.empty())
    return;
  auto parsed = parse_json(text);
  if (!parsed || !parsed->is_object()) {
    fail("body", "must be a JSON object");
    return;
  }
  body_ = std::move(*parsed);
  for (const auto& [name, value] : body_.items())
    if (std::find(known.begin(), known.end(), name) == known.end())
      fail(name, "is not known here");
}

void body_reader::fail(std::string_view name, std::string_view what) {
  if (problem_.empty())
    problem_ = std::string(name) + ": " + std::string(what);
}

std::optional<std::string> body_reader::text(const char* name) {
  constexpr std::size_t max_length = 256;
  if (!has(name))
    return std::nullopt;
  const auto& value = body_[name];
  if (value.is_string()) {
    auto out = value.get<std::string>();
    if (!out.empty() && out.size() <= max_length)
      return out;
  }
  fail(name, "must be a string of 1 to 256 bytes");
  return std::nullopt;
}

std::string body_reader::needed_text(const char* name) {
  if (!has(name))
    fail(name, "is missing");
  return text(name).value_or("");
}

std::optional<std::string> body_reader::api_path(const char* name) {
  auto path = text(name);
  if (!path)
    fail(name, "is missing");
  else if (!path->starts_with('/') || path->starts_with(control_prefix) ||
           path->find_first_of("?# ") != std::string::npos)
    fail(name, "must be a path of the WeChat API, such as /sns/jscode2session");
  return path;
}

std::optional<std::int64_t> body_reader::number(const char* name, std::int64_t min, std::int64_t max) {
  if (!has(name))
    return std::nullopt;
  const auto& value = body_[name];
  if (value.is_number_integer() && (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX)) {
    const auto out = value.get<std::int64_t>();
    if (out >= min && out <= max)
      return out;
  }
  fail(name, "must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

bool body_reader::flag(const char* name) {
  if (!has(name))
    return false;
  if (!body_[name].is_boolean())
    fail(name, "must be true or false");
  return body_[name].is_boolean() && body_[name].get<bool>();
}

} // namespace weappd::simulator
