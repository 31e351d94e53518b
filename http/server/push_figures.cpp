#include "http/server/push_figures.hpp"

#include <algorithm>

namespace weappd::http {
namespace {

/// Those that WeChat is known to answer a send with.
constexpr std::array<std::int64_t, 31> known_errcodes{-1,    40001, 40003, 40008, 40013, 40014, 40036, 40037,
                                                      40039, 40165, 40166, 40249, 41030, 42001, 43004, 43019,
                                                      43101, 43107, 43108, 43116, 44990, 45009, 45011, 45168,
                                                      47001, 47003, 48001, 48002, 48004, 50002, 61024};

/// A message that waits for the next morning is not out of scale.
prometheus::Histogram::BucketBoundaries age_buckets() {
  return {0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1'800, 3'600, 14'400, 86'400};
}

prometheus::Histogram::BucketBoundaries attempt_buckets() {
  return {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

double in_seconds(std::chrono::milliseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

} // namespace

push_figures::push_figures(prometheus::Registry& registry, const std::vector<std::string>& templates,
                           std::size_t shards)
    : attempt_seconds_(prometheus::BuildHistogram()
                           .Name("weappd_message_attempt_seconds")
                           .Help("How long calls of the platform for messages took.")
                           .Register(registry)
                           .Add({}, attempt_buckets())),
      age_seconds_(prometheus::BuildHistogram()
                       .Name("weappd_message_age_seconds")
                       .Help("From the acceptance of a message to its end.")
                       .Register(registry)
                       .Add({}, age_buckets())),
      queues_(prometheus::BuildGauge()
                  .Name("weappd_messages_queued")
                  .Help("Messages that are not at their end, by pusher.")
                  .Register(registry)) {
  auto& accepted = prometheus::BuildCounter()
                       .Name("weappd_messages_accepted_total")
                       .Help("Messages that were taken, by template.")
                       .Register(registry);
  for (const auto& name : templates)
    accepted_[name] = &accepted.Add({{"template", name}});
  accepted_["other"] = &accepted.Add({{"template", "other"}});

  auto& attempts = prometheus::BuildCounter()
                       .Name("weappd_message_attempts_total")
                       .Help("Calls of the platform for messages, by outcome and errcode.")
                       .Register(registry);
  const auto attempt = [&](std::string_view outcome, const std::string& errcode) {
    return &attempts.Add({{"outcome", std::string(outcome)}, {"errcode", errcode}});
  };
  for (const auto* outcome : {"accepted", "unreached", "unknown"})
    attempts_[outcome] = attempt(outcome, "0");
  for (const auto errcode : known_errcodes)
    refusals_[errcode] = attempt("refused", std::to_string(errcode));
  other_refusals_ = attempt("refused", "other");
  other_attempts_ = attempt("other", "other");

  auto& finished = prometheus::BuildCounter()
                       .Name("weappd_messages_finished_total")
                       .Help("Messages that reached their end, by status and reason.")
                       .Register(registry);
  const auto end = [&](message_state state, fail_reason reason) {
    finished_[static_cast<std::size_t>(state)][static_cast<std::size_t>(reason)] = &finished.Add(
        {{"status", std::string(to_string(state))}, {"reason", std::string(to_string(reason))}});
  };
  for (const auto state : {message_state::sent, message_state::expired, message_state::cancelled})
    end(state, fail_reason::none);
  for (std::size_t reason = 1; reason < reasons; ++reason)
    end(message_state::failed, static_cast<fail_reason>(reason));
  expect(shards);
}

void push_figures::expect(std::size_t shards) {
  for (std::size_t shard = 0; shard < std::min(shards, queued_.size()); ++shard)
    if (queued_[shard] == nullptr)
      queued_[shard] = &queues_.Add({{"shard", std::to_string(shard)}});
}

void push_figures::accepted(std::string_view template_name) {
  auto found = accepted_.find(template_name);
  if (found == accepted_.end())
    found = accepted_.find("other");
  found->second->Increment();
}

void push_figures::attempted(std::string_view outcome, std::int64_t errcode,
                             std::chrono::milliseconds duration) {
  attempt_seconds_.Observe(in_seconds(duration));
  if (outcome == "refused") {
    const auto found = refusals_.find(errcode);
    (found == refusals_.end() ? other_refusals_ : found->second)->Increment();
  } else {
    const auto found = attempts_.find(outcome);
    (found == attempts_.end() ? other_attempts_ : found->second)->Increment();
  }
}

void push_figures::finished(message_state state, fail_reason reason, std::chrono::milliseconds age) {
  const auto row = static_cast<std::size_t>(state);
  const auto column = static_cast<std::size_t>(reason);
  if (row >= states || column >= reasons || finished_[row][column] == nullptr)
    return; // such an end does not exist
  finished_[row][column]->Increment();
  age_seconds_.Observe(in_seconds(age));
}

void push_figures::queued(std::size_t shard, std::size_t messages) {
  if (shard >= queued_.size())
    return;
  if (auto* queue = queued_[shard].load())
    queue->Set(static_cast<double>(messages));
}

} // namespace weappd::http
