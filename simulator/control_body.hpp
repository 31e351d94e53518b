#pragma once

#include "simulator/exchange.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace weappd::simulator {

/// Paths that begin so belong to the control interface and never to WeChat.
inline constexpr std::string_view control_prefix = "/_sim/";

reply control_answer(int status, const nlohmann::json& body);
/// 400 with what is wrong.
reply refuse_control(std::string_view why);

/// Reads the members of a control call one by one and remembers the first thing that is wrong.
class body_reader {
public:
  body_reader(const std::string& text, std::initializer_list<std::string_view> known);

  /// "field: what is wrong"; empty: nothing.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  [[nodiscard]] bool has(const char* name) const { return body_.contains(name); }
  void fail(std::string_view name, std::string_view what);

  /// A string of 1 to 256 bytes; nothing if it is missing.
  std::optional<std::string> text(const char* name);
  /// The same, and missing is wrong.
  std::string needed_text(const char* name);
  /// A path of the WeChat API; missing is wrong.
  std::optional<std::string> api_path(const char* name);
  std::optional<std::int64_t> number(const char* name, std::int64_t min, std::int64_t max);
  /// False if it is missing.
  bool flag(const char* name);
  const nlohmann::json& member(const char* name) { return body_[name]; }

private:
  nlohmann::json body_ = nlohmann::json::object();
  std::string problem_;
};

} // namespace weappd::simulator
