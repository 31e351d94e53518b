#include "tests/flow/program.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/mini_program.hpp"
#include "tests/kit/server/service_client.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <string>

/// A disk without room, as the real program meets it: the operating system lets none of its files grow.
namespace weappd {
namespace {

struct full_disk : testing::Test {
  /// No file of the server may grow beyond this many bytes.
  void limit_files(rlim_t bytes) {
    const rlimit limit{.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
    ASSERT_EQ(prlimit(server.child().id(), RLIMIT_FSIZE, &limit, nullptr), 0);
  }
  nlohmann::json ticket() const {
    return {{"template", "custom:ticket_ready"},
            {"to", phone.user_id},
            {"data", {{"thing1", "a ticket"}, {"date2", "2026-11-25"}}}};
  }

  kit::temporary_folder folder;
  kit::running_weappd server{
      weappd_program(),
      {.arguments = kit::serve_in(folder, {"--simulate"}), .environment = {}, .folder = {}}};
  kit::wechat_control wechat{server.simulator_port()};
  kit::mini_program phone{server.port()};
  kit::service_client shop{server.port()};
};

TEST_F(full_disk,
       refuses_messages_and_nothing_is_half_done_and_the_rest_goes_on_and_it_comes_back_by_itself) {
  ASSERT_EQ(phone.login(wechat.make_code("o-alice")).status, 200);
  wechat.grant("o-alice", "tmpl_ticket_ready");
  ASSERT_EQ(shop.log_in().status, 200);
  const auto before = shop.post_message(ticket());
  ASSERT_EQ(before.status, 202);
  EXPECT_EQ(shop.end_of(before.json()["data"]["id"].get<std::string>())["status"], "sent");

  limit_files(1);
  for (int i = 0; i < 5; ++i) {
    const auto refused = shop.post_message(ticket());
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_EQ(refused.json().value("code", std::uint64_t{0}), 9000080003u);
    EXPECT_FALSE(refused.header("Retry-After").empty());
  }
  EXPECT_EQ(phone.me().status, 200);
  EXPECT_EQ(shop.get("/api/v1/messages").json()["data"]["total"], 1) << "nothing is half done";
  EXPECT_EQ(shop.get("/readyz").status, 503);

  limit_files(RLIM_INFINITY);
  ASSERT_TRUE(kit::eventually([&] { return shop.get("/readyz").status == 200; }));
  const auto after = shop.post_message(ticket());
  ASSERT_EQ(after.status, 202) << after.body;
  EXPECT_EQ(shop.end_of(after.json()["data"]["id"].get<std::string>())["status"], "sent");
  EXPECT_EQ(phone.login(wechat.make_code("o-alice")).status, 200);
  EXPECT_EQ(wechat.count_delivered(), 2u);
}

} // namespace
} // namespace weappd
