#include "http/api/routes.hpp"
#include "http/server/request_actor.hpp"
#include "http/server/role_summary.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

namespace weappd::http {
namespace {

// A part that does not answer within this time counts as down.
constexpr auto patience = std::chrono::seconds(1);
// What is down tries again by itself, the store once a second; every question looks anew.
constexpr auto look_again = "Retry-After: 1\r\n";

std::string_view to_string(health state) {
  switch (state) {
  case health::ok:
    return "ok";
  case health::degraded:
    return "degraded";
  case health::down:
    break;
  }
  return "down";
}

/// The parts of one name are one check: the worst state of them, and what each has to say.
void merge(status_report& into, const status_report& one) {
  into.state = std::max(into.state, one.state);
  if (one.detail.empty() || into.detail.find(one.detail) != std::string::npos)
    return;
  if (!into.detail.empty())
    into.detail += "; ";
  into.detail += one.detail;
}

/// The answers of all parts that were asked; the last one to come makes the answer to the client.
struct readiness {
  struct check {
    std::string name;
    status_report report;
  };
  std::vector<check> checks;
  std::size_t missing = 0;
};

std::vector<readiness::check> merged(const std::vector<readiness::check>& all) {
  std::vector<readiness::check> checks;
  for (const auto& one : all)
    if (!checks.empty() && checks.back().name == one.name)
      merge(checks.back().report, one.report);
    else
      checks.push_back(one);
  return checks;
}

void answer_readiness(request_actor& self, const readiness& parts) {
  const auto checks = merged(parts.checks);
  const bool draining = self.server().draining;
  bool ready = !draining;
  for (const auto& check : checks)
    ready = ready && check.report.state != health::down;

  response answer;
  answer.status = ready ? 200 : 503;
  if (!ready)
    answer.fields += look_again;
  json::writer out(answer.body);
  out.begin_object();
  out.member("status", draining ? "draining" : ready ? "ok" : "unavailable");
  out.begin_object("checks");
  for (const auto& check : checks) {
    out.begin_object(check.name);
    out.member("state", to_string(check.report.state));
    if (!check.report.detail.empty())
      out.member("detail", check.report.detail);
    out.end_object();
  }
  out.end_object();
  out.end_object();
  self.answer(std::move(answer));
}

/// `worst`: what the part says is no worse for the server than this.
template <class Handle>
void ask_part(request_actor& self, const std::shared_ptr<readiness>& parts, std::string name,
              const Handle& whom, health worst = health::down) {
  const auto index = parts->checks.size();
  parts->checks.push_back({std::move(name), {health::down, "not running"}});
  if (!whom)
    return;
  ++parts->missing;
  const auto arrived = [&self, parts, index, worst](status_report report) {
    report.state = std::min(report.state, worst);
    parts->checks[index].report = std::move(report);
    if (--parts->missing == 0)
      answer_readiness(self, *parts);
  };
  self.request(caf::actor_cast<service_actor>(whom), patience, get_status{})
      .then([arrived](status_report& report) { arrived(std::move(report)); },
            [arrived](caf::error& error) {
              arrived({health::down, std::string(describe(code_of(error)).name)});
            });
}

void get_ready(request_actor& self) {
  auto parts = std::make_shared<readiness>();
  auto& known = self.parts();
  ask_part(self, parts, "store", known.store_writer.get());
  ask_part(self, parts, "wechat", known.wechat.get());
  // Says which actors keep dying. What the others can do is still done, so this alone makes nothing unready.
  if (const auto root = known.supervisor.get())
    ask_part(self, parts, "actors", root, health::degraded);
  for (auto& [app, refresher] : known.tokens)
    ask_part(self, parts, "wechat_token." + app.value, refresher.get());
  for (std::size_t i = 0; i < known.pushers.size(); ++i)
    ask_part(self, parts, "push", known.pushers[i].get());
  for (auto& [app, checker] : known.template_checkers)
    ask_part(self, parts, "templates." + app.value, checker.get());
  for (auto& [app, sync] : known.follower_syncs)
    ask_part(self, parts, "followers." + app.value, sync.get());
  for (auto& [name, one] : known.further)
    ask_part(self, parts, name, one.get());
  if (parts->missing == 0)
    answer_readiness(self, *parts);
}

void get_health(request_actor& self) {
  response answer;
  json::writer out(answer.body);
  out.begin_object();
  out.member("status", "ok");
  out.member("service", "weappd");
  out.member("version", self.server().version);
  out.member("time", self.server().clock.now());
  out.end_object();
  self.answer(std::move(answer));
}

void answer_metrics(request_actor& self) {
  auto& server = self.server();
  server.metrics.in_flight(server.in_flight.load());
  server.metrics.connections(server.connections.count());
  response answer;
  answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
  answer.body = server.metrics.render();
  self.answer(std::move(answer));
}

/// Without the figures of roles while nobody supervises them: at the very beginning and end.
void get_metrics(request_actor& self) {
  const auto supervisor = self.parts().supervisor.get();
  if (!supervisor)
    return answer_metrics(self);
  self.request(supervisor, patience, list_children{})
      .then(
          [&self](const child_list& all) {
            self.server().metrics.roles(summarise(all, self.clock().now().time_since_epoch()));
            answer_metrics(self);
          },
          [&self](const caf::error&) { answer_metrics(self); });
}

} // namespace

std::vector<route> health_routes() {
  return {
      {.name = "healthz",
       .verb = method::get,
       .pattern = "/healthz",
       .limited = false,
       .rank = urgency::vital,
       .while_stopping = true,
       .handle = get_health},
      {.name = "readyz",
       .verb = method::get,
       .pattern = "/readyz",
       .limited = false,
       .rank = urgency::vital,
       .while_stopping = true,
       .handle = get_ready},
  };
}

std::vector<route> metrics_routes() {
  return {{.name = "metrics",
           .verb = method::get,
           .pattern = "/metrics",
           .limited = false,
           .rank = urgency::vital,
           .while_stopping = true,
           .handle = get_metrics}};
}

} // namespace weappd::http
