#include "http/api/query_reader.hpp"

#include "http/server/characters.hpp"
#include "http/server/target.hpp"

#include <algorithm>
#include <charconv>

namespace weappd::http {

query_reader::query_reader(std::string_view query, std::vector<json::problem>& problems)
    : problems_(problems) {
  while (!query.empty()) {
    auto value = cut(query, '&');
    if (value.empty())
      continue; // "a=1&" and "a=1&&b=2"
    auto name = decode_form_text(cut(value, '='));
    if (!name) {
      problems_.push_back({"query", json::words::invalid_characters});
    } else if (find(*name) != nullptr) {
      add(*name, json::words::duplicate_field);
    } else if (parameters_.size() == max_parameters) {
      problems_.push_back({"query", json::words::too_long});
      return;
    } else {
      parameters_.push_back({std::move(*name), decode_form_text(value)});
    }
  }
}

std::optional<std::string> query_reader::text(std::string_view name, const json::text_rule& rule) {
  auto* found = find(name);
  if (found == nullptr)
    return std::nullopt;
  found->asked_for = true;
  const auto fault = found->value ? json::fault_of(*found->value, rule) : json::words::invalid_characters;
  if (fault.empty())
    return found->value;
  add(name, fault);
  return std::nullopt;
}

std::optional<std::uint32_t> query_reader::number(std::string_view name, std::uint32_t min,
                                                  std::uint32_t max) {
  const auto found = text(name, {.max = 10});
  if (!found)
    return std::nullopt;
  std::uint32_t number = 0;
  const auto* const end = found->data() + found->size();
  const auto [stop, error] = std::from_chars(found->data(), end, number);
  const bool leading_zero = found->size() > 1 && found->front() == '0';
  if (stop != end || error == std::errc::invalid_argument || leading_zero) {
    add(name, json::words::wrong_type);
    return std::nullopt;
  }
  if (error != std::errc{} || number < min || number > max) {
    add(name, json::words::out_of_range);
    return std::nullopt;
  }
  return number;
}

void query_reader::finish() {
  for (const auto& one : parameters_)
    if (!one.asked_for)
      add(one.name, json::words::unknown_field);
}

query_reader::parameter* query_reader::find(std::string_view name) {
  const auto found = std::ranges::find(parameters_, name, &parameter::name);
  return found == parameters_.end() ? nullptr : &*found;
}

void query_reader::add(std::string_view name, std::string_view word) {
  if (problems_.size() >= json::object_reader::max_problems)
    return;
  std::string field;
  json::append_name(field, name);
  problems_.push_back({std::move(field), word});
}

} // namespace weappd::http
