#include "messages/error.hpp"
#include "tests/flow/message_flow.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

/// The pool of template pushers grows and shrinks by a reload while messages are sent.
namespace weappd {
namespace {

using namespace std::chrono_literals;

struct pusher_resize : message_flow {
  explicit pusher_resize(const kit::test_server::change_function& change = {})
      : message_flow([change](options& values) {
          values.pools.template_pusher = 1;
          values.http.metrics = true;
          if (change)
            change(values);
        }),
        wanted(kit::test_options(server.folder())) {
    wanted.pools.template_pusher = 1;
    if (change)
      change(wanted);
    server.server().reload_from([this] { return loaded_options{wanted, {}}; });
  }
  std::string reader_of_tickets(const std::string& who) {
    auto id = user(who);
    server.wechat().grant(who, ticket_ready_id);
    return id;
  }
  /// What the phone of this user shows, oldest first.
  std::vector<std::string> shown_to(const std::string& who) {
    kit::http_client control(server.simulator_port());
    const auto all = control.get("/_sim/delivered?limit=100000&openid=" + who).json();
    std::vector<std::string> texts;
    for (const auto& item : all.at("items"))
      texts.push_back(item.at("data").at("thing1").get<std::string>());
    return texts;
  }
  reload_report resize_to(std::uint32_t size) {
    wanted.pools.template_pusher = size;
    return server.server().reload();
  }

  options wanted;
};

TEST_F(pusher_resize, of_1_8_2_loses_no_message_sends_none_twice_and_keeps_each_users_order) {
  constexpr int users = 12;
  constexpr int senders = 3;
  std::vector<std::string> ids;
  for (int i = 0; i < users; ++i)
    ids.push_back(reader_of_tickets("o-" + std::to_string(i)));
  std::atomic<bool> over{false};
  std::atomic<int> accepted{0};
  std::vector<int> last(users, 0); // each is written by one sender alone
  const auto send = [&](int sender) {
    auto program = server.service();
    while (!over)
      for (int i = sender; i < users; i += senders) {
        auto body = ticket_ready(ids[static_cast<std::size_t>(i)]);
        body["data"]["thing1"] = std::to_string(++last[static_cast<std::size_t>(i)]);
        EXPECT_EQ(program.post_message(body).status, 202);
        ++accepted;
      }
  };
  std::vector<std::thread> programs;
  for (int sender = 0; sender < senders; ++sender)
    programs.emplace_back(send, sender);
  for (const std::uint32_t size : {8U, 2U, 8U, 1U, 5U, 2U}) {
    const auto before = accepted.load();
    EXPECT_TRUE(kit::eventually([&] { return accepted > before + 100; }));
    const auto report = resize_to(size);
    EXPECT_THAT(report.applied, testing::Contains("pools.template_pusher"));
    EXPECT_EQ(server.server().parts().pushers.size(), size);
  }
  over = true;
  for (auto& program : programs)
    program.join();
  EXPECT_TRUE(kit::eventually(
      [&] { return server.wechat().count_delivered() >= static_cast<std::uint64_t>(accepted.load()); }, 30s));
  for (int i = 0; i < users; ++i) {
    std::vector<std::string> all;
    for (int number = 1; number <= last[static_cast<std::size_t>(i)]; ++number)
      all.push_back(std::to_string(number));
    EXPECT_EQ(shown_to("o-" + std::to_string(i)), all);
  }
  const auto figures = kit::http_client(server.port()).get("/metrics").body;
  EXPECT_NE(figures.find("weappd_messages_queued{shard=\"7\"} 0"), std::string::npos);
  EXPECT_TRUE(works());
}

struct pusher_resize_with_a_slow_platform : pusher_resize {
  pusher_resize_with_a_slow_platform()
      : pusher_resize([](options& values) { values.wechat.total_timeout_ms = 20'000; }) {}
};

TEST_F(pusher_resize_with_a_slow_platform, is_given_up_in_time_and_everything_goes_on) {
  const auto to = reader_of_tickets("o-slow");
  server.wechat().set_fault("/cgi-bin/message/subscribe/send", {{"times", 1}, {"delay_ms", 12'000}});
  const auto slow = accepted(ticket_ready(to));
  EXPECT_TRUE(kit::eventually([&] { return shop.message(slow).json()["data"]["status"] == "sending"; }));
  const auto begin = std::chrono::steady_clock::now();
  const auto report = resize_to(4);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s) << "the operator still waits";
  EXPECT_THAT(report.needs_restart, testing::Contains("pools.template_pusher"));
  EXPECT_THAT(report.applied, testing::Not(testing::Contains("pools.template_pusher")));
  EXPECT_EQ(server.server().parts().pushers.size(), 1U);
  EXPECT_TRUE(works()) << "others do not wait for it";
  EXPECT_EQ(shop.end_of(slow)["status"], "sent");
  EXPECT_THAT(resize_to(4).applied, testing::Contains("pools.template_pusher")) << "and now it can be";
  EXPECT_TRUE(works());
}

/// Somebody else's, which takes nothing.
template_pusher_actor::behavior_type unmoved_pusher(template_pusher_actor::pointer) {
  return {[](get_status) { return status_report{}; },
          [](const accept_message&) -> caf::result<message_accepted> { return make_error(ec::queue_full); },
          [](const retry_message&) -> caf::result<message_accepted> { return make_error(ec::queue_full); }};
}

TEST(pusher_resize_of_others, is_not_done_and_said_so) {
  extension other;
  other.actors = [](factories& make) {
    make.template_pusher = [](caf::actor_system& system, const services_ptr&, std::size_t) {
      return system.spawn(unmoved_pusher);
    };
  };
  kit::test_server server([](options& values) { values.pools.template_pusher = 2; }, other);
  auto wanted = kit::test_options(server.folder());
  wanted.pools.template_pusher = 3;
  server.server().reload_from([&] { return loaded_options{wanted, {}}; });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(server.server().reload().needs_restart, testing::Contains("pools.template_pusher"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_EQ(server.server().parts().pushers.size(), 2U);
}

} // namespace
} // namespace weappd
