#include "tests/simulation/simulated_server.hpp"

#include "tests/simulation/wechat_gateway.hpp"

#include <caf/exit_reason.hpp>

namespace weappd::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t clients = 4;

caf::behavior client_of_server(caf::event_based_actor* self) {
  return {[self](const do_as_client& wish) { wish.what(*self); }};
}

void kill_ahead(const caf::actor& victim) {
  caf::anon_send<caf::message_priority::high>(victim,
                                              caf::exit_msg{victim.address(), caf::exit_reason::kill});
}

/// No reorder: the store's writer keeps the order of what it is asked.
fault_rates of_store(std::uint32_t kills) {
  return {.lose_answer = 4,
          .fail = 12,
          .delay_question = 40,
          .delay_answer = 100,
          .kill_before = kills,
          .kill_after = kills,
          .shortest = 1ms,
          .longest = 900ms};
}

fault_rates of_role(ec failure) {
  return {.lose_question = 4,
          .lose_answer = 4,
          .fail = 10,
          .delay_question = 30,
          .delay_answer = 60,
          .reorder = 20,
          .kill_before = 4,
          .kill_after = 4,
          .shortest = 1ms,
          .longest = 700ms,
          .failure = failure};
}

/// Some answers of WeChat are never heard of again.
fault_rates of_wechat() {
  auto rates = of_role(ec::wechat_unavailable);
  rates.fail = 0; // it has failures of its own
  rates.longest = 3s;
  rates.lost = std::nullopt;
  return rates;
}

} // namespace

options simulated_options() {
  auto config = world_options();
  config.limits = {
      {"login", {.key = "user", .algorithm = limit_algorithm::sliding_window, .limit = 4, .window_s = 10}},
      {"per_user",
       {.key = "user", .algorithm = limit_algorithm::gcra, .limit = 30, .window_s = 60, .burst = 6}},
      {"reports", {.key = "user", .algorithm = limit_algorithm::fixed_window, .limit = 8, .window_s = 20}}};
  config.session = {.idle_s = 8, .max_awake = 4, .touch_interval_s = 5};
  config.auth.code_memory_s = 30;
  config.push.max_in_flight = 8;
  config.push.lease_s = 15;
  config.push.retry_max_ms = 8'000;
  config.push.config_pause_s = 3;
  config.push.followers_refresh_s = 60;
  config.token.retry_max_ms = 5'000;
  return config;
}

simulated_server::simulated_server(std::uint64_t seed, outside with, timestamp begin)
    : whole_world(simulated_options(), seed), with_(std::move(with)) {
  advance(begin - now());
  scramble(seed);
  make.store_writer = [rows = with_.store](caf::actor_system& in, const services_ptr&) {
    return in.spawn(fake_store_writer, rows);
  };
  make.store_reader = [rows = with_.store](caf::actor_system& in, const services_ptr&, std::size_t) {
    return in.spawn(fake_store_reader, rows);
  };
  make.wechat_gateway = [this](caf::actor_system& in, const services_ptr&) {
    return in.spawn(simulated_gateway,
                    gateway_parts{with_.wechat, with_.fetches, wall(),
                                  [this](const caf::abstract_actor& one) { return number_of(one.id()); }});
  };
  watch(with_);
  put_faults(seed, with_);
  start();
  for (std::size_t i = 0; i < clients; ++i)
    clients_.push_back(spawn(client_of_server));
}

simulated_server::~simulated_server() {
  if (!over_)
    crash();
}

/// Behind the faults: what is checked is what the actors do.
void simulated_server::watch(const outside& with) {
  make.session = [this, one_more = make.session, &owners = with.owners](
                     caf::local_actor& parent, const services_ptr& services, user_id user) {
    auto session = one_more(parent, services, user);
    const auto number = number_of(session->id());
    owners.woke(user, number, number_of(parent.id()));
    awake_.emplace(number, session);
    session->attach_functor([this, number, &owners] {
      owners.ended(number);
      awake_.erase(number);
    });
    return session;
  };
  make.session_router = [this, one_more = make.session_router,
                         &owners = with.owners](caf::actor_system& in, const services_ptr& services,
                                                session_factory wake, std::size_t shard) {
    auto router = one_more(in, services, std::move(wake), shard);
    router->attach_functor([number = number_of(router->id()), &owners] { owners.router_died(number); });
    return router;
  };
  make.token_refresher = [this, one_more = make.token_refresher, &fetches = with.fetches](
                             caf::actor_system& in, const services_ptr& services, const app_key& app) {
    auto refresher = one_more(in, services, app);
    const auto number = number_of(refresher->id());
    fetches.refresher_started(number, app);
    refresher->attach_functor([number, &fetches] { fetches.refresher_died(number); });
    return refresher;
  };
}

