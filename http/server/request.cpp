#include "http/server/request.hpp"

#include "http/server/characters.hpp"

#include <array>
#include <cstddef>

namespace weappd::http {
namespace {

constexpr std::array<std::string_view, 7> method_names{"GET",   "HEAD",   "POST",   "PUT",
                                                       "PATCH", "DELETE", "OPTIONS"};

} // namespace

std::string_view to_string(method verb) noexcept {
  return method_names[static_cast<std::size_t>(verb)];
}

std::optional<method> find_method(std::string_view name) noexcept {
  for (std::size_t i = 0; i < method_names.size(); ++i)
    if (method_names[i] == name)
      return static_cast<method>(i);
  return std::nullopt;
}

void request::clear() {
  verb = method::get;
  version = 11;
  keep_alive = true;
  has_idempotency_key = false;
  for (auto* text : {&target, &path, &query, &host, &authorization, &content_type, &content_encoding, &accept,
                     &request_id, &traceparent, &origin, &cors_method, &cors_headers, &idempotency_key,
                     &forwarded_for, &forwarded, &body})
    clear_keeping_little(*text);
  kept.clear();
}

} // namespace weappd::http
