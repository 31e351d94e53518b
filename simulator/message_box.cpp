#include "simulator/message_box.hpp"

#include "simulator/json_text.hpp"

#include <algorithm>

namespace weappd::simulator {
namespace {

// No text has a zero byte: the rules of templates refuse control characters, and what could not be packed is
// cut.
void pack(std::string& out, std::string_view text) {
  out.append(text.substr(0, text.find('\0'))).append(1, '\0');
}

std::string_view unpack(std::string_view& rest) {
  const auto end = rest.find('\0');
  const auto text = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return text;
}

} // namespace

void message_box::add(moment at, const template_definition& of, const message& what) {
  std::size_t size = what.openid.size() + what.client_msg_id.size() + 2;
  for (const auto& text : what.texts)
    size += text.size() + 1;
  item next{at, {}, number_of(of)};
  next.texts.reserve(size);
  pack(next.texts, what.openid);
  pack(next.texts, what.client_msg_id);
  for (const auto& text : what.texts)
    pack(next.texts, text);
  count(what.openid, next.template_number);
  bytes_ += next.texts.size();
  items_.push_back(std::move(next));
  while (items_.size() > max_items || bytes_ > max_bytes) {
    bytes_ -= items_.front().texts.size();
    items_.pop_front();
  }
}

std::uint32_t message_box::number_of(const template_definition& of) {
  const auto found = std::find_if(templates_.begin(), templates_.end(), [&of](const known_template& each) {
    return each.id == of.id && each.fields == of.fields;
  });
  const auto number = static_cast<std::uint32_t>(found - templates_.begin());
  if (found == templates_.end())
    templates_.push_back({of.id, of.fields, 0});
  return number;
}

void message_box::count(std::string_view openid, std::uint32_t template_number) {
  ++templates_[template_number].count;
  auto known = counts_.find(std::string(openid));
  if (known == counts_.end()) {
    if (counts_.size() == max_openids)
      return;
    known = counts_.try_emplace(std::string(openid)).first;
  }
  for (auto& each : known->second)
    if (each.template_number == template_number) {
      ++each.count;
      return;
    }
  known->second.push_back({template_number, 1});
}

bool message_box::is_of(std::uint32_t template_number, std::string_view template_id) const {
  return template_id.empty() || templates_[template_number].id == template_id;
}

bool message_box::matches(const item& each, const filter& of) const {
  if (!is_of(each.template_number, of.template_id))
    return false;
  return of.openid.empty() || std::string_view(each.texts).substr(0, each.texts.find('\0')) == of.openid;
}

std::uint64_t message_box::count_of(const filter& of) const {
  std::uint64_t sum = 0;
  if (of.openid.empty()) {
    for (const auto& each : templates_)
      if (of.template_id.empty() || each.id == of.template_id)
        sum += each.count;
    return sum;
  }
  const auto known = counts_.find(std::string(of.openid));
  if (known == counts_.end())
    return static_cast<std::uint64_t>(
        std::count_if(items_.begin(), items_.end(), [&](const item& each) { return matches(each, of); }));
  for (const auto& each : known->second)
    if (is_of(each.template_number, of.template_id))
      sum += each.count;
  return sum;
}

void message_box::append(std::string& out, const item& each) const {
  const auto& its_template = templates_[each.template_number];
  std::string_view rest = each.texts;
  const auto openid = unpack(rest);
  const auto client_msg_id = unpack(rest);
  append_json_string(out += R"({"openid":)", openid);
  append_json_string(out += R"(,"template_id":)", its_template.id);
  append_json_string(out += R"(,"at":)", to_rfc3339(each.at));
  if (!client_msg_id.empty())
    append_json_string(out += R"(,"client_msg_id":)", client_msg_id);
  out += R"(,"data":{)";
  for (std::size_t i = 0; i < its_template.fields.size(); ++i) {
    append_json_string(out += i == 0 ? "" : ",", its_template.fields[i]);
    append_json_string(out += ':', unpack(rest));
  }
  out += "}}";
}

// As text at once: a tree of a million messages would take gigabytes.
std::string message_box::report(const filter& of) const {
  std::string out = R"({"count":)" + std::to_string(count_of(of)) + R"(,"items":[)";
  std::size_t passed = 0;
  std::size_t shown = 0;
  for (const auto& each : items_) {
    if (shown == of.limit)
      break;
    if (!matches(each, of) || passed++ < of.offset)
      continue;
    if (shown++ > 0)
      out += ',';
    append(out, each);
  }
  return out += "]}";
}

} // namespace weappd::simulator
