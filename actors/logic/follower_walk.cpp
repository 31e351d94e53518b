#include "actors/logic/follower_walk.hpp"

#include <algorithm>
#include <iterator>

namespace weappd {
namespace {

std::vector<openid> first_of(const std::deque<openid>& line, std::size_t most) {
  const auto end = std::next(line.begin(), static_cast<std::ptrdiff_t>(std::min(line.size(), most)));
  return {line.begin(), end};
}

void drop(std::deque<openid>& line, std::size_t count) {
  line.erase(line.begin(),
             std::next(line.begin(), static_cast<std::ptrdiff_t>(std::min(line.size(), count))));
}

} // namespace

follower_walk::step follower_walk::next() const {
  if (named_ == 0 && nameless_ >= enough_nameless)
    return step::done;
  if (newcomers_.size() >= group_ || (page_.empty() && !listing_ && !newcomers_.empty()))
    return step::describe;
  if (!page_.empty())
    return step::sort;
  return listing_ ? step::list : step::done;
}

void follower_walk::listed(const followers_listed& page) {
  ++pages_;
  total_ = page.total;
  page_.assign(page.who.begin(), page.who.end());
  listing_ = page.more && !page.who.empty();
  if (!page.who.empty())
    after_ = page.who.back();
}

std::vector<openid> follower_walk::to_sort() const {
  return first_of(page_, sort_group);
}

void follower_walk::sorted(const std::vector<openid>& newcomers) {
  drop(page_, sort_group);
  newcomers_.insert(newcomers_.end(), newcomers.begin(), newcomers.end());
}

std::vector<openid> follower_walk::to_describe() const {
  return first_of(newcomers_, group_);
}

void follower_walk::described(const followers_described& answer) {
  drop(newcomers_, group_);
  group_ = std::min(group_ * 2, max_followers_described);
  named_ += answer.items.size();
  nameless_ += answer.nameless;
}

void follower_walk::refused() {
  if (std::min(group_, newcomers_.size()) > 1)
    group_ = std::min(group_, newcomers_.size()) / 2;
  else
    drop(newcomers_, 1);
}

bool follower_walk::meet(const openid& who) {
  if (newcomers_.size() >= sort_group + max_met)
    return false;
  newcomers_.push_back(who);
  return true;
}

} // namespace weappd
