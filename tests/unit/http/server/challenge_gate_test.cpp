#include "http/server/challenge_gate.hpp"

#include <gtest/gtest.h>

namespace weappd::http {
namespace {

ip_address client_at(const char* text) {
  return boost::asio::ip::make_address(text);
}

struct challenge_gate_test : testing::Test {
  challenge_options wanted = [] {
    challenge_options rules;
    rules.kind = challenge_kind::proof_of_work;
    rules.allow = {"198.51.100.0/24"};
    return rules;
  }();
  option_book<challenge_options> rules{wanted};
  std::vector<cidr> proxies = parse_blocks({"10.0.0.0/8"});
  challenge_gate gate{rules, proxies};
  route login{.name = "auth.login", .pattern = "/login", .is_login = true};
  route other{.name = "users.me", .pattern = "/me"};
};

TEST_F(challenge_gate_test, wants_the_desk_asked_about_logins_alone) {
  const auto task = gate.task_for(login, client_at("2001:db8::1"));
  ASSERT_TRUE(task);
  EXPECT_EQ(task->address, "2001:db8::1");
  EXPECT_FALSE(gate.task_for(other, client_at("192.0.2.1")));
}

TEST_F(challenge_gate_test, spares_the_allowed_and_trusted_proxies) {
  EXPECT_FALSE(gate.task_for(login, client_at("198.51.100.7")));
  EXPECT_FALSE(gate.task_for(login, client_at("10.1.2.3")));
  EXPECT_TRUE(gate.task_for(login, client_at("198.51.101.7")));
}

TEST_F(challenge_gate_test, follows_other_options_at_once) {
  wanted.allow = {};
  rules.change(wanted);
  EXPECT_TRUE(gate.task_for(login, client_at("198.51.100.7")));
  wanted.kind = challenge_kind::off;
  rules.change(wanted);
  EXPECT_FALSE(gate.task_for(login, client_at("198.51.100.7")));
}

} // namespace
} // namespace weappd::http
