#include "tests/kit/actors/fault_plan.hpp"

#include <caf/detail/pretty_type_name.hpp>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

namespace weappd {
namespace {

constexpr std::uint32_t thousand = 1'000;

/// In the order of the enumeration, without `none`.
std::array<std::pair<fault, std::uint32_t>, fault_kinds - 1> in_order(const fault_rates& rates) {
  return {{{fault::lose_question, rates.lose_question},
           {fault::lose_answer, rates.lose_answer},
           {fault::fail, rates.fail},
           {fault::delay_question, rates.delay_question},
           {fault::delay_answer, rates.delay_answer},
           {fault::reorder, rates.reorder},
           {fault::kill_before, rates.kill_before},
           {fault::kill_after, rates.kill_after}}};
}

std::string name_of(const std::type_info& message) {
  const auto full = caf::detail::pretty_type_name(message);
  const auto space = full.find_last_of(":.");
  return space == std::string::npos ? full : full.substr(space + 1);
}

} // namespace

std::string_view to_string(fault what) noexcept {
  switch (what) {
  case fault::none:
    break;
  case fault::lose_question:
    return "lose_question";
  case fault::lose_answer:
    return "lose_answer";
  case fault::fail:
    return "fail";
  case fault::delay_question:
    return "delay_question";
  case fault::delay_answer:
    return "delay_answer";
  case fault::reorder:
    return "reorder";
  case fault::kill_before:
    return "kill_before";
  case fault::kill_after:
    return "kill_after";
  }
  return "none";
}

void fault_source::set_rates(std::type_index message, const fault_rates& rates) {
  std::uint64_t sum = 0;
  for (const auto& [what, of_a_thousand] : in_order(rates))
    sum += of_a_thousand;
  if (sum > thousand)
    throw std::invalid_argument("fault_rates: more faults than messages");
  if (rates.shortest.count() < 0 || rates.shortest > rates.longest)
    throw std::invalid_argument("fault_rates: shortest is longer than longest, or negative");
  rates_[message] = rates;
}

fault fault_source::draw(const fault_rates& rates) {
  auto at = static_cast<std::uint32_t>(engine_() % thousand);
  for (const auto& [what, of_a_thousand] : in_order(rates)) {
    if (at < of_a_thousand)
      return what;
    at -= of_a_thousand;
  }
  return fault::none;
}

fault_source::decision fault_source::decide(const std::type_info& message) {
  const auto known = rates_.find(message);
  auto& planned = planned_[message];
  if (ended_ || (known == rates_.end() && planned.empty()))
    return {};
  const auto& rates = known == rates_.end() ? fault_rates{} : known->second;
  decision made;
  if (planned.empty()) {
    made.what = draw(rates);
  } else {
    made.what = planned.front();
    planned.pop_front();
  }
  if (made.what == fault::none)
    return {};
  made.failure = rates.failure;
  made.lost = rates.lost;
  const auto span = static_cast<std::uint64_t>((rates.longest - rates.shortest).count()) + 1;
  if (made.what == fault::delay_question || made.what == fault::delay_answer)
    made.wait = rates.shortest + std::chrono::milliseconds(engine_() % span);
  else if (made.what == fault::reorder)
    made.wait = rates.longest;
  ++counts_[static_cast<std::size_t>(made.what)];
  if (on_fault)
    on_fault(name_of(message), made.what);
  return made;
}

} // namespace weappd
