#include "simulator/call_log.hpp"

#include "simulator/json_text.hpp"

#include <algorithm>
#include <array>

namespace weappd::simulator {
namespace {

bool is_secret(std::string_view name) {
  constexpr std::array<std::string_view, 8> names{"secret", "js_code",    "access_token", "appsecret",
                                                  "code",   "corpsecret", "session_key",  "refresh_token"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The depth is bounded by parse_json.
void mask(nlohmann::json& value) {
  if (value.is_object()) {
    for (auto& [name, member] : value.items()) {
      if (is_secret(name))
        member = "***";
      else
        mask(member);
    }
  } else if (value.is_array()) {
    for (auto& element : value)
      mask(element);
  }
}

nlohmann::json masked_query(const query_params& query) {
  auto out = nlohmann::json::object();
  for (const auto& [name, value] : query)
    out[name] = is_secret(name) ? "***" : value;
  return out;
}

// Only what can be understood can be masked, so nothing else is kept.
nlohmann::json masked_body(const std::string& body) {
  if (body.empty())
    return "";
  if (body.size() > call_log::max_body)
    return "<" + std::to_string(body.size()) + " bytes>";
  auto value = parse_json(body);
  if (!value)
    return "<" + std::to_string(body.size()) + " bytes, not JSON>";
  mask(*value);
  return std::move(*value);
}

} // namespace

void call_log::add(moment at, const request& call) {
  ++total_;
  if (const auto counted = counts_.find(call.path); counted != counts_.end())
    ++counted->second;
  else if (counts_.size() < max_paths)
    counts_.emplace(call.path, 1);
  calls_.push_back({at, call.path, to_text(masked_query(call.query)), to_text(masked_body(call.body))});
  bytes_ += calls_.back().size();
  while (calls_.size() > max_calls || bytes_ > max_bytes) {
    bytes_ -= calls_.front().size();
    calls_.pop_front();
  }
}

nlohmann::json call_log::report(std::optional<std::string_view> path) const {
  auto calls = nlohmann::json::array();
  for (const auto& each : calls_) {
    if (path && each.path != *path)
      continue;
    calls.push_back({{"at", to_rfc3339(each.at)},
                     {"path", each.path},
                     {"query", nlohmann::json::parse(each.query, nullptr, false)},
                     {"body", nlohmann::json::parse(each.body, nullptr, false)}});
  }
  std::uint64_t count = total_;
  if (path) {
    const auto counted = counts_.find(std::string(*path));
    count = counted == counts_.end() ? calls.size() : counted->second;
  }
  return {{"count", count}, {"calls", std::move(calls)}};
}

} // namespace weappd::simulator
