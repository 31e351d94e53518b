#include "http/json/strict_json.hpp"
#include "http/server/filter_rules.hpp"
#include "http/server/filter_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

/// Any bytes as path, query, header and body. What a JSON document holds by the word of the parser, the
/// filter has seen, name by name and text by text.
namespace {

using namespace weappd;
using namespace weappd::http;

void collect(const json::document& node, std::set<std::string>& texts) {
  if (node.is_string() && !node.get_ref<const std::string&>().empty())
    texts.insert(node.get<std::string>());
  for (const auto& [name, value] : node.items()) {
    if (node.is_object() && !name.empty())
      texts.insert(name);
    if (node.is_structured())
      collect(value, texts);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const filter_rules rules{filter_options{}};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string headers[] = {std::string(bytes)};
  (void)rules.look({.parameter = bytes, .query = bytes, .body = bytes, .headers = headers});

  auto parsed = json::parse(bytes, {.object_only = false});
  if (const auto* document = std::get_if<json::document>(&parsed)) {
    std::set<std::string> wanted;
    collect(*document, wanted);
    std::set<std::string> seen;
    visit_json(bytes, [&](std::string_view text) { return seen.emplace(text), true; });
    if (wanted != seen)
      std::abort();
  }
  return 0;
}
