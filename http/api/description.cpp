#include "http/api/description.hpp"

#include "config/crypto/base64url.hpp"
#include "config/crypto/sha256.hpp"
#include "messages/error.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

namespace weappd::http {
namespace {

using ordered = nlohmann::ordered_json; // readers see the order of the file

std::string verb_word(method verb) {
  std::string word(to_string(verb));
  std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
  return word;
}

/// What can be said of a route that nobody has described.
ordered bare_operation(const route& one) {
  ordered operation;
  operation["operationId"] = one.name;
  operation["tags"] = {"Further"};
  operation["summary"] = one.name;
  operation["responses"]["default"]["description"] = "See who made this endpoint.";
  const std::string_view pattern = one.pattern;
  if (const auto begin = pattern.find('{'); begin != std::string_view::npos)
    operation["parameters"].push_back({{"name", pattern.substr(begin + 1, pattern.find('}') - begin - 1)},
                                       {"in", "path"},
                                       {"required", true},
                                       {"schema", {{"type", "string"}}}});
  return operation;
}

bool is_served(std::span<const route> routes, std::string_view path, std::string_view verb) {
  return std::ranges::any_of(
      routes, [&](const route& one) { return one.pattern == path && verb_word(one.verb) == verb; });
}

/// The operations of these routes, in the order of the document, then those that it does not know.
ordered served_paths(const ordered& documented, std::span<const route> routes) {
  ordered paths = ordered::object();
  for (const auto& [path, operations] : documented.items())
    for (const auto& [verb, operation] : operations.items())
      if (is_served(routes, path, verb))
        paths[path][verb] = operation;
  for (const auto& one : routes)
    if (auto& place = paths[std::string(one.pattern)][verb_word(one.verb)]; place.is_null())
      place = bare_operation(one);
  return paths;
}

/// The document's tags that some operation has: a reader looks for nothing that is not there.
ordered used_tags(const ordered& tags, const ordered& paths) {
  ordered used = ordered::array();
  for (const auto& tag : tags) {
    const auto is_tagged = [&](const ordered& operation) { return operation["tags"][0] == tag["name"]; };
    if (std::ranges::any_of(
            paths, [&](const ordered& operations) { return std::ranges::any_of(operations, is_tagged); }))
      used.push_back(tag);
  }
  return used;
}

ordered error_codes() {
  ordered codes = ordered::array();
  for (const auto& one : all_errors())
    if (one.public_code != 0)
      codes.push_back({{"code", one.public_code},
                       {"status", one.http_status},
                       {"name", one.name},
                       {"message", one.sentence}});
  return codes;
}

/// The hash source of the one element `name` of the page.
std::string hash_of(std::string_view page, std::string_view name) {
  const std::string begin = "<" + std::string(name) + ">";
  const std::string end = "</" + std::string(name) + ">";
  const auto from = page.find(begin) + begin.size();
  const auto digest = crypto::sha256(page.substr(from, page.find(end) - from));
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  return "'sha256-" + crypto::base64url_encode(bytes) + "='";
}

} // namespace

std::string docs_policy(std::string_view page) {
  return "default-src 'none'; script-src " + hash_of(page, "script") + "; style-src " +
         hash_of(page, "style") +
         "; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

std::string describe_api(std::string_view document, std::span<const route> routes, std::string_view version) {
  auto api = ordered::parse(document);
  api["info"]["version"] = version;
  auto paths = served_paths(api["paths"], routes);
  api["tags"] = used_tags(api["tags"], paths);
  api["paths"] = std::move(paths);
  api["x-error-codes"] = error_codes();
  return api.dump();
}

} // namespace weappd::http
