#include "simulator/template_rules.hpp"

#include "simulator/date_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace weappd::simulator {
namespace {

using code_points = std::u32string;

// The text is well-formed: it comes out of a JSON parser that checks it.
code_points decode_utf8(std::string_view text) {
  code_points out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const int more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    char32_t value = more == 0 ? lead : lead & (0x3fU >> more);
    for (int n = 0; n < more && i < text.size(); ++n)
      value = value << 6 | (static_cast<unsigned char>(text[i++]) & 0x3fU);
    out += value;
  }
  return out;
}

bool between(char32_t c, char32_t first, char32_t last) {
  return c >= first && c <= last;
}
bool is_control(char32_t c) {
  return c < 0x20 || between(c, 0x7f, 0x9f) || c == 0x2028 || c == 0x2029;
}
bool is_digit(char32_t c) {
  return between(c, '0', '9');
}
bool is_letter(char32_t c) {
  return between(c, 'a', 'z') || between(c, 'A', 'Z');
}
bool is_han(char32_t c) {
  return c == 0x3007 || between(c, 0x3400, 0x4dbf) || between(c, 0x4e00, 0x9fff) ||
         between(c, 0xf900, 0xfaff) || between(c, 0x20000, 0x3ffff);
}
bool is_symbol(char32_t c) {
  return !is_digit(c) && !is_letter(c) && !is_han(c) && c != ' ';
}
bool is_currency(char32_t c) {
  constexpr std::u32string_view signs = U"$¢£¤¥฿￥￡￠￦＄";
  return signs.find(c) != signs.npos || between(c, 0x20a0, 0x20cf);
}

template <class Predicate>
bool all(const code_points& text, Predicate holds) {
  return std::all_of(text.begin(), text.end(), holds);
}

/// Digits, with or without a decimal point inside.
bool is_decimal(std::u32string_view text, std::size_t max_before_point) {
  const auto point = text.find(U'.');
  const auto whole = text.substr(0, point);
  const auto digits = [](std::u32string_view part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), is_digit);
  };
  return digits(whole) && whole.size() <= max_before_point &&
         (point == text.npos || digits(text.substr(point + 1)));
}

bool is_thing(const code_points& text) {
  return text.size() <= 20;
}
bool is_number(const code_points& text) {
  return text.size() <= 32 && is_decimal(text, 32);
}
bool are_letters(const code_points& text) {
  return text.size() <= 32 && all(text, is_letter);
}
bool are_symbols(const code_points& text) {
  return text.size() <= 5 && all(text, is_symbol);
}
bool is_character_string(const code_points& text) {
  return text.size() <= 32 && std::none_of(text.begin(), text.end(), is_han);
}
bool is_amount(const code_points& text) {
  std::u32string_view rest = text;
  if (!rest.empty() && is_currency(rest.front()))
    rest.remove_prefix(1);
  if (rest.ends_with(U'元'))
    rest.remove_suffix(1);
  return rest.size() <= 21 && is_decimal(rest, 10);
}
bool is_phone_number(const code_points& text) {
  return text.size() <= 17 && std::any_of(text.begin(), text.end(), is_digit) &&
         all(text, [](char32_t c) { return c < 0x80 && !is_letter(c); });
}
bool is_car_number(const code_points& text) {
  if (text.size() > 8)
    return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool at_an_end = i == 0 || i + 1 == text.size();
    if (!is_letter(text[i]) && !is_digit(text[i]) && !(at_an_end && is_han(text[i])))
      return false;
  }
  return true;
}
bool is_name(const code_points& text) {
  const bool chinese = std::any_of(text.begin(), text.end(), is_han);
  return text.size() <= (chinese ? 10U : 20U) && std::none_of(text.begin(), text.end(), is_digit);
}
bool is_phrase(const code_points& text) {
  return text.size() <= 5 && all(text, is_han);
}

struct field_kind {
  std::string_view name;
  bool (*holds)(const code_points&); ///< null: decided elsewhere
  field_sample sample;
};

constexpr std::array field_kinds{
    field_kind{"thing", is_thing, {"事项", "取餐提醒"}},
    field_kind{"number", is_number, {"数量", "1.5"}},
    field_kind{"letter", are_letters, {"字母", "Abc"}},
    field_kind{"symbol", are_symbols, {"符号", "!"}},
    field_kind{"character_string", is_character_string, {"编号", "A-1001"}},
    field_kind{"time", nullptr, {"时间", "2019年10月1日 15:01"}},
    field_kind{"date", nullptr, {"日期", "2019年10月1日"}},
    field_kind{"amount", is_amount, {"金额", "¥100.50"}},
    field_kind{"phone_number", is_phone_number, {"电话", "+86-0766-66888866"}},
    field_kind{"car_number", is_car_number, {"车牌", "粤A8Z888挂"}},
    field_kind{"name", is_name, {"姓名", "张三"}},
    field_kind{"phrase", is_phrase, {"状态", "配送中"}},
};

const field_kind* find_kind(std::string_view field) {
  const auto kind = kind_of_field(field);
  const auto found = std::find_if(field_kinds.begin(), field_kinds.end(),
                                  [kind](const field_kind& each) { return each.name == kind; });
  return found == field_kinds.end() ? nullptr : &*found;
}

bool is_enum(std::string_view kind) {
  return kind == "enum" || kind == "enum_string";
}

const std::vector<std::string>& choices_of(const template_definition& of, const std::string& field) {
  static const std::vector<std::string> none;
  const auto found = of.choices.find(field);
  return found == of.choices.end() ? none : found->second;
}

} // namespace

std::string_view kind_of_field(std::string_view name) {
  return name.substr(0, name.find_last_not_of("0123456789") + 1);
}

bool may_hold(std::string_view name, std::string_view text, const std::vector<std::string>& choices) {
  const auto decoded = decode_utf8(text);
  if (std::any_of(decoded.begin(), decoded.end(), is_control))
    return false;
  const auto kind = kind_of_field(name);
  if (kind == "time")
    return is_time_text(text);
  if (kind == "date")
    return is_date_text(text);
  if (is_enum(kind))
    return choices.empty() || std::find(choices.begin(), choices.end(), text) != choices.end();
  const auto* rule = find_kind(name);
  return !rule || rule->holds(decoded);
}

checked_data check_data(const template_definition& of, const nlohmann::json& data) {
  const auto problem = [](const std::string& field, std::string_view what) {
    return checked_data{{}, "argument invalid! data." + field + ".value " + std::string(what)};
  };
  if (!data.is_object())
    return {{}, "argument invalid! data is empty"};
  checked_data out;
  out.texts.reserve(of.fields.size());
  for (const auto& field : of.fields) {
    const auto member = data.find(field);
    if (member == data.end() || !member->is_object() || !member->contains("value"))
      return problem(field, "is empty");
    const auto& value = member->at("value");
    if (!value.is_string())
      return problem(field, "invalid");
    const auto& text = value.get_ref<const std::string&>();
    if (text.empty())
      return problem(field, "is empty");
    if (!may_hold(field, text, choices_of(of, field)))
      return problem(field, "invalid");
    out.texts.push_back(text);
  }
  return out;
}

field_sample sample_of(std::string_view name) {
  const auto* kind = find_kind(name);
  return kind ? kind->sample : field_sample{"内容", "示例"};
}

} // namespace weappd::simulator
