#include "tests/simulation/stage.hpp"

#include <algorithm>

namespace weappd::simulation {
namespace {

using namespace std::chrono_literals;

std::string time_text(timestamp at) {
  return to_rfc3339(at).substr(11, 12);
}

} // namespace

stage::stage(std::uint64_t seed)
    : random_(seed), seed_(seed), between_(world().now()),
      wechat(random_, [this](const pretended_wechat::delivery& what) { on_delivery(what); }) {
  found.on_violation = [this](const std::string& what) { note("VIOLATION " + what); };
}

void stage::note(const std::string& line) {
  trace_.push_back(time_text(now()) + ' ' + line);
}

void stage::pass_time(std::chrono::milliseconds by) {
  server_->advance(by);
}

void stage::start_server() {
  note("server starts");
  const auto on_fault = [this](std::string_view message, fault what) {
    note("fault: " + std::string(to_string(what)) + ' ' + std::string(message));
    count("fault " + std::string(to_string(what)));
  };
  const outside with{store, wechat, owners, fetches, on_fault, ++lives_};
  server_ = std::make_unique<simulated_server>(seed_ * 1'000 + lives_, with, between_);
}

/// What an operator would read of it goes into the trace.
void stage::end_server() {
  for (const auto& event : server_->events().all())
    trace_.push_back("  log " + event.name);
  server_.reset();
}

void stage::kill_server() {
  note("server killed");
  count("server kills");
  between_ = now() + std::chrono::milliseconds(draw(3'000));
  questions.cut();
  server_->crash();
  end_server();
}

bool stage::stop_server() {
  note("server stops");
  count("server stops");
  questions.cut();
  const bool in_time = server_->stop();
  between_ = server_->now();
  end_server();
  wechat.cut_off(false);
  return in_time;
}

void stage::ask_limiter(std::size_t client, const std::string& policy, std::uint64_t who,
                        std::function<void()> then) {
  const auto& all = server_->limits().get()->all();
  const auto rule = std::ranges::find(all, policy, &numbered_limit::name);
  acquire question{.key = {0, who}, .policies = {}};
  question.policies.add(rule->id);
  const auto limiter = server_->directory().rate_limiters.pick(std::hash<rate_key>{}(question.key));
  const auto actor = server_->number_of(limiter ? limiter.id() : 0);
  ask<verdict>(client, "may " + std::to_string(who) + " (" + policy + ')', limiter, question,
               [this, policy, actor, key = question.key, options = rule->options,
                then = std::move(then)](const caf::expected<verdict>& said) {
                 if (said && !said->allowed)
                   return count("refused by a limit");
                 if (said)
                   limits.passed(actor, policy, options, key,
                                 server_->system().clock().now().time_since_epoch());
                 if (said) // as a request actor: without a limiter nobody passes
                   then();
               });
}

/// A message of the simulation is on a phone.
void stage::on_delivery(const pretended_wechat::delivery& what) {
  note("phone of " + what.person + " shows message " + to_string(what.id));
  count("deliveries");
  deliveries::facts known;
  if (const auto row = store->messages.find(what.id); row != store->messages.end())
    known = {.need = row->second.need,
             .maybe_sent = row->second.maybe_sent,
             .ledger_knew = ledger_knew_more(what.id, row->second)};
  sent.delivered(what.id, known);
}

/// Did the ledger know of a consent beside this message's own when the attempt under way began?
bool stage::ledger_knew_more(message_id id, const memory_store::message_row& row) const {
  const auto& draft = row.record.draft;
  const std::pair key(draft.to, draft.template_name);
  if (const auto at = reported.find(key); at != reported.end() && at->second + 5s >= row.record.updated_at)
    return false; // it may have learned of it since
  const auto ledger = store->consents.find(key);
  if (ledger == store->consents.end())
    return false;
  const auto held_by_another = std::ranges::any_of(store->messages, [&](const auto& other) {
    return other.first != id && other.second.reserved && other.second.record.draft.to == draft.to &&
           other.second.record.draft.template_name == draft.template_name;
  });
  return ledger->second.credits() > 0 || held_by_another;
}

} // namespace weappd::simulation
