#pragma once

#include "config/option_book.hpp"
#include "config/options.hpp"
#include "http/server/forwarded.hpp"
#include "http/server/router.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weappd::http {

/// For a login about which the challenge desk has to be asked.
struct challenge_task {
  std::string address; ///< of the client, for the CAPTCHA service
  secret attempt{};    ///< what is tried; known from when the desk is asked on
};

/// What an io thread knows of challenges: whether there are any, and for whom never. A request that is no
/// login costs a look at its route. One thread.
class challenge_gate {
public:
  challenge_gate(const option_book<challenge_options>& rules, const std::vector<cidr>& proxies);

  /// Null: no login, challenges are off, or an address that never has to solve one: those of challenge.allow,
  /// and trusted proxies, behind which there may be anybody if their word is missing or broken.
  [[nodiscard]] std::unique_ptr<challenge_task> task_for(const route& target, const ip_address& who);

private:
  void look_for_news();

  const option_book<challenge_options>& rules_;
  const std::vector<cidr>& proxies_;
  std::uint64_t version_ = 0;
  bool is_on_ = false;
  std::vector<cidr> allow_;
};

} // namespace weappd::http
