#include "http/server/filter_gate.hpp"

#include "http/server/characters.hpp"
#include "http/server/request_context.hpp"

#include <utility>

namespace weappd::http {

bool filter_gate::look_for_news() {
  const auto version = desk_.version();
  if (version == version_)
    return false;
  version_ = version;
  filter_ = desk_.copy();
  return true;
}

std::unique_ptr<const filter_task> filter_gate::task_for(const request& wanted,
                                                         const request_context& context) const {
  if (!filter_ || context.target->allowed == access::operators)
    return nullptr;
  std::vector<std::string> values;
  for (const auto& name : filter_->rules.headers())
    for (const auto& [sent, value] : wanted.kept)
      if (iequals(sent, name))
        values.push_back(value);
  if (context.parameter.empty() && context.query.empty() && context.body.empty() && values.empty())
    return nullptr;
  return std::make_unique<const filter_task>(filter_task{.rules = filter_, .headers = std::move(values)});
}

} // namespace weappd::http
