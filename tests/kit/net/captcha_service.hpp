#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weappd::kit {

/// A pretended CAPTCHA service on the loopback: POST /siteverify. It answers what the test says, to many at
/// the same time, and remembers what it was sent.
class captcha_service {
public:
  captcha_service();
  ~captcha_service();
  captcha_service(const captcha_service&) = delete;
  captcha_service& operator=(const captcha_service&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port()) + "/siteverify";
  }

  /// From now on. At first it is `{"success":true}`.
  void answer(std::string body, int status = 200);
  /// Reads requests and does not answer them.
  void hang();
  /// Nobody listens any more, and who is connected is cut off.
  void die();
  /// Listens again at the same port.
  void come_back();

  /// The forms that were sent, in the order of their arrival.
  [[nodiscard]] std::vector<std::string> forms() const;

private:
  class impl;
  std::unique_ptr<impl> impl_;
};

} // namespace weappd::kit
