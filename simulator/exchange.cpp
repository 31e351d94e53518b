#include "simulator/exchange.hpp"

#include <charconv>
#include <cstddef>

namespace weappd::simulator {
namespace {

std::string decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%' && i + 2 < text.size() &&
               std::from_chars(&text[i + 1], &text[i + 1] + 2, value, 16).ptr == &text[i + 1] + 2) {
      out += static_cast<char>(value);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

} // namespace

request make_request(std::string_view method, std::string_view target, std::string body) {
  constexpr std::size_t max_params = 64;
  const auto path_end = target.find('?');
  request out{std::string(method), std::string(target.substr(0, path_end)), {}, std::move(body)};
  if (path_end == std::string_view::npos)
    return out;
  auto rest = target.substr(path_end + 1);
  while (!rest.empty() && out.query.size() < max_params) {
    const auto end = rest.find('&');
    const auto pair = rest.substr(0, end);
    const auto equals = pair.find('=');
    if (!pair.empty())
      out.query.emplace_back(decode(pair.substr(0, equals)), equals == std::string_view::npos
                                                                 ? std::string()
                                                                 : decode(pair.substr(equals + 1)));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return out;
}

std::optional<std::string_view> find_param(const query_params& query, std::string_view name) {
  for (const auto& [key, value] : query)
    if (key == name)
      return value;
  return std::nullopt;
}

} // namespace weappd::simulator
