#include "http/daemon/daemon.hpp"

#include "config/certificate.hpp"
#include "config/load.hpp"
#include "http/api/description.hpp"
#include "http/api/routes.hpp"
#include "http/captcha/captcha_verifier.hpp"
#include "http/captcha/siteverify.hpp"
#include "http/daemon/operator_desk.hpp"
#include "http/daemon/release_logger.hpp"
#include "http/daemon/simulator_client.hpp"
#include "http/daemon/version.hpp"
#include "http/daemon/wiring.hpp"
#include "http/server/io_coordinator.hpp"
#include "messages/error.hpp"
#include "persistence/sqlite_store.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace weappd {
namespace {

constexpr auto patience_with_lock = std::chrono::milliseconds(500);
constexpr auto patience_with_lock_of_predecessor = std::chrono::seconds(5);

std::size_t io_threads_of(const options& values) {
  if (values.pools.io_threads != 0)
    return values.pools.io_threads;
  return std::max(1U, std::thread::hardware_concurrency());
}

std::vector<app_key> apps_of(const options& values) {
  std::vector<app_key> apps;
  for (const auto& [key, app] : values.apps)
    apps.push_back({key});
  return apps;
}

/// The platform tells its templates of mini programs alone.
std::vector<app_key> apps_to_check(const options& values) {
  std::set<app_key> apps;
  for (const auto& [name, one] : values.templates)
    if (one.kind == template_kind::subscribe)
      apps.insert({one.app});
  return {apps.begin(), apps.end()};
}

std::vector<app_key> official_accounts_of(const options& values) {
  std::vector<app_key> apps;
  for (const auto& [key, app] : values.apps)
    if (app.kind == app_kind::official_account)
      apps.push_back({key});
  return apps;
}

std::vector<std::string> names_of(const std::map<std::string, template_options>& templates) {
  std::vector<std::string> names;
  names.reserve(templates.size());
  for (const auto& [name, one] : templates)
    names.push_back(name);
  return names;
}

directory_ptr make_directory(const options& values) {
  const auto& pools = values.pools;
  return std::make_shared<directory>(apps_of(values), apps_to_check(values), official_accounts_of(values),
                                     directory::sizes{.rate_limiters = pools.rate_limiter,
                                                      .session_routers = pools.session_router,
                                                      .login_desks = pools.login_desk,
                                                      .store_readers = pools.store_readers,
                                                      .template_pushers = pools.template_pusher,
                                                      .once_desks = pools.once_desk});
}

std::vector<http::route> routes_of(const options& values, const extension& other) {
  auto routes = http::public_routes({.metrics = values.http.metrics, .docs = values.http.docs});
  if (other.routes)
    other.routes(routes);
  return routes;
}

simulator::template_definition simulator_template_of(const std::string& name, const template_options& form) {
  simulator::template_definition known{.id = form.template_id,
                                       .title = name,
                                       .long_term = form.kind == template_kind::subscribe &&
                                                    form.life == template_life::long_term};
  for (const auto& [field, details] : form.fields) {
    known.fields.push_back(field);
    if (!details.choices.empty())
      known.choices[field] = details.choices;
  }
  return known;
}

[[noreturn]] void refuse_store(const store_options& store, const caf::error& why) {
  throw std::runtime_error("the store " + store.path + ": " + detail_of(why));
}

/// Empty for a listener that is off.
std::string address_of(const std::string& address, std::uint16_t port) {
  return port == 0 ? std::string{} : address + ":" + std::to_string(port);
}

} // namespace

std::vector<simulator::app> simulator_apps_of(const options& values) {
  std::vector<simulator::app> apps;
  const auto add = [&](const std::string& key, const app_options& app) {
    simulator::app known{.app_id = app.app_id,
                         .app_secret = app.app_secret,
                         .kind = app.kind == app_kind::mini_program ? simulator::app_kind::mini_program
                                                                    : simulator::app_kind::official_account};
    for (const auto& [name, form] : values.templates)
      if (form.app == key)
        known.templates.push_back(simulator_template_of(name, form));
    apps.push_back(std::move(known));
  };
  // The simulator's first app is the one of calls that name none.
  if (const auto first = values.apps.find(values.default_app); first != values.apps.end())
    add(first->first, first->second);
  for (const auto& [key, app] : values.apps)
    if (key != values.default_app)
      add(key, app);
  return apps;
}

