#include "http/server/filter_gate.hpp"

#include "http/server/request_context.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <prometheus/registry.h>

namespace weappd::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct filter_silence final : event_log {
  void write(event_level, std::string_view, std::initializer_list<field>) override {}
};

struct filter_at_the_gate : testing::Test {
  filter_at_the_gate() { context.target = &target; }

  route target{.name = "a.read", .pattern = "/api/{a}", .allowed = access::client};
  request wanted;
  request_context context;
  prometheus::Registry registry;
  filter_figures figures{registry};
  filter_silence log;
};

TEST_F(filter_at_the_gate, where_there_is_nothing_to_look_at_nothing_is_made) {
  const filter_desk desk{filter_options{}, figures, log};
  filter_gate gate(desk);
  wanted.kept = {{"User-Agent", "x"}}; // of a limit: the filter did not ask for it
  EXPECT_EQ(gate.task_for(wanted, context), nullptr);
  context.query = "a=1";
  EXPECT_NE(gate.task_for(wanted, context), nullptr);
  context.query.clear();
  context.parameter = "1";
  EXPECT_NE(gate.task_for(wanted, context), nullptr);
  context.parameter.clear();
  context.body = "{}";
  EXPECT_NE(gate.task_for(wanted, context), nullptr);
  target.allowed = access::operators;
  EXPECT_EQ(gate.task_for(wanted, context), nullptr) << "operators can take back every rule";
}

TEST_F(filter_at_the_gate, the_fields_that_it_names_are_handed_on) {
  filter_options configured;
  configured.headers = {"User-Agent", "Referer"};
  const filter_desk desk(configured, figures, log);
  const filter_gate gate(desk);
  EXPECT_THAT(gate.headers(), ElementsAre("User-Agent", "Referer"));
  EXPECT_EQ(gate.task_for(wanted, context), nullptr);
  wanted.kept = {{"x-device", "1"}, {"user-agent", "2"}};
  const auto task = gate.task_for(wanted, context);
  ASSERT_NE(task, nullptr);
  EXPECT_THAT(task->headers, ElementsAre("2"));
}

TEST_F(filter_at_the_gate, a_change_is_seen_once) {
  filter_options configured;
  filter_desk desk(configured, figures, log);
  filter_gate gate(desk);
  context.query = "a=1";
  EXPECT_FALSE(gate.look_for_news());
  configured.mode = filter_mode::off;
  desk.change(configured);
  EXPECT_NE(gate.task_for(wanted, context), nullptr) << "before it has looked";
  EXPECT_TRUE(gate.look_for_news());
  EXPECT_FALSE(gate.look_for_news());
  EXPECT_EQ(gate.task_for(wanted, context), nullptr);
  EXPECT_THAT(gate.headers(), IsEmpty());
}

} // namespace
} // namespace weappd::http
