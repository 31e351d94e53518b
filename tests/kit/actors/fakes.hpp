#pragma once

#include "messages/actors.hpp"
#include "messages/challenges.hpp"
#include "messages/error.hpp"
#include "messages/followers.hpp"
#include "messages/fwd.hpp"
#include "messages/store.hpp"
#include "messages/time.hpp"
#include "messages/wechat.hpp"
#include "tests/kit/actors/memory_store.hpp"

#include <caf/expected.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// Stand-ins for the parts that touch a disk or a network. They keep the promises of their messages, count
/// what they are asked, fail on demand, and answer late on demand - in the virtual time of a world.
namespace weappd {

/// To a fake itself: time to give the next answer that is held back.
struct tick_fake_answer {};

/// Answers that are not given yet; each fake has one.
struct fake_state {
  static inline const char* name = "fake";
  std::deque<std::function<void()>> answers;
};

using fake_writer_actor = store_writer_actor::extend<caf::reacts_to<tick_fake_answer>>;
fake_writer_actor::behavior_type fake_store_writer(fake_writer_actor::stateful_pointer<fake_state> self,
                                                   memory_store_ptr store);

using fake_reader_actor = store_reader_actor::extend<caf::reacts_to<tick_fake_answer>>;
fake_reader_actor::behavior_type fake_store_reader(fake_reader_actor::stateful_pointer<fake_state> self,
                                                   memory_store_ptr store);

/// A pretend WeChat: any code is good once and belongs to the openid "openid-of-<code>", unless a test says
/// otherwise; every access token is a new one ("token-1", "token-2", ...) that lives two hours; every message
/// is taken; the templates are those of world_options().
struct scripted_wechat {
  /// What a code gives; set it to script logins. Not asked for a code that was used.
  std::function<caf::expected<code_exchanged>(const exchange_code&)> on_exchange;
  /// What a fetch gives; set it to script tokens.
  std::function<caf::expected<access_token_fetched>(const fetch_access_token&)> on_fetch;
  /// What becomes of a message; set it to script refusals.
  std::function<caf::expected<send_result>(const send_to_user&)> on_send;
  /// What the platform knows of templates.
  std::function<caf::expected<templates_fetched>(const fetch_templates&)> on_templates;
  /// Of the official account: by openid, with an empty unionid where there is none.
  std::map<openid, unionid> followers;
  std::size_t follower_page = max_followers_listed;
  /// What it tells of them.
  std::function<caf::expected<followers_listed>(const list_followers&)> on_list;
  std::function<caf::expected<followers_described>(const describe_followers&)> on_describe;
  std::chrono::milliseconds delay{0};

  int exchanges = 0;         ///< calls, also of used codes
  int fetches = 0;           ///< calls
  int fetches_under_way = 0; ///< now, of all apps
  int most_fetches_at_once = 0;
  std::map<std::string, int> uses; ///< how often each code was exchanged successfully: at most once
  int template_fetches = 0;        ///< calls

  int follower_lists = 0;          ///< calls
  int follower_descriptions = 0;   ///< calls
  std::vector<openid> described{}; ///< all who were asked about, in the order of the calls

  std::vector<send_to_user> sends; ///< every call, in the order of arrival
  std::map<openid, int> sends_under_way;
  std::map<openid, int> most_sends_at_once; ///< by openid: more than 1 is what WeChat answers with 43108

  scripted_wechat();
};
using scripted_wechat_ptr = std::shared_ptr<scripted_wechat>;

/// A message that the platform took, and one that it refused with `errcode`, which means `how`.
send_result send_accepted(std::string platform_id = {});
send_result send_refused(std::int64_t errcode, handling how, fail_reason reason = fail_reason::none,
                         send_scope scope = send_scope::message);

/// `who` as every code's owner; a unionid if one is given.
code_exchanged identity_of(std::string who, std::string union_id = {});

using fake_gateway_actor = wechat_gateway_actor::extend<caf::reacts_to<tick_fake_answer>>;
fake_gateway_actor::behavior_type fake_wechat_gateway(fake_gateway_actor::stateful_pointer<fake_state> self,
                                                      scripted_wechat_ptr wechat);

/// A pretend CAPTCHA service: it finds all responses good, unless a test says otherwise.
struct scripted_captcha {
  captcha_verdict says = captcha_verdict::passed;
  std::chrono::milliseconds delay{0};
  std::vector<verify_captcha> asked; ///< every call
};
using scripted_captcha_ptr = std::shared_ptr<scripted_captcha>;

using fake_captcha_actor = captcha_verifier_actor::extend<caf::reacts_to<tick_fake_answer>>;
fake_captcha_actor::behavior_type fake_captcha_verifier(fake_captcha_actor::stateful_pointer<fake_state> self,
                                                        scripted_captcha_ptr captcha);

/// Every user of a router, for tests that ask which actor answers and when. A fake session answers everything
/// at once; the nickname of its profile is its number in the order of waking ("1", "2", ...).
struct scripted_users {
  int woken = 0;
  std::map<user_id, int> awake; ///< alive now: never more than 1
  int most_awake_of_one = 0;
  bool sleeps = true;                       ///< the answer to fall_asleep
  std::chrono::milliseconds sleep_delay{0}; ///< and how long it takes
};
using scripted_users_ptr = std::shared_ptr<scripted_users>;

struct fake_session_state : fake_state {
  std::shared_ptr<void> presence; ///< counts this one as awake until the actor is gone
};
using fake_session_actor = session_actor::extend<caf::reacts_to<tick_fake_answer>>;
fake_session_actor::behavior_type fake_session(fake_session_actor::stateful_pointer<fake_session_state> self,
                                               scripted_users_ptr users, user_id user);

/// Gives every request the same verdict.
rate_limiter_actor::behavior_type fake_rate_limiter(rate_limiter_actor::pointer self, verdict always);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_fake_answer)