options demo_options() {
  return load_options({}, true).values;
}

daemon::daemon(options values, key_set keys, crypto::random_source& random, bool with_simulator,
               extension other)
    : configured_(values), values_(std::move(values)), keys_(std::move(keys)), random_(random),
      log_(values_.log, clock_, registry_), directory_(make_directory(values_)), metrics_(registry_),
      push_figures_(registry_, names_of(values_.templates), values_.pools.template_pusher),
      rate_figures_(registry_), ban_figures_(registry_), challenge_figures_(registry_),
      pool_figures_(registry_), context_{.settings = values_,
                                         .keys = keys_,
                                         .clock = clock_,
                                         .parts = directory_,
                                         .events = log_,
                                         .requests = log_,
                                         .metrics = metrics_,
                                         .message_ids = message_ids_,
                                         .version = std::string(version)},
      extension_(std::move(other)), io_threads_(io_threads_of(values_)),
      public_server_(context_, routes_of(values_, extension_)),
      metrics_server_(context_, http::metrics_listener_routes()),
      admin_server_(context_, http::admin_listener_routes()) {
  if (with_simulator || chosen_implementation(values_, "wechat_gateway") == simulated_gateway)
    simulator_.emplace(simulator::server_options{.address = values_.simulator.address,
                                                 .port = values_.simulator.port,
                                                 .apps = simulator_apps_of(values_)});
  http::use_io_threads(caf_config_, io_threads_);
  context_.public_description =
      http::describe_api(http::api_document(), routes_of(values_, extension_), version);
  context_.operator_description =
      http::describe_api(http::api_document(), http::admin_listener_routes(), version);
}

daemon::~daemon() {
  stop();
}

void daemon::start() {
  const release_logger at_the_end;
  // What can fail for a reason of its own comes before the predecessor is asked to go.
  if (values_.http.tls.port >= 0)
    take_certificate();
  bind_listeners();
  if (predecessor_)
    if (const auto why = examine_sqlite_store(values_.store, keys_, random_))
      refuse_store(values_.store, why);
  follow_predecessor();
  if (simulator_) {
    simulator_->start();
    values_.wechat.base_url = "http://" + simulator_address();
  }
  open_store();
  system_ = std::make_unique<caf::actor_system>(caf_config_);
  start_actors();
  listen();
  log_.write(event_level::info, "server.started",
             {{"http", http_address()},
              {"https", https_address()},
              {"metrics", metrics_address()},
              {"admin", admin_address()},
              {"version", std::string(version)}});
}

/// The one to start with. A certificate that is too old is told of, but does not keep the server down.
void daemon::take_certificate() {
  const auto loaded = load_certificate(values_.http.tls);
  if (!loaded.value)
    throw std::runtime_error(loaded.problems.front().path + ": " + loaded.problems.front().text);
  tls_.emplace(values_.http.tls, random_, clock_, log_, registry_);
  if (const auto problem = tls_->use(*loaded.value); !problem.empty())
    throw std::runtime_error("http.tls.certificate_file: the file '" + values_.http.tls.certificate_file +
                             "' cannot be used: " + problem);
  certificate_ = loaded.value->fingerprint;
  shown_certificates_ = loaded.value->all_fingerprints;
  const bool in_time = is_in_time(*loaded.value, clock_.now());
  log_.write(in_time ? event_level::info : event_level::warn,
             in_time ? "tls.certificate_loaded" : "tls.certificate_out_of_time",
             {{"subject", loaded.value->subject},
              {"fingerprint", certificate_},
              {"not_before", to_rfc3339(loaded.value->not_before)},
              {"not_after", to_rfc3339(loaded.value->not_after)}});
}

void daemon::stop() {
  if (!system_)
    return;
  const release_logger at_the_end;
  const bool followed = door_ && door_->close();
  log_.write(event_level::info, "server.stopping", {{"successor", followed ? "yes" : "no"}});
  begin_drain(followed);
  wait_for_drain(followed);
  let_clients_go(followed);
  stop_actors();
  system_.reset(); // waits for every actor, then ends the io threads
  simulator_.reset();
  store_lock_.reset();
  log_.write(event_level::info, "server.stopped", {{"too_late", std::to_string(context_.too_late)}});
  if (followed)
    door_->say_gone();
}

