#include "config/key_file.hpp"

#include "config/crypto/base64url.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace weappd {
namespace {

constexpr std::size_t max_keys = 16; ///< each is tried by its name on every request; nobody needs more
constexpr std::size_t key_size = 32;

/// The next field of a line; empty at its end.
std::string_view take_field(std::string_view& line) {
  constexpr auto blank = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
  const auto field = line.substr(0, line.find_first_of(blank));
  line.remove_prefix(field.size());
  return field;
}

bool is_key_id(std::string_view id) {
  return !id.empty() && id.size() <= 32 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// Collects lines, and everything that is wrong with them.
class key_reader {
public:
  void read_line(std::string_view line) {
    ++number_;
    const auto id = take_field(line);
    if (id.empty() || id.front() == '#')
      return;
    const auto state = take_field(line);
    const auto text = take_field(line);
    if (text.empty() || !take_field(line).empty())
      return complain("needs three fields: id, active or retired, key");
    if (!is_key_id(id))
      complain("the id must be 1 to 32 of A-Z a-z 0-9 _ -");
    else if (std::ranges::find(keys_, id, &named_key::id) != keys_.end())
      complain("the id '" + std::string(id) + "' is there already");
    if (state != "active" && state != "retired")
      complain("the second field must be active or retired");
    secret bytes(crypto::base64url_decode(text).value_or(""));
    if (bytes.size() != key_size)
      complain("the key must be 32 bytes in base64url without padding (43 characters)");
    if (state == "active")
      active_.emplace_back(id);
    keys_.push_back({std::string(id), std::move(bytes)});
  }

  parsed_keys finish() {
    if (keys_.empty() && problems_.empty())
      problems_.emplace_back("there is no key in it");
    else if (active_.size() != 1)
      problems_.emplace_back("exactly one key must be active; here it is " + std::to_string(active_.size()));
    if (keys_.size() > max_keys)
      problems_.emplace_back("there are more than " + std::to_string(max_keys) + " keys");
    if (!problems_.empty())
      return {.keys = std::nullopt, .problems = std::move(problems_)};
    return {.keys = keyring(std::move(keys_), active_.front()), .problems = {}};
  }

private:
  void complain(const std::string& what) {
    problems_.push_back("line " + std::to_string(number_) + ": " + what);
  }

  std::size_t number_ = 0;
  std::vector<named_key> keys_;
  std::vector<std::string> active_;
  std::vector<std::string> problems_;
};

} // namespace

parsed_keys parse_key_file(std::string_view text) {
  key_reader reader;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    reader.read_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.finish();
}

std::string random_name(crypto::random_source& random) {
  constexpr char digits[] = "0123456789abcdef";
  std::array<std::uint8_t, 4> bytes;
  random.fill(bytes);
  std::string name;
  for (const auto byte : bytes) {
    name += digits[byte >> 4];
    name += digits[byte & 15];
  }
  return name;
}

secret new_key_file(crypto::random_source& random, std::string_view purpose, std::string_view use) {
  std::string bytes(key_size, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  const secret key(std::move(bytes));
  std::string text;
  text.reserve(512); // no reallocation leaves a copy behind
  text += "# weappd keys: ";
  text += purpose;
  text += "\n# id  active|retired  32 bytes in base64url\n# ";
  text += use;
  text += "\n# Keep this file secret, and keep a copy of it with every copy of the store.\n";
  text += random_name(random);
  text += "  active  ";
  crypto::base64url_append(text, key.reveal());
  text += '\n';
  return secret(std::move(text));
}

} // namespace weappd
