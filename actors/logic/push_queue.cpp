#include "actors/logic/push_queue.hpp"

#include <algorithm>
#include <utility>

namespace weappd {
namespace {

using message_line = std::array<std::deque<message_id>, 3>;

std::array<bool, 3> which_wait(const message_line& line) {
  return {!line[0].empty(), !line[1].empty(), !line[2].empty()};
}

bool any(const std::array<bool, 3>& which) {
  return which[0] || which[1] || which[2];
}

/// True if that is later by a second or more.
bool keep_later(timestamp& until, timestamp other) {
  const auto before = std::exchange(until, std::max(until, other));
  return other >= before + std::chrono::seconds(1);
}

} // namespace

push_queue::item* push_queue::find(message_id id) {
  const auto found = items_.find(id);
  return found == items_.end() ? nullptr : &found->second;
}

void push_queue::add(queue_entry entry, timestamp now) {
  const auto id = entry.id;
  const auto due_at = entry.due_at;
  const auto [at, fresh] = items_.try_emplace(id);
  if (!fresh)
    return;
  at->second.failures = entry.attempts;
  at->second.entry = std::move(entry);
  put_back(id, due_at, now);
}

void push_queue::land(message_id id) {
  if (auto* one = find(id))
    end_turn(*one);
}

void push_queue::put_back(message_id id, timestamp due_at, timestamp now) {
  auto* one = find(id);
  if (one == nullptr)
    return;
  end_turn(*one);
  one->entry.due_at = due_at;
  if (due_at <= now)
    return make_ready(*one);
  const auto& end = one->entry.not_after;
  wait_until(id, end ? std::min(due_at, *end + std::chrono::milliseconds(1)) : due_at);
}

void push_queue::remove(message_id id) {
  auto* one = find(id);
  if (one == nullptr)
    return;
  end_turn(*one);
  items_.erase(id); // lines and timers that still name it find nothing
}

void push_queue::keep_only(const std::function<bool(user_id)>& stays, timestamp now) {
  const auto all = std::exchange(items_, {});
  // Lines and timers are made anew, so that a message which comes back finds nothing of its first stay.
  lanes_.clear();
  timers_ = {};
  for (auto& [key, app] : apps_)
    app.ready = {};
  std::vector<const item*> kept;
  for (const auto& [id, one] : all)
    if (stays(one.entry.to))
      kept.push_back(&one);
  std::ranges::sort(kept, {}, [](const item* one) { return one->entry.id; });
  for (const auto* one : kept) {
    const auto id = one->entry.id;
    items_.emplace(id, *one);
    put_back(id, one->entry.due_at, now);
  }
}

bool push_queue::pause_app(const app_key& app, timestamp until) {
  return keep_later(apps_[app].rests_until, until);
}

bool push_queue::pause_template(const std::string& name, timestamp until) {
  return keep_later(resting_templates_[name], until);
}

std::vector<std::string> push_queue::resting(timestamp now) const {
  std::vector<std::string> out;
  const auto add = [&](std::string_view what, const std::string& name, timestamp until) {
    if (until > now)
      out.push_back(std::string(what) + name + " until " + to_rfc3339(until));
  };
  for (const auto& [key, app] : apps_)
    add("app ", key.value, app.rests_until);
  for (const auto& [name, until] : resting_templates_)
    add("template ", name, until);
  return out;
}

std::optional<timestamp> push_queue::next_due() const {
  std::optional<timestamp> next;
  const auto consider = [&next](timestamp at) { next = next ? std::min(*next, at) : at; };
  if (!timers_.empty())
    consider(timers_.top().at);
  for (const auto& [key, app] : apps_) // with all calls in use they wait for one to end, not for a time
    if (app.under_way < max_under_way_ && any(which_wait(app.ready)))
      consider({});
  return next;
}

bool push_queue::somebody_waits() const {
  return std::ranges::any_of(apps_, [](const auto& app) { return any(which_wait(app.second.ready)); });
}

// -- lines

void push_queue::make_ready(const item& one) {
  app_of(one).ready[static_cast<std::size_t>(one.entry.priority)].push_back(one.entry.id);
}

/// Timers whose moment has come.
void push_queue::wake(timestamp now) {
  while (!timers_.empty() && timers_.top().at <= now) {
    const auto id = timers_.top().id;
    timers_.pop();
    const auto* one = find(id);
    if (one != nullptr && !one->under_way)
      make_ready(*one);
  }
}

void push_queue::end_turn(item& one) {
  if (std::exchange(one.under_way, false)) {
    --under_way_;
    --app_of(one).under_way;
  }
  leave_lane(one);
}

/// May it go, or does another message to the same user go first? Then it waits for that one.
bool push_queue::enter_lane(const item& one) {
  const auto [at, fresh] = lanes_.try_emplace(lane_of(one));
  if (fresh)
    at->second.holder = one.entry.id;
  if (at->second.holder == one.entry.id)
    return true;
  at->second.line[static_cast<std::size_t>(one.entry.priority)].push_back(one.entry.id);
  return false;
}

/// The next one to the same user goes to the head of the app's line: it has waited for longest. Only that
/// one, so that a user with many messages costs no more than many users.
void push_queue::leave_lane(const item& one) {
  const auto at = lanes_.find(lane_of(one));
  if (at == lanes_.end() || at->second.holder != one.entry.id)
    return;
  auto& waiting = at->second.line;
  for (std::size_t priority = 0; priority < waiting.size(); ++priority) {
    auto& line = waiting[priority];
    while (!line.empty()) {
      const auto next = line.front();
      line.pop_front();
      if (find(next) == nullptr)
        continue;
      at->second.holder = next;
      return app_of(one).ready[priority].push_front(next);
    }
  }
  lanes_.erase(at);
}

// -- turns

std::optional<message_id> push_queue::take(timestamp now, std::vector<item>& expired) {
  wake(now);
  if (expired.size() >= max_expired)
    return std::nullopt;
  // Apps take turns: each call begins behind the app that was served last.
  auto at = apps_.upper_bound(last_app_);
  for (std::size_t i = 0; i < apps_.size(); ++i, ++at) {
    if (at == apps_.end())
      at = apps_.begin();
    if (const auto id = take_from(at->second, now, expired)) {
      last_app_ = at->first;
      return id;
    }
  }
  return std::nullopt;
}

std::optional<message_id> push_queue::pop(app_state& app) {
  const auto waiting = which_wait(app.ready);
  if (!any(waiting))
    return std::nullopt;
  auto& line = app.ready[static_cast<std::size_t>(app.wheel.next(waiting))];
  const auto id = line.front();
  line.pop_front();
  return id;
}

/// Those whose turn it would be wait for the end of the rest, or for their own end. Some at a time: there may
/// be many.
void push_queue::send_to_rest(app_state& app, timestamp now, std::vector<item>& expired) {
  for (int i = 0; i < 256; ++i) {
    const auto id = pop(app);
    if (!id)
      return;
    const auto* one = find(*id);
    if (one != nullptr && !expire(*one, now, expired))
      put_back(*id, app.rests_until, now);
  }
}

bool push_queue::expire(const item& one, timestamp now, std::vector<item>& expired) {
  if (!one.entry.not_after || *one.entry.not_after >= now)
    return false;
  expired.push_back(one);
  remove(one.entry.id);
  return true;
}

std::optional<message_id> push_queue::take_from(app_state& app, timestamp now, std::vector<item>& expired) {
  if (app.rests_until > now) {
    send_to_rest(app, now, expired);
    return std::nullopt;
  }
  while (app.under_way < max_under_way_ && expired.size() < max_expired) {
    const auto next = pop(app);
    if (!next)
      break;
    const auto id = *next;
    auto* one = find(id);
    if (one == nullptr || one->under_way || !may_go(*one, now, expired))
      continue;
    one->under_way = true;
    ++app.under_way;
    ++under_way_;
    return id;
  }
  return std::nullopt;
}

/// If not, it has been put where it belongs.
bool push_queue::may_go(item& one, timestamp now, std::vector<item>& expired) {
  if (expire(one, now, expired))
    return false;
  const auto rest = resting_templates_.find(one.entry.template_name);
  if (rest != resting_templates_.end()) {
    if (rest->second > now) {
      put_back(one.entry.id, rest->second, now);
      return false;
    }
    resting_templates_.erase(rest);
  }
  return enter_lane(one);
}

} // namespace weappd
