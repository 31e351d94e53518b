#include "config/options.hpp"
#include "http/api/body.hpp"
#include "http/api/codec.hpp"
#include "http/api/query_reader.hpp"
#include "http/api/routes.hpp"
#include "http/server/request_actor.hpp"
#include "http/server/role_summary.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weappd::http {
namespace {

using std::chrono::steady_clock;

// -- the actors

/// An actor that does not answer within this time is counted as silent.
constexpr auto probe_patience = std::chrono::seconds(1);

/// The answers of all actors that were asked; the last one to come makes the answer to the operator.
struct actor_survey {
  struct answers {
    std::size_t silent = 0;
    std::vector<std::chrono::nanoseconds> waits{}; ///< until each one answered
  };
  child_list children;
  std::map<std::string, answers, std::less<>> by_role;
  std::size_t missing = 0;
};

double in_microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

void write_quantiles(json::writer& out, std::string_view name, const duration_counts& counts) {
  out.begin_object(name);
  out.member("p50", in_microseconds(counts.quantile(0.5)));
  out.member("p99", in_microseconds(counts.quantile(0.99)));
  out.end_object();
}

void write_figures(json::writer& out, const role_summary& of) {
  out.member("queued", of.queued);
  out.member("in_flight", of.in_flight);
  out.member("handled_per_s", of.handled_per_s);
  out.member("busy", of.busy);
  out.member("busiest", of.busiest);
  if (of.waits.count() != 0)
    write_quantiles(out, "wait_us", of.waits);
  if (of.service.count() != 0)
    write_quantiles(out, "service_us", of.service);
  out.member("shed", of.totals.shed);
}

void write_role(json::writer& out, const role_summary& of, actor_survey::answers& answers) {
  out.begin_object();
  out.member("role", of.role);
  out.member("instances", of.instances);
  out.member("running", of.running);
  out.member("silent", answers.silent);
  out.member("restarts", of.restarts);
  out.member("deaths_last_minute", of.recent_deaths);
  if (of.measured != 0)
    write_figures(out, of);
  if (auto& waits = answers.waits; !waits.empty()) {
    std::ranges::sort(waits);
    out.begin_object("answer_us");
    out.member("median", in_microseconds(waits[waits.size() / 2]));
    out.member("longest", in_microseconds(waits.back()));
    out.end_object();
  }
  out.end_object();
}

void answer_survey(request_actor& self, actor_survey& survey) {
  const auto roles = summarise(survey.children, self.clock().now().time_since_epoch());
  self.succeed(200, [&](json::writer& data) {
    data.begin_object();
    data.begin_array("items");
    for (const auto& role : roles)
      write_role(data, role, survey.by_role[role.role]);
    data.end_array();
    data.end_object();
  });
}

void probe(request_actor& self, const std::shared_ptr<actor_survey>& survey, const child_info& child) {
  ++survey->missing;
  const auto begin = steady_clock::now();
  const auto arrived = [&self, survey, role = child.name.substr(0, child.name.find('/')),
                        begin](bool answered) {
    auto& answers = survey->by_role[role];
    if (answered)
      answers.waits.push_back(steady_clock::now() - begin);
    else
      ++answers.silent;
    if (--survey->missing == 0)
      answer_survey(self, *survey);
  };
  self.request(caf::actor_cast<service_actor>(child.handle), probe_patience, get_status{})
      .then([arrived](const status_report&) { arrived(true); },
            [arrived](const caf::error&) { arrived(false); });
}

void get_actors(request_actor& self) {
  self.ask(self.parts().supervisor.get(), list_children{}, [&self](child_list& all) {
    const auto survey = std::make_shared<actor_survey>();
    survey->children = std::move(all);
    for (const auto& child : survey->children.children)
      if (child.handle)
        probe(self, survey, child);
    if (survey->missing == 0)
      answer_survey(self, *survey);
  });
}

// -- users

/// Of an error about a user whom the path or the query names.
void fail_about_user(request_actor& self, const caf::error& error) {
  if (code_of(error) == ec::not_found)
    return self.fail(ec::user_not_found);
  self.fail(error);
}

void get_sessions_of_user(request_actor& self) {
  std::vector<json::problem> problems;
  query_reader query(self.context().query, problems);
  const auto user = query.value("user_id", parse_user_id);
  query.finish();
  if (!user && problems.empty())
    problems.push_back({"user_id", json::words::required});
  if (!problems.empty())
    return self.fail(ec::invalid_parameter, problems);
  const auto reader = self.parts().store_readers.pick(std::hash<user_id>{}(*user));
  self.ask(
      reader, load_user{*user},
      [&self](const user_snapshot& found) {
        self.succeed(200, [&](json::writer& data) {
          data.begin_object();
          data.member("user_id", found.user.id);
          data.member("status", found.user.status == user_status::locked ? "locked" : "active");
          data.begin_array("items");
          for (const auto& one : found.sessions) {
            data.begin_object();
            data.member("session_id", to_string(one.id));
            data.member("app", one.app.value);
            write_device(data, one.device);
            data.member("created_at", one.created_at);
            data.member("last_seen_at", one.last_seen_at);
            data.member("refresh_expires_at", one.refresh_expires_at);
            data.end_object();
          }
          data.end_array();
          data.end_object();
        });
      },
      [&self](caf::error& error) { fail_about_user(self, error); });
}

void set_status(request_actor& self, user_status status) {
  const auto user = parse_user_id(self.context().parameter);
  if (!user)
    return self.fail(ec::user_not_found);
  self.ask(
      self.parts().router_of(*user), set_user_status{*user, status},
      [&self, user = *user, status](const done&) {
        const bool locked = status == user_status::locked;
        self.server().events.write(
            event_level::warn, locked ? "admin.user_locked" : "admin.user_unlocked",
            {{"user_id", to_string(user)}, {"request_id", std::string(self.context().id.view())}});
        self.succeed(200, [&](json::writer& data) {
          data.begin_object();
          data.member("user_id", user);
          data.member("status", locked ? "locked" : "active");
          data.end_object();
        });
      },
      [&self](caf::error& error) { fail_about_user(self, error); });
}

void post_lock(request_actor& self) {
  set_status(self, user_status::locked);
}
void post_unlock(request_actor& self) {
  set_status(self, user_status::active);
}

// -- the server

void write_texts(json::writer& out, std::string_view name, const std::vector<std::string>& texts) {
  out.begin_array(name);
  for (const auto& text : texts)
    out.element(text);
  out.end_array();
}

/// Who did it is found by the id of the request; what came of it has its own line (config.reloaded).
void note(request_actor& self, std::string_view event) {
  self.server().events.write(event_level::warn, event,
                             {{"request_id", std::string(self.context().id.view())}});
}

void post_reload(request_actor& self) {
  note(self, "admin.reload");
  self.ask(self.parts().operator_desk.get(), reload_configuration{}, [&self](const reload_report& report) {
    self.succeed(200, [&](json::writer& data) {
      data.begin_object();
      data.member("reloaded", report.problems.empty());
      write_texts(data, "problems", report.problems);
      write_texts(data, "applied", report.applied);
      write_texts(data, "needs_restart", report.needs_restart);
      data.end_object();
    });
  });
}

void post_log_level(request_actor& self) {
  auto wanted = read_body(self, [](json::object_reader& body) {
    set_log_level parsed;
    parsed.level = body.required_text("level", {.min = 1, .max = 8});
    return parsed;
  });
  if (!wanted)
    return;
  if (std::ranges::find(log_levels, wanted->level) == log_levels.end())
    return self.fail(ec::invalid_parameter, {{"level", json::words::unknown_value}});
  const auto level = wanted->level;
  self.ask(self.parts().operator_desk.get(), std::move(*wanted), [&self, level](const done&) {
    self.succeed(200, [&](json::writer& data) {
      data.begin_object();
      data.member("level", level);
      data.end_object();
    });
  });
}

void post_drain(request_actor& self) {
  note(self, "admin.drain");
  self.ask(self.parts().operator_desk.get(), begin_drain{}, [&self](const done&) {
    self.succeed(200, [](json::writer& data) {
      data.begin_object();
      data.member("draining", true);
      data.end_object();
    });
  });
}

route admin_route(std::string_view name, method verb, std::string_view pattern,
                  void (*handle)(request_actor&)) {
  return {.name = name,
          .verb = verb,
          .pattern = pattern,
          .allowed = access::operators,
          .limited = false,
          .handle = handle};
}

} // namespace

std::vector<route> admin_routes() {
  std::vector<route> all{
      admin_route("admin.actors", method::get, "/admin/v1/actors", get_actors),
      admin_route("admin.sessions", method::get, "/admin/v1/sessions", get_sessions_of_user),
      admin_route("admin.user_lock", method::post, "/admin/v1/users/{user_id}/lock", post_lock),
      admin_route("admin.user_unlock", method::post, "/admin/v1/users/{user_id}/unlock", post_unlock),
      admin_route("admin.reload", method::post, "/admin/v1/reload", post_reload),
      admin_route("admin.log_level", method::post, "/admin/v1/log-level", post_log_level),
      admin_route("admin.drain", method::post, "/admin/v1/drain", post_drain),
  };
  std::ranges::find(all, "admin.log_level", &route::name)->body = body_kind::json;
  return all;
}

} // namespace weappd::http
