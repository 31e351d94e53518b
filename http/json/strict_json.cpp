#include "http/json/strict_json.hpp"

#include "http/json/utf8.hpp"
#include "http/server/characters.hpp"

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weappd::json {
namespace {

constexpr int number_overflow = 406; // id of nlohmann's exception

/// Builds the document, and stops at the first thing that we refuse: that is what makes depth cheap to bound.
class builder final : public nlohmann::json_sax<document> {
public:
  explicit builder(const limits& bounds) : bounds_(bounds) {}

  document take() { return std::move(root_); }
  [[nodiscard]] problem fault() const { return {path(), word_}; }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& text) override {
    // An integer that does not fit arrives here as well, and a number too small for a double arrives as zero.
    const auto mantissa = std::string_view(text).substr(0, text.find_first_of("eE"));
    const bool is_integer = text.find_first_of(".eE") == string_t::npos;
    const bool underflow = value == 0 && mantissa.find_first_of("123456789") != std::string_view::npos;
    return is_integer || underflow ? refuse(words::out_of_range) : add(value);
  }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return refuse(words::bad_json); }

  bool start_object(std::size_t) override { return open(document::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(document::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    auto& top = open_.back();
    const bool full = top.value->size() >= bounds_.max_members;
    auto [member, fresh] = full ? std::pair{top.value->end(), true} : top.value->emplace(name, nullptr);
    top.name = std::move(name);
    if (full)
      return refuse(words::too_long);
    top.member = &*member;
    return fresh || refuse(words::duplicate_field);
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    return refuse(error.id == number_overflow ? words::out_of_range : words::bad_json);
  }

private:
  struct level {
    document* value = nullptr;
    document* member = nullptr; ///< of an object: where the next value goes
    std::string name;           ///< of an object: of that member
  };

  bool refuse(std::string_view word) {
    word_ = word;
    return false;
  }

  /// Puts a value in its place; null if there is no room.
  document* place(document&& value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    auto& top = open_.back();
    if (top.value->is_object())
      return &(*top.member = std::move(value));
    if (top.value->size() >= bounds_.max_items)
      return nullptr;
    top.value->push_back(std::move(value));
    return &top.value->back();
  }
  bool add(document value) { return place(std::move(value)) != nullptr || refuse(words::too_long); }

  bool open(document&& container) {
    if (open_.size() == bounds_.max_depth)
      return refuse(words::too_deep);
    auto* placed = place(std::move(container));
    if (placed == nullptr)
      return refuse(words::too_long);
    open_.push_back({placed, nullptr, {}});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  /// Where the reader stands. Syntax errors are of the document as a whole.
  [[nodiscard]] std::string path() const {
    std::string text;
    if (word_ == words::bad_json)
      return text;
    for (const auto& one : open_) {
      if (one.value->is_array()) {
        // The container on top is an item of the one below it; what was refused is no item yet.
        const bool is_top = &one == &open_.back();
        text += '[';
        text += std::to_string(is_top ? one.value->size() : one.value->size() - 1);
        text += ']';
      } else if (!one.name.empty()) {
        if (!text.empty())
          text += '.';
        append_name(text, one.name);
      }
    }
    return text;
  }

  limits bounds_;
  document root_;
  std::vector<level> open_; ///< at most max_depth
  std::string_view word_ = words::bad_json;
};

/// The code unit of "\uXXXX" at the front of `text`.
std::optional<std::uint32_t> take_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u"))
    return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : text.substr(2, 4)) {
    const auto digit = http::hex_value(c);
    if (!digit)
      return std::nullopt;
    unit = unit << 4 | *digit;
  }
  return unit;
}

/// Whether each escaped surrogate is half of a pair. Other faults of escapes are left to the parser.
bool has_paired_surrogates(std::string_view text) {
  for (auto at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    const auto unit = take_unit(text.substr(at));
    if (!unit) {
      at += 2;
      continue;
    }
    at += 6;
    if (*unit >= 0xD800 && *unit <= 0xDBFF) {
      const auto low = take_unit(text.substr(at));
      if (!low || *low < 0xDC00 || *low > 0xDFFF)
        return false;
      at += 6;
    } else if (*unit >= 0xDC00 && *unit <= 0xDFFF) {
      return false;
    }
  }
  return true;
}

parse_result parse_checked(std::string_view text, const limits& bounds) {
  // nlohmann skips a byte order mark and takes a NUL for the end of the text.
  if (text.starts_with("\xEF\xBB\xBF") || text.find('\0') != std::string_view::npos)
    return problem{{}, words::bad_json};
  if (!is_utf8(text) || !has_paired_surrogates(text))
    return problem{{}, words::bad_utf8};
  builder handler(bounds);
  if (!document::sax_parse(text, &handler))
    return handler.fault();
  auto result = handler.take();
  if (bounds.object_only && !result.is_object())
    return problem{{}, words::bad_json};
  return result;
}

} // namespace

parse_result parse(std::string_view text, const limits& bounds) noexcept {
  try {
    return parse_checked(text, bounds);
  } catch (const std::exception&) { // out of memory at worst; an actor must not see it
    return problem{{}, words::bad_json};
  }
}

} // namespace weappd::json
