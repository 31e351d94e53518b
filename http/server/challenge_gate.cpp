#include "http/server/challenge_gate.hpp"

namespace weappd::http {

challenge_gate::challenge_gate(const option_book<challenge_options>& rules, const std::vector<cidr>& proxies)
    : rules_(rules), proxies_(proxies) {}

void challenge_gate::look_for_news() {
  const auto version = rules_.version();
  if (version == version_)
    return;
  version_ = version;
  const auto rules = rules_.get();
  is_on_ = rules->kind != challenge_kind::off;
  allow_ = parse_blocks(rules->allow);
}

std::unique_ptr<challenge_task> challenge_gate::task_for(const route& target, const ip_address& who) {
  if (!target.is_login)
    return nullptr;
  look_for_news();
  if (!is_on_ || is_trusted(who, proxies_) || is_trusted(who, allow_))
    return nullptr;
  return std::make_unique<challenge_task>(challenge_task{.address = who.to_string()});
}

} // namespace weappd::http
