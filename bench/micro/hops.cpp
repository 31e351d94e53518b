// What an actor for each request costs on our io threads, and what each further message hop adds. One io
// thread, no sockets: every iteration spawns an actor that asks through a chain of n actors (each delegates
// to the next, the last one answers) and ends with the answer. The links have a meter or not.
#include "http/server/io_coordinator.hpp"
#include "messages/meter/metered_actor.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/post.hpp>
#include <caf/all.hpp>

#include <latch>
#include <vector>

namespace {

struct question {
  std::uint64_t number = 0;
};
struct answer {
  std::uint64_t number = 0;
};

} // namespace
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(answer)
namespace {

using link_actor = caf::typed_actor<caf::replies_to<question>::with<answer>>;
using asker_actor = caf::typed_actor<caf::reacts_to<caf::unit_t>>;

link_actor::behavior_type last_link(link_actor::pointer, std::uint64_t add) {
  return {[add](const question& q) { return answer{q.number + add}; }};
}
link_actor::behavior_type next_link(link_actor::pointer self, link_actor next) {
  return {[=](question& q) { return self->delegate(next, std::move(q)); }};
}

class asker final : public asker_actor::base {
public:
  asker(caf::actor_config& config, link_actor first, std::latch& finished)
      : asker_actor::base(config), first_(std::move(first)), finished_(finished) {}
  void on_exit() override { finished_.count_down(); }
  behavior_type make_behavior() override {
    if (first_)
      request(first_, caf::infinite, question{1})
          .then([this](answer&) { quit(); }, [this](caf::error&) { quit(); });
    else
      quit();
    return {[](caf::unit_t) {}};
  }

private:
  link_actor first_;
  std::latch& finished_;
};

template <bool Metered, class... Args>
link_actor spawn_link(caf::actor_system& system, Args... args) {
  if constexpr (Metered)
    return weappd::spawn_metered(system, args...);
  else
    return system.spawn(args...);
}

template <bool Metered>
void spawn_and_hop(benchmark::State& state) {
  constexpr int batch = 64; // as many as there are connections in bench/run
  caf::actor_system_config config;
  weappd::http::use_io_threads(config, 1);
  caf::actor_system system{config};
  std::vector<link_actor> chain;
  for (int i = 0; i < state.range(0); ++i)
    chain.push_back(i == 0 ? spawn_link<Metered>(system, last_link, std::uint64_t{1})
                           : spawn_link<Metered>(system, next_link, chain.back()));
  const link_actor first = chain.empty() ? link_actor{} : chain.back();
  auto& unit = *weappd::http::io_coordinator::of(system).units().front();

  for (auto _ : state) {
    std::latch finished(batch);
    boost::asio::post(unit.context(), [&] {
      for (int i = 0; i < batch; ++i) {
        caf::actor_config actor_config{&unit};
        system.spawn_class<asker, caf::no_spawn_options>(actor_config, first, finished);
      }
    });
    finished.wait();
  }
  state.SetItemsProcessed(state.iterations() * batch);
  for (auto& link : chain)
    caf::anon_send_exit(link, caf::exit_reason::user_shutdown);
}
BENCHMARK(spawn_and_hop<false>)
    ->ArgName("hops")
    ->DenseRange(0, 3)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(spawn_and_hop<true>)
    ->ArgName("hops")
    ->DenseRange(1, 3)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
