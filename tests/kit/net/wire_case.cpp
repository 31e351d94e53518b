#include "tests/kit/net/wire_case.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace weappd::kit {
namespace {

template <class Number>
Number parse_number(std::string_view text, int base) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc{} || end != text.data() + text.size())
    throw std::invalid_argument("not a number: " + std::string(text));
  return number;
}

/// "{300*text}" at the front of `text`; returns its size.
std::size_t append_repeated(std::string& out, std::string_view text) {
  const auto star = text.find('*');
  const auto close = text.find('}');
  if (star == std::string_view::npos || close == std::string_view::npos || star > close)
    throw std::invalid_argument("a repetition is \\{300*text}");
  const auto times = parse_number<std::size_t>(text.substr(1, star - 1), 10);
  for (std::size_t i = 0; i < times; ++i)
    out += text.substr(star + 1, close - star - 1);
  return close + 1;
}

void read_expectation(const std::string& text, wire_case& out, bool& ends) {
  std::istringstream words(text);
  std::string first;
  std::string second;
  words >> first >> second;
  if (first == "close" || first == "open") {
    out.closes = first == "close";
    ends = true;
  } else if (first == "100") {
    out.may_continue = true;
  } else {
    const bool bodiless = second == "bodiless";
    out.answers.push_back({parse_number<int>(first, 10), bodiless ? "" : second, bodiless});
  }
}

wire_case load(const std::filesystem::path& path) {
  wire_case result;
  result.file = path.stem().string();
  std::ifstream in(path);
  bool ends = false;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    try {
      const auto text = line.size() > 2 ? line.substr(2) : std::string();
      if (line.starts_with("# "))
        result.title = result.title.empty() ? text : result.title;
      else if (line.starts_with("< "))
        read_expectation(text, result, ends);
      else if (line.starts_with("> "))
        result.bytes += unescape(text);
      else
        throw std::invalid_argument("a line begins with '# ', '< ' or '> '");
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error(path.string() + ":" + std::to_string(number) + ": " + error.what());
    }
  }
  if (result.title.empty() || result.bytes.empty() || result.answers.empty() || !ends)
    throw std::runtime_error(path.string() + ": name, bytes, an answer and close or open are required");
  return result;
}

} // namespace

std::string unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      bytes += text[at++];
      continue;
    }
    const auto rest = text.substr(at + 1);
    at += 2;
    switch (rest.empty() ? '?' : rest.front()) {
    case 'r':
      bytes += '\r';
      break;
    case 'n':
      bytes += '\n';
      break;
    case 't':
      bytes += '\t';
      break;
    case '0':
      bytes += '\0';
      break;
    case '\\':
      bytes += '\\';
      break;
    case 'x':
      bytes += static_cast<char>(parse_number<unsigned char>(rest.substr(1, 2), 16));
      at += 2;
      break;
    case '{':
      at += append_repeated(bytes, rest) - 1;
      break;
    default:
      throw std::invalid_argument("unknown escape");
    }
  }
  return bytes;
}

std::vector<wire_case> load_wire_cases(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".http")
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<wire_case> cases;
  for (const auto& file : files)
    cases.push_back(load(file));
  return cases;
}

} // namespace weappd::kit
