#pragma once

#include "actors/logic/token_mint.hpp"
#include "actors/session.hpp"
#include "messages/error.hpp"
#include "tests/kit/actors/error_of.hpp"
#include "tests/kit/actors/fake_parts.hpp"

#include <gtest/gtest.h>

namespace weappd {

constexpr user_id somebody{1001};

/// One session actor over a store in memory that knows one user.
struct session_fixture : ::testing::Test {
  world w;
  fake_parts parts{w};
  memory_store& store = *parts.store;
  session_actor user;

  session_fixture() {
    store.add_user(somebody, w.now());
    user = wake();
  }
  session_actor wake(user_id id = somebody) { return w.spawn(session, w.services(), id); }
  void sleep_and_wake() {
    EXPECT_TRUE(w.ask<sleep_answer>(user, fall_asleep{})->asleep);
    user = wake();
  }

  static open_session login_of(const char* device = "phone") {
    return {.user = somebody,
            .app = {"demo"},
            .device = {device, "ios"},
            .session_key = secret("key"),
            .is_new_user = false};
  }
  token_grant open(const char* device = "phone") { return *w.ask<token_grant>(user, login_of(device)); }
  static refresh_session refresh_of(const token_grant& grant) {
    return {somebody, grant.session, grant.refresh_token};
  }
  caf::expected<token_grant> refresh(const token_grant& grant) {
    return w.ask<token_grant>(user, refresh_of(grant));
  }
  static caller by(const token_grant& grant) { return {somebody, grant.session}; }
  caf::expected<profile> me(const token_grant& grant) { return w.ask<profile>(user, get_profile{by(grant)}); }
  session_list list(const token_grant& grant) { return *w.ask<session_list>(user, list_sessions{by(grant)}); }
  ec set_status(user_status status) { return error_of(w.ask<done>(user, set_user_status{somebody, status})); }
};

} // namespace weappd
