#pragma once

#include "config/options.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weappd::http {

/// Whom browsers let call us from the pages of another origin: the CORS protocol of the Fetch standard. All
/// lines are made once. Pure.
class cors_policy {
public:
  explicit cors_policy(const cors_options& values);

  /// Complete header lines for an answer to a request with this Origin (empty: without one). They stay
  /// where they are as long as the policy does.
  [[nodiscard]] std::string_view fields_for(std::string_view origin) const;
  /// The answer to OPTIONS, a preflight or not; `allow` lists what the resource knows. What fields_for()
  /// has is not in it.
  [[nodiscard]] response answer_options(const request& wanted, std::string_view allow) const;

private:
  struct line_set {
    std::string origin;
    std::string fields;
  };
  [[nodiscard]] const line_set* find(std::string_view origin) const;

  bool any_ = false;           ///< "*" is allowed
  std::vector<line_set> each_; ///< one for each allowed origin
  std::string others_;         ///< for everybody else
  std::vector<std::string> methods_;
  std::string preflight_; ///< Access-Control-Allow-Headers and -Max-Age
};

} // namespace weappd::http
