#include "tests/flow/api_contract.hpp"

#include "messages/error.hpp"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

namespace weappd {
namespace {

/// "/api/v1/messages/17" fits "/api/v1/messages/{id}".
bool fits(std::string_view path, std::string_view pattern) {
  while (!path.empty() && !pattern.empty()) {
    const auto step = path.substr(0, path.find('/', 1));
    const auto wanted = pattern.substr(0, pattern.find('/', 1));
    const bool is_parameter = wanted.starts_with("/{") && step.size() > 1;
    if (!is_parameter && step != wanted)
      return false;
    path.remove_prefix(step.size());
    pattern.remove_prefix(wanted.size());
  }
  return path.empty() && pattern.empty();
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower;
}

bool contains(const nlohmann::json& names, std::string_view name) {
  return std::ranges::find(names, nlohmann::json(name)) != names.end();
}

std::string_view name_of(std::uint64_t public_code) {
  const auto all = all_errors();
  const auto found = std::ranges::find(all, public_code, &error_info::public_code);
  return found == all.end() ? std::string_view() : found->name;
}

} // namespace

api_contract::api_contract(nlohmann::json description) : description_(std::move(description)) {}

api_contract::~api_contract() = default;

std::vector<std::string> api_contract::breaches(const kit::exchange& seen) const {
  std::vector<std::string> found;
  const auto* operation = operation_of(seen.method, seen.path.substr(0, seen.path.find('?')));
  if (operation == nullptr)
    return found;
  check_answer(*operation, seen.answer, found);
  if (seen.answer.status < 300)
    check_request(*operation, seen.body, found);
  return found;
}

const nlohmann::json* api_contract::operation_of(std::string_view method, std::string_view path) const {
  const auto& paths = description_["paths"];
  const auto operations_of = [&](auto&& is_it) -> const nlohmann::json* {
    for (const auto& [pattern, operations] : paths.items())
      if (is_it(std::string_view(pattern)))
        if (const auto found = operations.find(lower_case(method)); found != operations.end())
          return &*found;
    return nullptr;
  };
  const auto* exact = operations_of([&](std::string_view pattern) { return pattern == path; });
  return exact != nullptr ? exact
                          : operations_of([&](std::string_view pattern) { return fits(path, pattern); });
}

const nlohmann::json& api_contract::resolved(const nlohmann::json& part) const {
  const auto reference = part.find("$ref");
  return reference == part.end()
             ? part
             : description_[nlohmann::json::json_pointer(reference->get<std::string>().substr(1))];
}

void api_contract::check_answer(const nlohmann::json& operation, const kit::http_response& answer,
                                std::vector<std::string>& breaches) const {
  const auto& responses = operation["responses"];
  auto response = responses.find(std::to_string(answer.status));
  if (response == responses.end() && answer.status >= 400)
    response = responses.find("default");
  if (response == responses.end())
    return breaches.push_back("status " + std::to_string(answer.status) + " is not described");
  const auto type = answer.header("Content-Type");
  const auto& content = resolved(*response)["content"];
  const auto media = content.find(type.substr(0, type.find(';')));
  if (media == content.end())
    return breaches.push_back("media type " + type + " is not described");
  if (!media.key().ends_with("json"))
    return;
  const auto body = answer.json();
  check_value((*media)["schema"], body, "answer", breaches);
  if (answer.status >= 400 && body.contains("code"))
    check_error(operation, body, breaches);
}

void api_contract::check_error(const nlohmann::json& operation, const nlohmann::json& body,
                               std::vector<std::string>& breaches) const {
  const auto name = name_of(body["code"].get<std::uint64_t>());
  if (!contains(operation["x-errors"], name) && !contains(description_["x-errors"], name))
    breaches.push_back("error " + std::string(name) + " is not described");
}

void api_contract::check_request(const nlohmann::json& operation, std::string_view body,
                                 std::vector<std::string>& breaches) const {
  if (body.empty() || !operation.contains("requestBody"))
    return;
  check_value(operation["requestBody"]["content"]["application/json"]["schema"],
              nlohmann::json::parse(body, nullptr, false), "request", breaches);
}

const valijson::Schema& api_contract::parsed_schema(const nlohmann::json& schema) const {
  const std::lock_guard guard(mutex_);
  auto& parsed = parsed_[&schema];
  if (!parsed) {
    // References begin at the root, so what they lead to must be there.
    const nlohmann::json root{{"allOf", nlohmann::json::array({schema})},
                              {"components", description_["components"]}};
    parsed = std::make_unique<valijson::Schema>();
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(root), *parsed);
  }
  return *parsed;
}

void api_contract::check_value(const nlohmann::json& schema, const nlohmann::json& value,
                               std::string_view what, std::vector<std::string>& breaches) const {
  const auto& parsed = parsed_schema(schema);
  valijson::ValidationResults results;
  valijson::Validator().validate(parsed, valijson::adapters::NlohmannJsonAdapter(value), &results);
  for (valijson::ValidationResults::Error error; results.popError(error);) {
    std::string place(what);
    for (const auto& step : error.context)
      place += step;
    breaches.push_back(place + ": " + error.description);
  }
}

} // namespace weappd
