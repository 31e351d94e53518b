#include "tests/kit/actors/memory_store.hpp"

namespace weappd {

caf::expected<new_followers> memory_store::find(const find_new_followers& wanted) const {
  new_followers out;
  for (const auto& who : wanted.who) {
    const auto known = identities.find({wanted.app, who});
    if (known != identities.end()) {
      if (mark_of(known->second, wanted.app) == user_mark::not_following)
        out.returned.push_back(who);
    } else if (!followers.contains({wanted.app, who})) {
      out.unknown.push_back(who);
    }
  }
  return out;
}

caf::expected<followers_added> memory_store::add(const add_followers& wanted) {
  followers_added out;
  for (const auto& one : wanted.items) {
    const std::pair key(wanted.app, one.who);
    if (const auto person = unions.find(one.union_id); person != unions.end())
      out.linked += identities.emplace(key, person->second).second ? 1 : 0;
    else if (!identities.contains(key))
      out.waiting += followers.emplace(key, one.union_id).second ? 1 : 0;
  }
  return out;
}

caf::expected<stored> memory_store::set_following(const note_following& wanted) {
  if (!wanted.follows)
    followers.erase({wanted.app, wanted.who});
  const auto known = identities.find({wanted.app, wanted.who});
  if (known == identities.end())
    return stored{};
  auto& marks = users.at(known->second).marks;
  const auto mark = mark_of(known->second, wanted.app);
  if (wanted.follows && mark == user_mark::not_following)
    marks.erase(wanted.app);
  if (!wanted.follows && mark == user_mark::none)
    marks[wanted.app] = user_mark::not_following;
  return stored{};
}

} // namespace weappd
