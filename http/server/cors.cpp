#include "http/server/cors.hpp"

#include "http/server/characters.hpp"

#include <algorithm>

namespace weappd::http {
namespace {

constexpr std::string_view all_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

std::string joined(const std::vector<std::string>& texts) {
  std::string list;
  for (const auto& one : texts)
    list += (list.empty() ? "" : ", ") + one;
  return list;
}

std::string line_of(std::string_view name, const std::vector<std::string>& texts) {
  return texts.empty() ? std::string{} : std::string(name).append(": ").append(joined(texts)).append("\r\n");
}

} // namespace

cors_policy::cors_policy(const cors_options& values) : methods_(values.methods) {
  any_ = std::ranges::find(values.origins, "*") != values.origins.end();
  const auto fields = [&](const std::string& origin) {
    return "Access-Control-Allow-Origin: " + origin + "\r\n" +
           (values.credentials ? "Access-Control-Allow-Credentials: true\r\n" : "") +
           line_of("Access-Control-Expose-Headers", values.expose);
  };
  if (any_) {
    each_.push_back({"*", fields("*")});
  } else if (!values.origins.empty()) {
    // Whoever keeps an answer must not give it to a page of another origin: also one that went to nobody.
    others_ = "Vary: Origin\r\n";
    for (const auto& origin : values.origins)
      each_.push_back({origin, fields(origin) + others_});
  }
  preflight_ = line_of("Access-Control-Allow-Headers", values.headers) +
               "Access-Control-Max-Age: " + std::to_string(values.max_age_s) + "\r\n";
}

const cors_policy::line_set* cors_policy::find(std::string_view origin) const {
  if (origin.empty())
    return nullptr;
  if (any_)
    return &each_.front();
  const auto found = std::ranges::find(each_, origin, &line_set::origin);
  return found == each_.end() ? nullptr : &*found;
}

std::string_view cors_policy::fields_for(std::string_view origin) const {
  const auto* found = find(origin);
  return found == nullptr ? others_ : found->fields;
}

response cors_policy::answer_options(const request& wanted, std::string_view allow) const {
  const auto known = allow.empty() ? all_methods : allow;
  response answer;
  answer.status = 204;
  answer.fields = std::string("Allow: ").append(known).append("\r\n");
  if (wanted.cors_method.empty() || find(wanted.origin) == nullptr)
    return answer;
  std::vector<std::string> allowed;
  for (auto rest = known; !rest.empty();)
    if (const auto one = trim(cut(rest, ',')); std::ranges::find(methods_, one) != methods_.end())
      allowed.emplace_back(one);
  answer.fields += line_of("Access-Control-Allow-Methods", allowed) + preflight_;
  return answer;
}

} // namespace weappd::http
