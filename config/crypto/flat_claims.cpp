#include "config/crypto/flat_claims.hpp"

#include <charconv>

namespace weappd::crypto {
namespace {

/// Takes what it is asked for from the front of a text, or says that it is not there.
class cursor {
public:
  explicit cursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
  [[nodiscard]] bool is_at(char c) const noexcept { return !rest_.empty() && rest_.front() == c; }

  void skip_space() noexcept {
    while (is_at(' ') || is_at('\t') || is_at('\n') || is_at('\r'))
      rest_.remove_prefix(1);
  }

  /// The character, and white space on both sides of it.
  bool take(char c) noexcept {
    skip_space();
    if (!is_at(c))
      return false;
    rest_.remove_prefix(1);
    skip_space();
    return true;
  }

  bool take_string(std::string_view& out) noexcept {
    if (!is_at('"'))
      return false;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '"') {
        out = rest_.substr(1, i - 1);
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (c < ' ' || c > '~' || c == '\\')
        return false;
    }
    return false;
  }

  bool take_integer(std::int64_t& out) noexcept {
    constexpr std::size_t most_digits = 18; // always fits
    const std::size_t sign = is_at('-') ? 1 : 0;
    std::size_t end = sign;
    while (end < rest_.size() && rest_[end] >= '0' && rest_[end] <= '9')
      ++end;
    const std::size_t digits = end - sign;
    const bool leading_zero = digits > 1 && rest_[sign] == '0';
    if (digits == 0 || digits > most_digits || leading_zero)
      return false;
    std::from_chars(rest_.data(), rest_.data() + end, out);
    rest_.remove_prefix(end);
    return true; // a fraction or an exponent fails at the comma that must follow
  }

private:
  std::string_view rest_;
};

} // namespace

bool flat_claims::read(std::string_view json) noexcept {
  size_ = 0;
  cursor in(json);
  if (!in.take('{'))
    return false;
  if (in.take('}'))
    return in.at_end();
  do {
    flat_claim claim;
    if (size_ == max_members || !in.take_string(claim.name) || !in.take(':'))
      return false;
    claim.is_number = !in.is_at('"');
    if (!(claim.is_number ? in.take_integer(claim.number) : in.take_string(claim.text)))
      return false;
    if (find(claim.name) != nullptr)
      return false;
    claims_[size_++] = claim;
  } while (in.take(','));
  return in.take('}') && in.at_end();
}

const flat_claim* flat_claims::find(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < size_; ++i)
    if (claims_[i].name == name)
      return &claims_[i];
  return nullptr;
}

std::optional<std::string_view> flat_claims::text(std::string_view name) const noexcept {
  const auto* claim = find(name);
  if (claim == nullptr || claim->is_number)
    return std::nullopt;
  return claim->text;
}

std::optional<std::int64_t> flat_claims::number(std::string_view name) const noexcept {
  const auto* claim = find(name);
  if (claim == nullptr || !claim->is_number)
    return std::nullopt;
  return claim->number;
}

} // namespace weappd::crypto
