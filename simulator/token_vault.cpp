#include "simulator/token_vault.hpp"

#include "simulator/random_text.hpp"

#include <algorithm>

namespace weappd::simulator {
token_answer token_vault::issue(history& of, moment now, crypto::random_source& random) {
  constexpr std::size_t random_characters = 128; // real ones are of this kind: a number, "_", then noise
  of.push_back({"90_" + random_name(random, random_characters), now + life, now + life});
  if (of.size() > remembered)
    of.pop_front();
  return answer(of.back(), now);
}

token_answer token_vault::answer(const issued& token, moment now) {
  return {token.token, std::chrono::floor<std::chrono::seconds>(token.expires_at - now)};
}

token_answer token_vault::classic(moment now, crypto::random_source& random) {
  if (!classic_.empty())
    classic_.back().works_until = std::min(classic_.back().works_until, now + overlap);
  return issue(classic_, now, random);
}

std::variant<token_answer, errcode> token_vault::stable(moment now, bool force,
                                                        crypto::random_source& random) {
  if (force && (!last_forced_ || now - *last_forced_ >= forced_interval)) {
    if (china_day(now) != forced_day_) {
      forced_day_ = china_day(now);
      forced_today_ = 0;
    }
    if (forced_today_ == forced_per_day)
      return errcode::day_limit;
    ++forced_today_;
    last_forced_ = now;
    if (!stable_.empty())
      stable_.back().works_until = std::min(stable_.back().works_until, now);
    return issue(stable_, now, random);
  }
  if (!stable_.empty() && stable_.back().expires_at - now >= overlap)
    return answer(stable_.back(), now);
  return issue(stable_, now, random);
}

std::optional<errcode> token_vault::check(moment now, std::string_view token) const {
  for (const auto* kind : {&classic_, &stable_}) {
    const auto found =
        std::find_if(kind->begin(), kind->end(), [&](const auto& t) { return t.token == token; });
    if (found == kind->end())
      continue;
    if (now < found->works_until)
      return std::nullopt;
    return now < found->expires_at ? errcode::token_invalid : errcode::token_expired;
  }
  return errcode::token_invalid;
}

std::size_t token_vault::expire(moment now) {
  std::size_t count = 0;
  for (auto* kind : {&classic_, &stable_})
    for (auto& token : *kind)
      if (now < token.works_until) {
        token.works_until = token.expires_at = now;
        ++count;
      }
  return count;
}

} // namespace weappd::simulator
