// What the request filter costs a request: where there is nothing to look at, and with the built-in rules.
#include "http/server/filter_gate.hpp"
#include "http/server/request_context.hpp"

#include <benchmark/benchmark.h>

#include <prometheus/registry.h>

#include <array>
#include <random>
#include <string>

namespace {

using namespace weappd;
using namespace weappd::http;

struct no_log final : event_log {
  void write(event_level, std::string_view, std::initializer_list<field>) override {}
};

const std::string message =
    R"({"template":"custom:order_paid","to":"123456789012345678","data":{"character_string1":"NO20261125",)"
    R"("amount2":"18.50元","time3":"2026年11月25日 15:01","thing4":"两杯拿铁，少冰，不要糖"},"page":"pages/order/detail?id=10086"})";
const std::string user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
                               "(KHTML, like Gecko) Mobile/15E148 "
                               "MicroMessenger/8.0.50(0x18003237) NetType/WIFI Language/zh_CN";

/// A request on its way: the gate, and then, if there is something to look at, the desk.
class filter_bench {
public:
  explicit filter_bench(filter_options configured) : desk_(configured, figures_, log_), gate_(desk_) {}

  void run(benchmark::State& state, const route& target, request wanted) {
    request_context context;
    context.target = &target;
    context.query = wanted.query;
    context.body = wanted.body;
    for (auto _ : state) {
      benchmark::DoNotOptimize(gate_.look_for_news());
      const auto task = gate_.task_for(wanted, context);
      if (task && desk_.refuses(*task->rules,
                                {.target = &target,
                                 .parameter = context.parameter,
                                 .query = context.query,
                                 .body = context.body,
                                 .headers = task->headers},
                                {}))
        state.SkipWithError("it was refused");
    }
    state.SetBytesProcessed(
        static_cast<std::int64_t>(state.iterations() * (wanted.body.size() + wanted.query.size())));
  }

private:
  prometheus::Registry registry_;
  filter_figures figures_{registry_};
  no_log log_;
  filter_desk desk_;
  filter_gate gate_;
};

const route read_route{.name = "users.me", .pattern = "/api/v1/users/me", .allowed = access::client};
const route send_route{
    .name = "messages.send", .verb = method::post, .pattern = "/api/v1/messages", .body = body_kind::json};

void filter_users_me_off(benchmark::State& state) {
  filter_options off;
  off.mode = filter_mode::off;
  filter_bench(off).run(state, read_route, {});
}
BENCHMARK(filter_users_me_off);

void filter_users_me(benchmark::State& state) {
  filter_bench({}).run(state, read_route, {});
}
BENCHMARK(filter_users_me);

void filter_users_me_with_user_agent(benchmark::State& state) {
  filter_options with;
  with.headers = {"User-Agent"};
  request wanted;
  wanted.kept = {{"User-Agent", user_agent}};
  filter_bench(with).run(state, read_route, wanted);
}
BENCHMARK(filter_users_me_with_user_agent);

void filter_query(benchmark::State& state) {
  request wanted;
  wanted.query = "page=1&limit=20&status=failed&to=123456789012345678";
  filter_bench({}).run(state, read_route, wanted);
}
BENCHMARK(filter_query);

void filter_message(benchmark::State& state) {
  request wanted;
  wanted.body = message;
  filter_bench({}).run(state, send_route, wanted);
}
BENCHMARK(filter_message);

/// As much as is looked at, in one text, and in as many as count.
void filter_longest_text(benchmark::State& state) {
  request wanted;
  wanted.body = "[\"" + std::string(16'384, 'x') + "\"]";
  filter_bench({}).run(state, send_route, wanted);
}
BENCHMARK(filter_longest_text);

void filter_most_texts(benchmark::State& state) {
  request wanted;
  wanted.body = "[";
  for (int i = 0; i < 1'024; ++i)
    wanted.body += "\"x\",";
  wanted.body += "1]";
  filter_bench({}).run(state, send_route, wanted);
}
BENCHMARK(filter_most_texts);

/// Half of SQL comments and encoding, each text is looked at twice.
void filter_most_disguised(benchmark::State& state) {
  request wanted;
  wanted.body = "[\"";
  while (wanted.body.size() < 16'384)
    wanted.body += "or/**/%27 <a ";
  wanted.body += "\"]";
  filter_bench({}).run(state, send_route, wanted);
}
BENCHMARK(filter_most_disguised);

/// Comments that do not end.
void filter_open_comments(benchmark::State& state) {
  request wanted;
  wanted.body = "[\"";
  while (wanted.body.size() < 16'384)
    wanted.body += "/*x";
  wanted.body += "\"]";
  filter_bench({}).run(state, send_route, wanted);
}
BENCHMARK(filter_open_comments);

/// Beginnings of attacks at random, another text each time: the automaton meets states that it does not know.
void filter_pieces_of_attacks(benchmark::State& state) {
  constexpr std::array pieces{"<a ",        "onx",
                              "'",          "\"",
                              "or ",        "and ",
                              "union ",     "select ",
                              "1",          "=",
                              "--",         "(",
                              "javas",      "cript:",
                              "alert",      "set ",
                              "x.y",        "in ",
                              "; ",         "order by 1",
                              "having ",    "<svg",
                              "|| '",       "\\",
                              "update x",   "delete from x",
                              "document.",  "insert into a",
                              "http-equiv", " ",
                              ","};
  const filter_rules rules{filter_options{}};
  std::mt19937 random(1);
  for (auto _ : state) {
    state.PauseTiming();
    std::string text;
    while (text.size() < 16'300)
      text += pieces[random() % pieces.size()];
    state.ResumeTiming();
    benchmark::DoNotOptimize(rules.look({.parameter = text}).hits.size());
  }
}
BENCHMARK(filter_pieces_of_attacks)->Iterations(300);

void filter_compile(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(filter_rules(filter_options{}).all().size());
}
BENCHMARK(filter_compile);

} // namespace

BENCHMARK_MAIN();