void simulated_server::put_faults(std::uint64_t seed, const outside& with) {
  const auto plan_before =
      [&]<class Handle, class Where, class... Args>(std::function<Handle(Where&, Args...)>& factory) {
        const auto plan = std::make_shared<fault_plan<Handle>>(seed + plans_.size());
        plan->on_fault = with.on_fault;
        plans_.push_back(plan.get());
        plan_owners_.push_back(plan);
        factory = with_faults(factory, plan);
        return plan;
      };
  const auto writer = plan_before(make.store_writer);
  writer->keep_order();
  writer->on<resolve_identity>(of_store(4));
  writer->on<add_session>(of_store(4));
  writer->on<rotate_refresh_token>(of_store(4));
  writer->on<remove_sessions>(of_store(4));
  writer->on<save_user>(of_store(4));
  writer->on<touch_sessions>(of_store(2));
  writer->on<add_message>(of_store(4));
  writer->on<lease_messages>(of_store(4));
  writer->on<settle_messages>(of_store(4));
  writer->on<requeue_message>(of_store(4));
  writer->on<record_consents>(of_store(4));
  writer->on<keep_answer>(of_store(4));
  writer->on<add_followers>(of_store(4));
  const auto reader = plan_before(make.store_reader);
  reader->on<load_user>(of_store(4));
  reader->on<get_newest_user>(of_store(4));
  reader->on<load_unfinished>(of_store(4));
  reader->on<find_answer>(of_store(4));
  reader->on<find_new_followers>(of_store(4));
  const auto wechat = plan_before(make.wechat_gateway);
  wechat->on<exchange_code>(of_wechat());
  auto fetches = of_wechat(); // passed on as the refresher's own, so that each fetch has a known asker
  fetches.lose_answer = fetches.delay_answer = 0;
  wechat->on<fetch_access_token>(fetches);
  wechat->on<send_to_user>(of_wechat());
  wechat->on<list_followers>(of_role(ec::wechat_unavailable)); // has no patience of its own
  wechat->on<describe_followers>(of_role(ec::wechat_unavailable));
  const auto tokens = plan_before(make.token_refresher);
  tokens->on<get_access_token>(of_role(ec::wechat_unavailable));
  tokens->on<access_token_rejected>({.lose_question = 10, .delay_question = 50, .reorder = 50});
  const auto routers = plan_before(make.session_router);
  routers->on<open_session>(of_role(ec::overloaded));
  routers->on<resume_session>(of_role(ec::overloaded));
  routers->on<refresh_session>(of_role(ec::overloaded));
  routers->on<get_profile>(of_role(ec::overloaded));
  routers->on<logout>(of_role(ec::overloaded));
  const auto logins = plan_before(make.login_desk);
  logins->on<login>(of_role(ec::overloaded));
  const auto once_desks = plan_before(make.once_desk);
  once_desks->on<begin_once>(of_role(ec::overloaded));
  once_desks->on<end_once>(of_role(ec::overloaded));
  const auto limiters = plan_before(make.rate_limiter);
  limiters->on<acquire>({.kill_before = 4, .kill_after = 4}); // the moment of its decision must be known
  const auto pushers = plan_before(make.template_pusher);
  pushers->on<accept_message>(of_role(ec::overloaded));
}

void simulated_server::end_faults() {
  for (auto* plan : plans_)
    plan->end();
}

std::vector<std::pair<std::string, caf::actor>> simulated_server::victims() {
  std::vector<std::pair<std::string, caf::actor>> all;
  const auto add = [&](const std::string& name, const auto& handle) {
    if (handle)
      all.emplace_back(name, caf::actor_cast<caf::actor>(handle));
  };
  const auto add_pool = [&](const std::string& role, auto& group) {
    for (std::size_t i = 0; i < group.size(); ++i)
      add(role + '/' + std::to_string(i), group[i].get());
  };
  auto& peers = directory();
  add_pool("rate_limiter", peers.rate_limiters);
  add_pool("session_router", peers.users);
  add_pool("login_desk", peers.logins);
  add_pool("store_reader", peers.store_readers);
  add_pool("template_pusher", peers.pushers);
  add_pool("once_desk", peers.once_desks);
  add("store_writer", peers.store_writer.get());
  add("wechat_gateway", peers.wechat.get());
  add("housekeeper", peers.housekeeper.get());
  for (auto& [app, where] : peers.tokens)
    add("token_refresher/" + app.value, where.get());
  for (auto& [app, where] : peers.follower_syncs)
    add("follower_sync/" + app.value, where.get());
  for (auto& [app, where] : peers.template_checkers)
    add("template_checker/" + app.value, where.get());
  for (const auto& [number, session] : awake_)
    add("session", session);
  return all;
}

std::string simulated_server::kill_one(std::uint64_t choice) {
  const auto all = victims();
  const auto& [name, victim] = all[choice % all.size()];
  caf::anon_send_exit(victim, caf::exit_reason::kill);
  return name;
}

void simulated_server::crash() {
  over_ = true;
  with_.wechat.cut_off(true);
  with_.store->failure = ec::storage_unavailable;
  end_faults();
  kill_ahead(caf::actor_cast<caf::actor>(supervisor));
  for (const auto& client : clients_)
    kill_ahead(client);
  for (const auto& [name, victim] : victims())
    kill_ahead(victim);
  // Who awaits an answer takes no exit before: the answer that nobody gives any more, or the end of patience.
  advance(2 * patience(*services()));
  directory().clear();
  with_.store->failure = ec::none;
  with_.wechat.cut_off(false);
}

bool simulated_server::stop() {
  over_ = true;
  const auto before = events().named("actor.stop_forced").size();
  for (const auto& client : clients_)
    kill_ahead(client);
  caf::anon_send_exit(supervisor, caf::exit_reason::user_shutdown);
  advance(5min);
  with_.wechat.cut_off(true);
  return events().named("actor.stop_forced").size() == before;
}

} // namespace weappd::simulation
