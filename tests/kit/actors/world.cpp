#include "tests/kit/actors/world.hpp"

#include <caf/actor_registry.hpp>
#include <caf/atom.hpp>

#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

/// Where civil time starts: Thursday, 1 January 2026.
constexpr timestamp first_moment = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

keyring one_key(const char* id, char fill) {
  return keyring({{.id = id, .bytes = secret(std::string(32, fill))}}, id);
}

template_options make_template(const char* app, const char* id, std::initializer_list<const char*> fields) {
  template_options made;
  made.app = app;
  made.template_id = id;
  for (const auto* field : fields)
    made.fields[field];
  return made;
}

directory_ptr make_directory(const options& config) {
  std::vector<app_key> apps;
  std::vector<app_key> followed;
  for (const auto& [name, app] : config.apps) {
    apps.push_back({name});
    if (app.kind == app_kind::official_account)
      followed.push_back({name});
  }
  std::set<app_key> checked;
  for (const auto& [name, row] : config.templates)
    if (row.kind == template_kind::subscribe)
      checked.insert({row.app});
  const auto& pools = config.pools;
  return std::make_shared<directory>(apps, std::vector(checked.begin(), checked.end()), followed,
                                     directory::sizes{.rate_limiters = pools.rate_limiter,
                                                      .session_routers = pools.session_router,
                                                      .login_desks = pools.login_desk,
                                                      .store_readers = pools.store_readers,
                                                      .template_pushers = pools.template_pusher,
                                                      .once_desks = pools.once_desk});
}

} // namespace

virtual_wall_clock::virtual_wall_clock(const caf::actor_clock& clock) : clock_(clock), start_(clock.now()) {}

timestamp virtual_wall_clock::now() const {
  return first_moment + std::chrono::floor<std::chrono::milliseconds>(clock_.now() - start_) + offset_;
}

options world_options() {
  options config;
  config.apps["demo"] = {
      .kind = app_kind::mini_program, .app_id = "wx0000000000000001", .app_secret = secret("demo-secret")};
  config.apps["demo_oa"] = {.kind = app_kind::official_account,
                            .app_id = "wx0000000000000002",
                            .app_secret = secret("demo-oa-secret")};
  config.default_app = "demo";
  config.templates["custom:order_paid"] =
      make_template("demo", "tmpl-order-paid", {"character_string1", "amount2", "time3", "thing4"});
  config.templates["custom:ticket_ready"] = make_template("demo", "tmpl-ticket-ready", {"thing1", "date2"});
  config.templates["custom:ticket_ready"].life = template_life::long_term;
  config.templates["industry:order_confirm"] =
      make_template("demo_oa", "tmpl-order-confirm", {"character_string1", "thing2"});
  config.templates["industry:order_confirm"].kind = template_kind::template_;
  config.clients["demo"] = {.secret_hash = "hash-of-demo", .scopes = {"messages:send", "token:read"}};
  config.pools = {.io_threads = 1,
                  .rate_limiter = 2,
                  .session_router = 2,
                  .login_desk = 2,
                  .store_readers = 2,
                  .template_pusher = 2,
                  .once_desk = 2};
  return config;
}

key_set world_keys() {
  return {.signing = one_key("sign-1", 's'),
          .encryption = one_key("seal-1", 'e'),
          .lookup = one_key("lookup-1", 'l')};
}

world::world(options config, std::uint64_t seed)
    : config_(std::move(config)), keys_(world_keys()), random_(seed) {
  caf_config_.set("scheduler.policy", caf::atom("testing"));
  system_ = std::make_unique<caf::actor_system>(caf_config_);
  scheduler_ = &dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler());
  scheduler_->clock().current_time += 1h; // 0 means "no time" to CAF
  wall_ = std::make_unique<virtual_wall_clock>(scheduler_->clock());
  services_ =
      make_services(make_directory(config_), config_, keys_, *wall_, random_, events_, figures_, rates_,
                    limits_, {ban_rules_, bans_, ban_figures_}, {challenge_rules_, challenge_figures_});
}

world::~world() {
  for (auto last = kept_.rbegin(); last != kept_.rend(); ++last) {
    caf::anon_send_exit(*last, caf::exit_reason::user_shutdown);
    run();
  }
  kept_.clear();
  services_.reset(); // the directory holds handles
  scheduler_->clock().cancel_all();
  run();
  if (const auto left = living(); left != 0) {
    std::fprintf(stderr, "world: %zu actors outlive their world; keep() them or end them\n", left);
    std::abort();
  }
  system_.reset();
}

bool world::run_one() {
  auto& ready = scheduler_->jobs;
  if (turns_ && ready.size() > 1)
    std::swap(ready.front(), ready[(*turns_)() % ready.size()]);
  return scheduler_->try_run_once();
}

void world::run() {
  for (std::size_t budget = 10'000'000; run_one(); --budget)
    if (budget == 0)
      throw std::runtime_error("the actors send messages without end");
}

void world::advance(std::chrono::nanoseconds by) {
  auto& clock = scheduler_->clock();
  const auto end = clock.now() + by;
  run();
  while (!clock.schedule().empty() && clock.schedule().begin()->first <= end) {
    const auto due = clock.schedule().begin()->first;
    clock.advance_time(due > clock.now() ? due - clock.now() : 0ns);
    run();
  }
  clock.advance_time(end - clock.now());
  run();
}

std::size_t world::living() const {
  return system_->registry().running();
}

} // namespace weappd
