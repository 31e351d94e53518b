#pragma once

#include "http/json/object_reader.hpp"
#include "http/json/strict_json.hpp"
#include "http/server/request_actor.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace weappd::http {

/// Reads the JSON body of a request: `read` gets an object_reader and gives back a plain struct. When
/// anything is wrong, the client is told all of it and the result is nothing: return. An empty body counts as
/// {} where the route says optional_json. `misfit`: the error of the route's module for what does not fit.
template <class F>
auto read_body(request_actor& self, F&& read, ec misfit = ec::invalid_parameter)
    -> std::optional<decltype(read(std::declval<json::object_reader&>()))> {
  auto& context = self.context();
  const bool left_out = context.body.empty() && context.target->body == body_kind::optional_json;
  auto parsed = json::parse(left_out ? std::string_view("{}") : std::string_view(context.body));
  if (auto* wrong = std::get_if<json::problem>(&parsed)) {
    self.fail(misfit, {*wrong});
    return std::nullopt;
  }
  std::vector<json::problem> problems;
  json::object_reader body(std::get<json::document>(parsed), problems);
  auto result = read(body);
  body.finish();
  if (!problems.empty()) {
    self.fail(misfit, problems);
    return std::nullopt;
  }
  return result;
}

} // namespace weappd::http
