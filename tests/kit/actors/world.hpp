#pragma once

#include "actors/services.hpp"
#include "config/keyring.hpp"
#include "config/options.hpp"
#include "messages/directory.hpp"
#include "messages/time.hpp"
#include "tests/kit/actors/recorded_bans.hpp"
#include "tests/kit/actors/recorded_challenges.hpp"
#include "tests/kit/actors/recorded_events.hpp"
#include "tests/kit/actors/recorded_figures.hpp"
#include "tests/kit/actors/recorded_rates.hpp"
#include "tests/kit/actors/seeded_random.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

/// A world for actors: one thread, time that moves only when the test says so, randomness from a seed.
/// Nothing runs but inside run(), advance() and ask(), so a test sees every order of events that it arranges,
/// each time. Knows nothing of a test framework.
namespace weappd {

/// Civil time of a world: follows the actors' virtual clock, and jumps when a test makes it jump.
class virtual_wall_clock final : public wall_clock {
public:
  explicit virtual_wall_clock(const caf::actor_clock& clock);
  [[nodiscard]] timestamp now() const override;
  /// As if somebody had set the clock of the machine; actor timers do not notice.
  void jump(std::chrono::milliseconds by) { offset_ += by; }

private:
  const caf::actor_clock& clock_;
  caf::actor_clock::time_point start_;
  std::chrono::milliseconds offset_{0};
};

/// A request whose answer may not be there yet.
template <class R>
class pending {
public:
  /// Is there an answer or an error?
  [[nodiscard]] bool arrived() const { return asker_->has_next_message(); }
  /// The answer; the error request_timeout if there is none (it is not waited for). Once only.
  [[nodiscard]] caf::expected<R> take() {
    if (!arrived())
      return caf::make_error(caf::sec::request_timeout);
    return receive_();
  }

private:
  friend class world;
  pending(std::shared_ptr<caf::scoped_actor> asker, std::function<caf::expected<R>()> receive)
      : asker_holder_(std::move(asker)), asker_(asker_holder_->ptr()), receive_(std::move(receive)) {}

  std::shared_ptr<caf::scoped_actor> asker_holder_;
  caf::blocking_actor* asker_;
  std::function<caf::expected<R>()> receive_;
};

/// Options under which a world starts: the defaults, two workers in each pool, the mini program "demo" and
/// the official account "demo_oa", the templates custom:order_paid (one-time), custom:ticket_ready
/// (long-term) and industry:order_confirm (of the official account), and the service client "demo".
options world_options();
/// One key for each purpose, the same in each run.
key_set world_keys();

class world {
public:
  explicit world(options config = world_options(), std::uint64_t seed = 1);
  /// Ends what was kept, last first. An actor that lives on would hang the process: aborts with a sentence.
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  [[nodiscard]] caf::actor_system& system() noexcept { return *system_; }
  [[nodiscard]] const options& config() const noexcept { return config_; }
  [[nodiscard]] const key_set& keys() const noexcept { return keys_; }
  [[nodiscard]] weappd::directory& directory() noexcept { return *services_->peers; }
  [[nodiscard]] const services_ptr& services() const noexcept { return services_; }
  [[nodiscard]] recorded_events& events() noexcept { return events_; }
  [[nodiscard]] recorded_figures& figures() noexcept { return figures_; }
  [[nodiscard]] recorded_rates& rates() noexcept { return rates_; }
  [[nodiscard]] limit_book& limits() noexcept { return limits_; }
  [[nodiscard]] option_book<ban_options>& ban_rules() noexcept { return ban_rules_; }
  [[nodiscard]] ban_book& bans() noexcept { return bans_; }
  [[nodiscard]] recorded_bans& ban_figures() noexcept { return ban_figures_; }
  [[nodiscard]] option_book<challenge_options>& challenge_rules() noexcept { return challenge_rules_; }
  [[nodiscard]] recorded_challenges& challenge_figures() noexcept { return challenge_figures_; }
  [[nodiscard]] seeded_random& random() noexcept { return random_; }
  [[nodiscard]] virtual_wall_clock& wall() noexcept { return *wall_; }
  [[nodiscard]] timestamp now() const { return wall_->now(); }

  /// Keeps an actor alive, and ends it with the world.
  template <class Handle>
  Handle keep(Handle handle) {
    kept_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }
  /// Spawns a behaviour function and keeps the actor.
  template <class Fun, class... Args>
  auto spawn(Fun fun, Args&&... args) {
    return keep(system_->spawn(std::move(fun), std::forward<Args>(args)...));
  }

  /// Puts a request into the mailbox; nothing runs yet.
  template <class R, class Handle, class... Args>
  [[nodiscard]] pending<R> send(const Handle& to, Args&&... args) {
    auto asker = std::make_shared<caf::scoped_actor>(*system_);
    auto response =
        std::make_shared<decltype((*asker)->request(to, caf::infinite, std::forward<Args>(args)...))>(
            (*asker)->request(to, caf::infinite, std::forward<Args>(args)...));
    return pending<R>(asker, [response] {
      caf::expected<R> result{caf::sec::runtime_error};
      response->receive([&](R& answer) { result = std::move(answer); },
                        [&](caf::error& error) { result = std::move(error); });
      return result;
    });
  }
  /// Sends a request and runs until nothing moves. Time stands still meanwhile.
  template <class R, class Handle, class... Args>
  [[nodiscard]] caf::expected<R> ask(const Handle& to, Args&&... args) {
    auto answer = send<R>(to, std::forward<Args>(args)...);
    run();
    return answer.take();
  }
  /// A message that has no answer; nothing runs yet.
  template <class Handle, class... Args>
  void tell(const Handle& to, Args&&... args) {
    caf::anon_send(to, std::forward<Args>(args)...);
  }
  /// Kills an actor as a defect would, and lets everybody notice.
  template <class Handle>
  void kill(const Handle& victim) {
    caf::anon_send_exit(victim, caf::exit_reason::kill);
    run();
  }

  /// From now on it is drawn whose turn is next: orders that threads could give, the same for the same seed.
  /// Messages between two actors keep their order.
  void scramble(std::uint64_t turns) { turns_.emplace(turns); }

  /// Runs messages until there are none; time stands still. Throws if ten million did not bring rest.
  void run();
  /// Moves time by `by` from one timer to the next, running all messages in between, so that a timer that
  /// sets itself again is seen at each of its moments.
  void advance(std::chrono::nanoseconds by);

  /// Actors that are alive, kept or not. Pending requests count as one each.
  [[nodiscard]] std::size_t living() const;

private:
  /// False: there was none.
  bool run_one();

  options config_;
  key_set keys_;
  seeded_random random_;
  std::optional<std::mt19937_64> turns_;
  recorded_events events_;
  recorded_figures figures_;
  recorded_rates rates_;
  limit_book limits_{config_.limits};
  option_book<ban_options> ban_rules_{config_.bans};
  ban_book bans_;
  recorded_bans ban_figures_;
  option_book<challenge_options> challenge_rules_{config_.challenge};
  recorded_challenges challenge_figures_;
  caf::actor_system_config caf_config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* scheduler_ = nullptr;
  std::unique_ptr<virtual_wall_clock> wall_;
  services_ptr services_;
  std::vector<caf::strong_actor_ptr> kept_;
};

} // namespace weappd
