#include "http/server/io_unit.hpp"

#include <boost/asio/post.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace weappd::http::test {
namespace {

/// Something that has turns, as an actor has.
class job final : public caf::resumable {
public:
  using turn = std::function<resume_result(caf::execution_unit*)>;
  explicit job(turn act) : act_(std::move(act)) {}

  resume_result resume(caf::execution_unit* unit, std::size_t) override { return act_(unit); }
  void intrusive_ptr_add_ref_impl() override { ++references; }
  void intrusive_ptr_release_impl() override { --references; }

  int references = 1; ///< the queue's

private:
  turn act_;
};

class io_unit_test : public ::testing::Test {
protected:
  /// A job whose turn is `act`.
  job* make(std::function<void()> act) {
    return make_turn([act = std::move(act)](caf::execution_unit*) {
      act();
      return caf::resumable::awaiting_message;
    });
  }
  job* make_turn(job::turn act) { return jobs_.emplace_back(std::make_unique<job>(std::move(act))).get(); }

  /// What a round may end with.
  static boost::intrusive_ptr<io_unit::round_end> make_end(std::function<void()> act) {
    struct end final : io_unit::round_end {
      explicit end(std::function<void()> what) : act(std::move(what)) {}
      void at_round_end() override { act(); }
      std::function<void()> act;
    };
    return new end(std::move(act));
  }

  /// Runs `act` on the unit's thread, and then everything that follows from it.
  void run(std::function<void()> act) {
    boost::asio::post(unit_.context(), std::move(act));
    std::thread([this] { unit_.run(); }).join();
    unit_.context().restart();
  }

  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  io_unit unit_{&system_, 10};
  std::vector<std::unique_ptr<job>> jobs_;
};

TEST_F(io_unit_test, gives_turns_in_order_and_lets_go_of_each_job) {
  std::vector<int> seen;
  run([&] {
    for (int i = 0; i < 3000; ++i) // more than the ring holds at first
      unit_.exec_later(make([&seen, i] { seen.push_back(i); }));
    EXPECT_TRUE(seen.empty());
  });
  ASSERT_EQ(seen.size(), 3000u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  for (const auto& one : jobs_)
    EXPECT_EQ(one->references, 0);
}

TEST_F(io_unit_test, gives_another_turn_to_who_wants_one_behind_the_others) {
  std::vector<char> seen;
  int turns = 3;
  run([&] {
    unit_.exec_later(make_turn([&](caf::execution_unit*) {
      seen.push_back('a');
      return --turns != 0 ? caf::resumable::resume_later : caf::resumable::done;
    }));
    unit_.exec_later(make([&] { seen.push_back('b'); }));
  });
  EXPECT_EQ(std::string(seen.begin(), seen.end()), "abaa");
}

TEST_F(io_unit_test, ends_a_round_after_the_turns_of_all_who_became_ready_in_it) {
  std::string seen;
  run([&] {
    unit_.at_round_end(make_end([&] { seen += 'e'; }));
    unit_.exec_later(make([&] {
      seen += 'a';
      unit_.exec_later(make([&] { seen += 'b'; }));
    }));
    boost::asio::post(unit_.context(), [&] { unit_.exec_later(make([&] { seen += 'c'; })); });
    EXPECT_EQ(seen, "");
  });
  EXPECT_TRUE(seen == "abec" || seen == "acbe")
      << seen; // the other handler comes before the round or behind it
}

TEST_F(io_unit_test, begins_another_round_for_what_is_added_at_the_end_of_one) {
  std::string seen;
  run([&] {
    unit_.at_round_end(make_end([&] {
      seen += 'e';
      unit_.exec_later(make([&] { seen += 'a'; }));
      unit_.at_round_end(make_end([&] { seen += 'f'; }));
    }));
  });
  EXPECT_EQ(seen, "eaf");
}

TEST_F(io_unit_test, relieves_a_round_only_when_many_are_ready) {
  int turns = 0;
  run([&] {
    unit_.exec_later(make([&] { ++turns; }));
    unit_.relieve();
    EXPECT_EQ(turns, 0);
    for (int i = 0; i < 20; ++i)
      unit_.exec_later(make([&] { ++turns; }));
    unit_.relieve();
    EXPECT_EQ(turns, 21);
  });
  EXPECT_EQ(turns, 21);
}

TEST_F(io_unit_test, lets_sockets_have_their_turn_between_many_jobs) {
  int turns = 0, turns_before_socket = -1;
  run([&] {
    for (int i = 0; i < 1000; ++i)
      unit_.exec_later(make([&] { ++turns; }));
    boost::asio::post(unit_.context(), [&] { turns_before_socket = turns; });
  });
  EXPECT_EQ(turns, 1000);
  EXPECT_GT(turns_before_socket, 0);
  EXPECT_LE(turns_before_socket, 256);
}

TEST_F(io_unit_test, runs_jobs_of_other_threads_on_its_own) {
  constexpr int each = 5000;
  int turns = 0; // no atomic: all turns are on one thread
  for (int i = 0; i < 2 * each; ++i)
    make([&] {
      EXPECT_EQ(io_unit::current(), &unit_);
      ++turns;
      if (turns == 2 * each)
        unit_.context().stop();
    });
  const auto work = boost::asio::make_work_guard(unit_.context());
  std::thread io([this] { unit_.run(); });
  const auto feed = [this](int from) {
    for (int i = from; i < from + each; ++i)
      unit_.exec_later(jobs_[static_cast<std::size_t>(i)].get());
  };
  std::thread first(feed, 0), second(feed, each);
  first.join();
  second.join();
  io.join();
  EXPECT_EQ(turns, 2 * each);
  EXPECT_EQ(io_unit::current(), nullptr);
}

TEST_F(io_unit_test, lets_go_of_jobs_that_never_had_a_turn) {
  run([&] {
    unit_.exec_later(make([] { FAIL() << "had a turn"; }));
    unit_.context().stop();
  });
  unit_.exec_from_outside(make([] { FAIL() << "had a turn"; }));
  EXPECT_TRUE(unit_.release_leftovers());
  for (const auto& one : jobs_)
    EXPECT_EQ(one->references, 0);
  EXPECT_FALSE(unit_.release_leftovers());
}

} // namespace
} // namespace weappd::http::test
