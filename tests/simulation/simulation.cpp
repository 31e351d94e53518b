#include "tests/simulation/simulation.hpp"

#include "tests/simulation/business.hpp"
#include "tests/simulation/phone.hpp"
#include "tests/simulation/stage.hpp"

#include <deque>

namespace weappd::simulation {
namespace {

using namespace std::chrono_literals;

constexpr int people = 6;
constexpr int businesses = 2;
constexpr int steps = 350;
/// After which every message must have come to its end.
constexpr std::chrono::milliseconds calm = 15min;

/// Who lives in a run, and what happens to the server.
class cast_of_run {
public:
  explicit cast_of_run(stage& on) : stage_(on) {
    for (int number = 1; number <= people; ++number)
      phones_.emplace_back(on, number);
    for (int number = 1; number <= businesses; ++number)
      businesses_.emplace_back(on, number);
  }

  void step() {
    // Some things happen at one moment, so that their messages meet.
    for (auto at_once = 1 + stage_.draw(4); at_once > 0; --at_once)
      act();
    stage_.pass_time(std::chrono::milliseconds(stage_.draw(4) == 0 ? stage_.draw(4'000) : stage_.draw(300)));
  }

private:
  void act() {
    const auto what = stage_.draw(1'000);
    if (what < 25)
      return kill_an_actor();
    if (what < 30)
      return change_server();
    if (what < 40)
      return stage_.wechat.drop_token({stage_.chance(500) ? "demo" : "demo_oa"});
    if (what < 700)
      return phones_[stage_.draw(people)].act();
    businesses_[stage_.draw(businesses)].act();
  }

  void kill_an_actor() {
    const auto name = stage_.server().kill_one(stage_.draw(1'000'000));
    stage_.note("killed: " + name);
    stage_.count("kills");
  }

  void change_server() {
    if (stage_.chance(700))
      stage_.kill_server();
    else
      stage_.stop_server();
    for (auto& one : businesses_)
      one.lose_connections();
    stage_.start_server();
  }

  stage& stage_;
  std::deque<phone> phones_;
  std::deque<business> businesses_;
};

} // namespace

run_report simulate(std::uint64_t seed) {
  stage all(seed);
  cast_of_run who(all);
  all.start_server();
  for (int i = 0; i < steps; ++i)
    who.step();
  all.note("the storm is over");
  all.wechat.storm(false);
  all.server().end_faults();
  all.pass_time(calm);
  all.questions.check(all.now());
  all.work.check(*all.store, all.sent);
  if (!all.stop_server())
    all.found.violation("stop", "an actor did not end in its time");
  return {.seed = seed,
          .trace = all.trace(),
          .violations = all.found.violations(),
          .excused = all.found.excused(),
          .counts = all.counts()};
}

} // namespace weappd::simulation
