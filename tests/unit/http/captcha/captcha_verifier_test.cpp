#include "http/captcha/captcha_verifier.hpp"

#include "http/captcha/siteverify.hpp"
#include "http/client/on_demand_client.hpp"
#include "tests/kit/net/captcha_service.hpp"
#include "tests/kit/net/self_signed.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/temporary_folder.hpp"
#include "tests/unit/http/client/tls_server.hpp"
#include "tests/unit/http/wechat/held_client.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

challenge_options rules_for(const std::string& url) {
  challenge_options rules;
  rules.kind = challenge_kind::captcha;
  rules.captcha.url = url;
  rules.captcha.service_secret = secret("the-secret");
  rules.captcha.timeout_ms = 5'000;
  return rules;
}

/// A verifier, and those who ask it.
struct verifier_world {
  caf::actor_system_config config;
  caf::actor_system system{config};
  option_book<challenge_options> rules;
  captcha_verifier_actor verifier;

  verifier_world(const std::string& url, std::shared_ptr<http_client> client)
      : rules(rules_for(url)), verifier(spawn_captcha_verifier(system, rules, std::move(client))) {}

  captcha_judgement ask(const std::string& response = "r") {
    caf::scoped_actor self(system);
    captcha_judgement out{.verdict = captcha_verdict::unclear, .detail = "no answer"};
    self->request(verifier, 20s, verify_captcha{.response = secret(response), .address = "192.0.2.1"})
        .receive([&](captcha_judgement& said) { out = std::move(said); }, [](caf::error&) {});
    return out;
  }
  health state() {
    caf::scoped_actor self(system);
    auto out = health::down;
    self->request(verifier, 20s, get_status{})
        .receive([&](const status_report& said) { out = said.state; }, [](caf::error&) {});
    return out;
  }
};

std::shared_ptr<on_demand_client> real_client(const std::string& ca_file = {}) {
  return std::make_shared<on_demand_client>(
      curl_options{.max_answer_bytes = max_siteverify_answer, .ca_file = ca_file});
}

TEST(captcha_verifier, asks_the_service_that_is_configured_now) {
  kit::captcha_service one;
  kit::captcha_service two;
  two.answer(R"({"success":false})");
  verifier_world w(one.url(), real_client());
  EXPECT_EQ(w.ask().verdict, captcha_verdict::passed);
  EXPECT_EQ(one.forms(), (std::vector<std::string>{"secret=the-secret&response=r&remoteip=192.0.2.1"}));
  w.rules.change(rules_for(two.url()));
  EXPECT_EQ(w.ask().verdict, captcha_verdict::refused);
  EXPECT_EQ(one.forms().size(), 1u);
  w.rules.change(rules_for(""));
  EXPECT_EQ(w.ask().verdict, captcha_verdict::unclear);
}

TEST(captcha_verifier, gives_no_judgement_when_the_service_does_not_and_then_it_works_again) {
  kit::captcha_service service;
  auto rules = rules_for(service.url());
  rules.captcha.timeout_ms = 100;
  verifier_world w(service.url(), real_client());
  w.rules.change(rules);
  service.hang();
  EXPECT_EQ(w.ask().detail, "no answer: timeout_after_send");
  service.answer("<html>");
  EXPECT_EQ(w.ask().verdict, captcha_verdict::unclear);
  service.answer(std::string(max_siteverify_answer + 1, ' '));
  EXPECT_EQ(w.ask().detail, "no answer: too_large");
  service.die();
  EXPECT_EQ(w.ask().detail, "no answer: connect");
  service.come_back();
  service.answer(R"({"success":true})");
  EXPECT_EQ(w.ask().verdict, captcha_verdict::passed);
}

TEST(captcha_verifier, believes_no_service_whose_certificate_is_not_trusted) {
  const auto identity = kit::self_signed::make("IP:127.0.0.1");
  const kit::temporary_folder folder;
  tls_server service(identity);
  verifier_world w(service.url(), real_client());
  EXPECT_EQ(w.ask().detail, "no answer: tls");
  EXPECT_EQ(service.requests(), 0);
  verifier_world trusting(service.url(), real_client(identity.certificate_file(folder / "ca.pem")));
  EXPECT_EQ(trusting.ask().detail, "the answer is no JSON object") << "it was asked: it says hello";
  EXPECT_EQ(service.requests(), 1);
}

TEST(captcha_verifier, leaves_a_service_alone_that_does_not_answer) {
  const auto client = std::make_shared<held_client>();
  verifier_world w("http://127.0.0.1:1/siteverify", client);
  const auto ask_and_fail = [&] {
    std::thread asker([&] { EXPECT_EQ(w.ask().verdict, captcha_verdict::unclear); });
    EXPECT_TRUE(
        kit::eventually([&] { return client->end_one({.failure = http_failure::timeout_after_send}); }));
    asker.join();
  };
  for (std::uint32_t i = 0; i < captcha_breaker.failures; ++i)
    ask_and_fail();
  EXPECT_EQ(w.ask().detail, "circuit open");
  EXPECT_EQ(w.state(), health::degraded);
  EXPECT_EQ(client->calls().size(), captcha_breaker.failures);
}

TEST(captcha_verifier, is_unclear_at_once_when_too_many_calls_wait) {
  const auto client = std::make_shared<held_client>();
  client->set_full(true);
  verifier_world w("http://127.0.0.1:1/siteverify", client);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(w.ask().detail, "too many calls are waiting");
  EXPECT_EQ(w.state(), health::ok) << "that says nothing about the service";
}

TEST(captcha_verifier, leaves_nobody_waiting_when_it_is_killed) {
  const auto client = std::make_shared<held_client>();
  verifier_world w("http://127.0.0.1:1/siteverify", client);
  std::thread asker([&] { EXPECT_EQ(w.ask().detail, "the verifier stopped"); });
  EXPECT_TRUE(kit::eventually([&] { return client->count() == 1; }));
  caf::anon_send_exit(w.verifier, caf::exit_reason::kill);
  asker.join();
  EXPECT_TRUE(client->end_one({})) << "what comes too late has no effect";
}

TEST(on_demand_client, is_made_for_the_first_call_and_takes_none_after_its_end) {
  kit::captcha_service service;
  const auto client = real_client();
  verifier_world w(service.url(), client);
  EXPECT_EQ(w.ask().verdict, captcha_verdict::passed);
  client->stop();
  EXPECT_EQ(w.ask().detail, "too many calls are waiting");
  EXPECT_EQ(service.forms().size(), 1u);
}

TEST(on_demand_client, that_was_never_needed_ends_without_a_call) {
  on_demand_client client(curl_options{});
  client.stop();
  EXPECT_FALSE(client.start({}, [](http_outcome) { ADD_FAILURE(); }));
}

} // namespace
} // namespace weappd
