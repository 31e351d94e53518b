#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <vector>

/// Any actor may die. Its supervisor starts another one, and what the server knew is still there.
namespace weappd {
namespace {

struct role {
  const char* name;
  std::function<void(directory&)> kill;
};
void PrintTo(const role& one, std::ostream* out) {
  *out << one.name;
}

template <class Handle>
void kill_one(const Handle& victim) {
  caf::anon_send_exit(victim, caf::exit_reason::kill);
}

template <class Group>
void kill_all(Group& group) {
  for (std::size_t i = 0; i < group.size(); ++i)
    kill_one(group[i].get());
}

struct actor_death : testing::TestWithParam<role> {};

TEST_P(actor_death, is_survived) {
  kit::test_server server([](options& values) {
    values.token.retry_min_ms = 10;
    values.token.retry_max_ms = 50;
  });
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code("o-survivor"))));
  ASSERT_TRUE(succeeded(phone.change_me({{"nickname", "alive"}})));

  for (int round = 0; round < 3; ++round) {
    GetParam().kill(server.server().parts());
    // While it is being replaced a request may be refused, but it is answered, and never as our mistake.
    ASSERT_TRUE(kit::eventually([&] {
      const auto answer = phone.me();
      EXPECT_NE(answer.status, 500) << answer.body;
      return answer.status == 200;
    }));
    ASSERT_TRUE(kit::eventually([&] {
      auto tablet = server.phone();
      const auto answer = tablet.login(server.wechat().make_code("o-survivor"));
      EXPECT_NE(answer.status, 500) << answer.body;
      return answer.status == 200 && tablet.user_id == phone.user_id;
    }));
  }
  EXPECT_EQ(data_of(phone.me())["nickname"], "alive");
  EXPECT_TRUE(succeeded(phone.refresh()));
  EXPECT_TRUE(kit::eventually([&] { return server.http().get("/readyz").status == 200; }));
}

INSTANTIATE_TEST_SUITE_P(
    roles, actor_death,
    testing::Values(role{"rate_limiters", [](directory& all) { kill_all(all.rate_limiters); }},
                    role{"session_routers", [](directory& all) { kill_all(all.users); }},
                    role{"login_desks", [](directory& all) { kill_all(all.logins); }},
                    role{"store_readers", [](directory& all) { kill_all(all.store_readers); }},
                    role{"store_writer", [](directory& all) { kill_one(all.store_writer.get()); }},
                    role{"gateway", [](directory& all) { kill_one(all.wechat.get()); }},
                    role{"token_refresher",
                         [](directory& all) { kill_one(all.tokens.begin()->second.get()); }}),
    [](const auto& one) { return std::string(one.param.name); });

} // namespace
} // namespace weappd
