#include "http/json/object_reader.hpp"

#include "config/templates/code_points.hpp"
#include "http/json/rfc3339.hpp"
#include "http/json/utf8.hpp"
#include "http/server/host.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace weappd::json {
namespace {

const document& empty_object() {
  static const document none = document::object();
  return none;
}

bool is_https_url(std::string_view text) {
  constexpr std::string_view scheme = "https://";
  if (!text.starts_with(scheme))
    return false;
  for (const char c : text)
    if (c <= 0x20 || c >= 0x7f || std::string_view("\"<>\\^`{|}").find(c) != std::string_view::npos)
      return false;
  const auto rest = text.substr(scheme.size());
  return http::is_acceptable_host(rest.substr(0, rest.find_first_of("/?#")));
}

} // namespace

std::string_view fault_of(std::string_view text, const text_rule& rule) {
  std::size_t length = rule.allowed.empty() ? templates::printable_ascii(text) : 0;
  bool clean = true;
  for (std::size_t at = length; at < text.size(); ++length) {
    const auto next = decode_utf8(text.substr(at));
    if (next.size == 0 || is_control(next.value))
      clean = false;
    if (!rule.allowed.empty() && (next.size != 1 || rule.allowed.find(text[at]) == std::string_view::npos))
      clean = false;
    at += std::max<std::size_t>(next.size, 1);
  }
  if (length < rule.min)
    return words::too_short;
  if (length > rule.max)
    return words::too_long;
  return clean ? std::string_view{} : words::invalid_characters;
}

object_reader::object_reader(const document& object, std::vector<problem>& problems, std::string path)
    : object_(object.is_object() ? &object : &empty_object()), problems_(&problems), path_(std::move(path)) {
  if (!object.is_object())
    add({}, words::wrong_type);
  if (!path_.empty())
    path_ += '.';
}

std::string object_reader::required_text(std::string_view name, const text_rule& rule) {
  return text_of(name, find_required(name), rule).value_or(std::string{});
}

std::optional<std::string> object_reader::optional_text(std::string_view name, const text_rule& rule) {
  return text_of(name, find(name), rule);
}

std::optional<std::string> object_reader::optional_https_url(std::string_view name, std::size_t max) {
  auto text = text_of(name, find(name), {.min = 1, .max = max});
  if (text && !is_https_url(*text)) {
    add(name, words::not_a_url);
    return std::nullopt;
  }
  return text;
}

std::optional<bool> object_reader::optional_boolean(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  if (const auto* truth = value->get_ptr<const bool*>())
    return *truth;
  add(name, words::wrong_type);
  return std::nullopt;
}

std::int64_t object_reader::required_integer(std::string_view name, std::int64_t min, std::int64_t max) {
  return integer_of(name, find_required(name), min, max).value_or(min);
}

std::optional<std::int64_t> object_reader::optional_integer(std::string_view name, std::int64_t min,
                                                            std::int64_t max) {
  return integer_of(name, find(name), min, max);
}

std::optional<object_reader> object_reader::optional_object(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    return std::nullopt;
  return object_reader(*value, *problems_, path_ + std::string(name));
}

object_reader object_reader::required_object(std::string_view name) {
  const auto* value = find_required(name);
  return object_reader(value != nullptr ? *value : empty_object(), *problems_, path_ + std::string(name));
}

std::optional<timestamp> object_reader::optional_timestamp(std::string_view name) {
  const auto text = text_of(name, find(name), {.max = 64});
  if (!text)
    return std::nullopt;
  const auto moment = read_rfc3339(*text);
  if (!moment)
    add(name, words::not_a_time);
  return moment;
}

void object_reader::required_members(std::string_view name, std::size_t max, const take_member& take) {
  const auto* value = find_required(name);
  if (value == nullptr)
    return;
  if (!value->is_object())
    return add(name, words::wrong_type);
  if (value->size() > max)
    return add(name, words::too_long);
  for (const auto& [key, member] : value->items()) {
    const auto fault = key.empty() ? words::too_short : key.size() > 64 ? words::too_long : take(key, member);
    if (!fault.empty())
      add(std::string(name) + "." + key, fault);
  }
}

void object_reader::finish() {
  for (const auto& [name, value] : object_->items())
    if (std::find(known_.begin(), known_.end(), name) == known_.end())
      add(name, words::unknown_field);
}

const document* object_reader::find(std::string_view name) {
  known_.push_back(name);
  const auto found = object_->find(name);
  return found == object_->end() ? nullptr : &*found;
}

const document* object_reader::find_required(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr)
    add(name, words::required);
  return value;
}

std::optional<std::string> object_reader::text_of(std::string_view name, const document* value,
                                                  const text_rule& rule) {
  if (value == nullptr)
    return std::nullopt;
  const auto* text = value->get_ptr<const document::string_t*>();
  const auto fault = text == nullptr ? words::wrong_type : fault_of(*text, rule);
  if (fault.empty())
    return *text;
  add(name, fault);
  return std::nullopt;
}

std::optional<std::int64_t> object_reader::integer_of(std::string_view name, const document* value,
                                                      std::int64_t min, std::int64_t max) {
  if (value == nullptr)
    return std::nullopt;
  if (!value->is_number_integer()) {
    add(name, words::wrong_type);
    return std::nullopt;
  }
  // What needs the 64th bit would wrap.
  const auto* large = value->get_ptr<const document::number_unsigned_t*>();
  const bool wraps = large != nullptr && *large > std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  const auto number = wraps ? 0 : value->get<std::int64_t>();
  if (wraps || number < min || number > max) {
    add(name, words::out_of_range);
    return std::nullopt;
  }
  return number;
}

void object_reader::add(std::string_view name, std::string_view word) {
  if (problems_->size() >= max_problems)
    return;
  std::string field = path_;
  append_name(field, name);
  problems_->push_back({std::move(field), word});
}

} // namespace weappd::json
