#pragma once

#include <cstddef>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace weappd {

/// A value that must not be seen: a key, a token, a password, a wx.login code.
/// It prints as "***", compares in constant time (for equal lengths) and wipes its memory when it goes.
/// The only way to the text is reveal(), so that every use can be found by searching for that word.
class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_(std::move(text)) {}
  secret(const secret&) = default;
  secret(secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  secret& operator=(const secret& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  secret& operator=(secret&& other) noexcept {
    if (this != &other) {
      wipe();
      text_ = std::move(other.text_);
      other.wipe();
    }
    return *this;
  }
  ~secret() { wipe(); }

  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return text_.size(); }

  /// Time depends on the lengths alone, never on where the texts differ.
  friend bool operator==(const secret& a, const secret& b) noexcept {
    if (a.text_.size() != b.text_.size())
      return false;
    unsigned char differs = 0;
    for (std::size_t i = 0; i < a.text_.size(); ++i)
      differs = static_cast<unsigned char>(differs | (a.text_[i] ^ b.text_[i]));
    return differs == 0;
  }

private:
  void wipe() noexcept {
    // A volatile pointer: the compiler may not drop stores to memory that is about to be freed.
    volatile char* p = text_.data();
    for (std::size_t i = 0; i < text_.size(); ++i)
      p[i] = 0;
    text_.clear();
  }
  std::string text_;
};

inline std::string to_string(const secret&) {
  return "***";
}
inline std::ostream& operator<<(std::ostream& out, const secret&) {
  return out << "***";
}

/// Personal data: who somebody is at the platform, or how to reach them. Prints as "***" like a secret, but
/// is compared and hashed as ordinary text. The Tag makes openid and unionid different types.
template <class Tag>
class personal {
public:
  personal() = default;
  explicit personal(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const std::string& reveal() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  friend bool operator==(const personal&, const personal&) = default;
  friend auto operator<=>(const personal&, const personal&) = default;

private:
  std::string text_;
};

template <class Tag>
std::string to_string(const personal<Tag>&) {
  return "***";
}
template <class Tag>
std::ostream& operator<<(std::ostream& out, const personal<Tag>&) {
  return out << "***";
}

} // namespace weappd
