// What a running server is given anew: limits, the filter, certificates. The sizes of pools:
// daemon_pools.cpp.
#include "http/daemon/daemon.hpp"

#include "config/certificate.hpp"
#include "config/reload_plan.hpp"
#include "http/api/routes.hpp"
#include "http/daemon/release_logger.hpp"
#include "http/server/filter_rules.hpp"

#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace weappd {
namespace {

constexpr std::string_view certificate_option = "http.tls.certificate_file";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text.append(text.empty() ? "" : ", ").append(word);
  return text;
}

std::vector<http::route> known_routes(const extension& other) {
  auto known = http::public_routes();
  if (other.routes)
    other.routes(known);
  return known;
}

} // namespace

reload_report daemon::reload() {
  const std::lock_guard alone(reloading_);
  const release_logger at_the_end;
  if (!read_again_)
    return apply(configured_);
  auto loaded = read_again_();
  return loaded.problems.empty() ? apply(std::move(loaded.values)) : keep(loaded.problems);
}

/// The certificate first: it is what can still fail.
reload_report daemon::apply(options next) {
  if (tls_ && next.http.tls.port < 0) { // https goes on until the next start, with the files that it has
    next.http.tls.certificate_file = configured_.http.tls.certificate_file;
    next.http.tls.key_file = configured_.http.tls.key_file;
  }
  if (next.admin.port < 0) // so does the listener for operators
    next.admin.token = configured_.admin.token;
  if (const auto problems = problems_until_restart(configured_, next); !problems.empty())
    return keep(problems);
  if (const auto problems = http::filter_problems(next.filter, known_routes(extension_)); !problems.empty())
    return keep(problems);
  const auto shown_before = shown_certificates_;
  if (const auto problems = reload_certificate(next.http.tls); !problems.empty())
    return keep(problems);
  auto plan = plan_reload(configured_, next);
  if (shown_certificates_ != shown_before)
    plan.note_content(certificate_option);
  if (next.pools.queue_limit != configured_.pools.queue_limit)
    change_queue_limit(next.pools.queue_limit);
  if (plan.applies("limits"))
    change_limits(next.limits);
  apply_sizes(next.pools);
  if (next.pools.template_pusher != configured_.pools.template_pusher &&
      !change_template_pushers(next.pools.template_pusher)) {
    next.pools.template_pusher = configured_.pools.template_pusher;
    std::erase(plan.at_reload, "pools.template_pusher");
    plan.at_start.emplace_back("pools.template_pusher");
  }
  if (plan.applies("filter")) {
    context_.filter.change(next.filter);
    log_.write(event_level::info, "filter.changed",
               {{"rules", std::to_string(http::rules_in_force(next.filter).size())}});
  }
  configured_.filter = next.filter;
  if (plan.applies("bans"))
    context_.ban_rules.change(next.bans);
  configured_.bans = next.bans;
  if (plan.applies("challenge"))
    context_.challenge_rules.change(next.challenge);
  next.challenge.captcha.ca_file = configured_.challenge.captcha.ca_file; // of the client that was made
  configured_.challenge = next.challenge;
  configured_.pools.template_pusher = next.pools.template_pusher;
  configured_.pools.queue_limit = next.pools.queue_limit;
  log_.set_level(next.log.level);
  context_.operators.change(next.admin.token);
  configured_.admin.token = next.admin.token;
  configured_.limits = next.limits;
  configured_.log.level = next.log.level;
  configured_.http.tls.certificate_file = next.http.tls.certificate_file;
  configured_.http.tls.key_file = next.http.tls.key_file;
  log_.write(event_level::info, "config.reloaded",
             {{"applied", joined(plan.at_reload)}, {"needs_restart", joined(plan.at_start)}});
  return {.problems = {}, .applied = std::move(plan.at_reload), .needs_restart = std::move(plan.at_start)};
}

reload_report daemon::keep(const std::vector<config_problem>& problems) {
  reload_report report;
  for (const auto& [path, text] : problems) {
    log_.write(event_level::error, "config.kept", {{"option", path}, {"problem", text}});
    report.problems.emplace_back(path).append(": ").append(text);
  }
  return report;
}

/// Puts the one that the files hold in the place of the old one, for new connections. Problems: it stays. One
/// that is out of time is a problem unless it is the old one, which must not hold up the rest of a reload.
std::vector<config_problem> daemon::reload_certificate(const tls_options& from) {
  if (!tls_)
    return {};
  const std::string option(certificate_option);
  auto loaded = load_certificate(from);
  if (loaded.value) {
    const auto& found = *loaded.value;
    if (!is_in_time(found, clock_.now()) && found.fingerprint != certificate_)
      loaded.problems.push_back({option, "the certificate is valid from " + to_rfc3339(found.not_before) +
                                             " to " + to_rfc3339(found.not_after)});
    else if (auto problem = tls_->use(found); !problem.empty())
      loaded.problems.push_back({option, std::move(problem)});
  }
  for (const auto& problem : loaded.problems)
    log_.write(event_level::error, "tls.certificate_kept",
               {{"option", problem.path}, {"problem", problem.text}, {"fingerprint", certificate_}});
  if (!loaded.problems.empty())
    return std::move(loaded.problems);
  const auto before = std::exchange(certificate_, loaded.value->fingerprint);
  const auto shown_before = std::exchange(shown_certificates_, loaded.value->all_fingerprints);
  log_.write(event_level::info,
             shown_before == shown_certificates_ ? "tls.certificate_unchanged" : "tls.certificate_replaced",
             {{"subject", loaded.value->subject},
              {"fingerprint", certificate_},
              {"fingerprint_before", before},
              {"not_after", to_rfc3339(loaded.value->not_after)}});
  return {};
}

void daemon::change_limits(const std::map<std::string, limit_options>& limits) {
  const release_logger at_the_end;
  const auto next = context_.limits.change(limits);
  caf::scoped_actor self{*system_};
  auto& limiters = directory_->rate_limiters;
  // Also those that end soon: they may be wanted again. Who is not there begins with the new limits.
  for (std::size_t place = 0; place < limiters.places(); ++place)
    if (const auto limiter = limiters[place].get())
      self->request(limiter, caf::infinite, use_limits{next})
          .receive([](const done&) {},
                   [](const caf::error&) { /* it died: the next one begins with them */ });
  log_.write(event_level::info, "limits.changed", {{"policies", std::to_string(limits.size())}});
}

void daemon::change_queue_limit(std::uint32_t messages) {
  const release_logger at_the_end;
  caf::scoped_actor self{*system_};
  self->request(supervisor_, caf::infinite, limit_queues{messages})
      .receive([](const done&) {}, [](const caf::error&) { /* it ends, and the server with it */ });
  log_.write(event_level::info, "queues.limited", {{"messages", std::to_string(messages)}});
}

} // namespace weappd