void daemon::open_store() {
  // A predecessor lets go of it before it says that it has gone; one that died has just done so.
  store_lock_.emplace(values_.store.path, followed_ ? patience_with_lock_of_predecessor : patience_with_lock);
  auto opened = open_sqlite_store(values_.store, keys_, random_);
  if (!opened)
    refuse_store(values_.store, opened.error());
  store_ = std::move(*opened);
  const auto reader = store_->open_reader();
  if (!reader)
    refuse_store(values_.store, reader.error());
  const auto newest = (*reader)->read(get_newest_message{});
  if (!newest)
    refuse_store(values_.store, newest.error());
  message_ids_.begin(values_.node.id, newest->id);
  const auto bans = (*reader)->read(load_bans{});
  if (!bans)
    refuse_store(values_.store, bans.error());
  context_.bans.publish(
      std::make_shared<const ban_list>(list_in_force(*bans, clock_.now()))); // before anybody asks
}

void daemon::start_actors() {
  wechat_client_ =
      std::make_shared<curl_client>(curl_options{.max_connections = values_.wechat.max_connections,
                                                 .max_waiting = values_.wechat.max_waiting,
                                                 .max_answer_bytes = values_.wechat.max_answer_bytes,
                                                 .ca_file = values_.wechat.ca_file});
  captcha_client_ =
      std::make_shared<on_demand_client>(curl_options{.max_connections = max_captcha_connections,
                                                      .max_waiting = max_captcha_waiting,
                                                      .max_answer_bytes = max_siteverify_answer,
                                                      .ca_file = values_.challenge.captcha.ca_file});
  auto make = wire(store_, wechat_client_, captcha_client_);
  if (extension_.actors)
    extension_.actors(make);
  use_implementations(make, values_, extension_, [this](factories& with) {
    use_gateway(with, std::make_shared<simulator_client>(*simulator_));
  });
  make.pool_sizer = [this](caf::actor_system& system, const services_ptr& services) {
    return spawn_pool_sizer(
        system, services->peers,
        {.pools = [this] { return look_at_pools(); },
         .resize = [this](const std::string& role, std::size_t size) { resize_by_load(role, size); }});
  };
  if (values_.admin.port >= 0)
    make.operator_desk = [this](caf::actor_system& system, const services_ptr&) {
      return spawn_operator_desk(system,
                                 {.reload = [this] { return reload(); },
                                  .set_log_level =
                                      [this](const std::string& level) {
                                        log_.set_level(level);
                                        log_.write(event_level::warn, "admin.log_level", {{"level", level}});
                                      },
                                  .drain = [this] { drain(); }});
    };
  services_ = make_services(directory_, values_, keys_, clock_, random_, log_, push_figures_, rate_figures_,
                            context_.limits, {context_.ban_rules, context_.bans, ban_figures_},
                            {context_.challenge_rules, challenge_figures_});
  supervisor_ = start_all(*system_, make, services_, extension_.further_actors);
  directory_->supervisor.set(supervisor_);
  caf::scoped_actor self{*system_};
  self->request(supervisor_, caf::infinite, get_status{})
      .receive([](const status_report&) { /* all were started */ },
               [](const caf::error& error) {
                 throw std::runtime_error("the actors did not start: " + detail_of(error));
               });
}

/// The supervisor ends its children in order, the last one first, and then itself.
void daemon::stop_actors() {
  caf::scoped_actor self{*system_};
  self->send_exit(supervisor_, caf::exit_reason::user_shutdown);
  self->wait_for(supervisor_);
  supervisor_ = nullptr;
  directory_->clear();
  wechat_client_->stop();
  captcha_client_->stop();
}

std::string daemon::http_address() const {
  return address_of(values_.http.address, http_port_);
}

std::string daemon::https_address() const {
  return address_of(values_.http.tls.address, https_port_);
}

std::string daemon::metrics_address() const {
  return address_of(values_.metrics.address, metrics_port_);
}

std::string daemon::admin_address() const {
  return address_of(values_.admin.address, admin_port_);
}

std::string daemon::simulator_address() const {
  return values_.simulator.address + ":" + std::to_string(simulator_port());
}

} // namespace weappd
