#pragma once

#include "messages/bans.hpp"
#include "messages/challenges.hpp"
#include "messages/followers.hpp"
#include "messages/health.hpp"
#include "messages/login.hpp"
#include "messages/once.hpp"
#include "messages/operators.hpp"
#include "messages/outbox.hpp"
#include "messages/push.hpp"
#include "messages/rate.hpp"
#include "messages/service.hpp"
#include "messages/session.hpp"
#include "messages/store.hpp"
#include "messages/token.hpp"
#include "messages/wechat.hpp"

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

/// Every typed interface of weappd on one page. The messages say in their own headers what they promise.
namespace weappd {

/// What every service answers.
using service_actor = caf::typed_actor<caf::replies_to<get_status>::with<status_report>>;

/// Starts all others, and starts them again.
using supervisor_actor = service_actor::extend<caf::replies_to<list_children>::with<child_list>,
                                               caf::replies_to<resize_pool>::with<done>,
                                               caf::replies_to<limit_queues>::with<done>>;

/// Does what operators ask of the server as a whole, on a thread of its own: files are read for it.
using operator_desk_actor = service_actor::extend<caf::replies_to<reload_configuration>::with<reload_report>,
                                                  caf::replies_to<set_log_level>::with<done>,
                                                  caf::replies_to<begin_drain>::with<done>>;

/// Makes pools larger or smaller by their load.
using pool_sizer_actor = service_actor::extend<caf::reacts_to<pools_changed>>;

/// May this request pass? Sharded by key; asked by request actors.
using rate_limiter_actor =
    service_actor::extend<caf::replies_to<acquire>::with<verdict>, caf::replies_to<use_limits>::with<done>>;

/// Who is not listened to for a while. Io threads look into its list; offences are told, not asked about.
using ban_keeper_actor =
    service_actor::extend<caf::reacts_to<offence>, caf::replies_to<list_bans>::with<ban_page>,
                          caf::replies_to<change_ban>::with<ban_changed>>;

/// Which logins may be tried, and which need the solution of a challenge.
using challenge_desk_actor =
    service_actor::extend<caf::replies_to<admit_login>::with<login_admission>, caf::reacts_to<login_ended>>;
/// The only part that speaks to the CAPTCHA service.
using captcha_verifier_actor =
    service_actor::extend<caf::replies_to<verify_captcha>::with<captcha_judgement>>;

/// What clients, the login desk and operators ask of one user. Implemented by `session` (one per user) and by
/// `session_router`, which passes each message to the session of the user that the message names.
using user_actor = caf::typed_actor<
    caf::replies_to<open_session>::with<token_grant>, caf::replies_to<resume_session>::with<token_grant>,
    caf::replies_to<refresh_session>::with<token_grant>, caf::replies_to<get_profile>::with<profile>,
    caf::replies_to<change_profile>::with<profile>, caf::replies_to<list_sessions>::with<session_list>,
    caf::replies_to<close_session>::with<done>, caf::replies_to<logout>::with<done>,
    caf::replies_to<set_user_status>::with<done>>;

/// One user: logins, refreshes, profile. Only its router holds it.
using session_actor = user_actor::extend<caf::replies_to<fall_asleep>::with<sleep_answer>>;

/// From a user id to the awake session actor; sharded by user id.
using session_router_actor = user_actor::extend_with<service_actor>;

/// wx.login code to session, each code exchanged once; sharded by code.
using login_actor = service_actor::extend<caf::replies_to<login>::with<token_grant>>;

/// The one holder of an app's access token; one per app.
using token_refresher_actor = service_actor::extend<caf::replies_to<get_access_token>::with<token_lease>,
                                                    caf::reacts_to<access_token_rejected>>;

/// The only part that speaks to WeChat.
using wechat_gateway_actor =
    service_actor::extend<caf::replies_to<exchange_code>::with<code_exchanged>,
                          caf::replies_to<fetch_access_token>::with<access_token_fetched>,
                          caf::replies_to<send_to_user>::with<send_result>,
                          caf::replies_to<fetch_templates>::with<templates_fetched>,
                          caf::replies_to<list_followers>::with<followers_listed>,
                          caf::replies_to<describe_followers>::with<followers_described>>;

/// Takes messages to users and sees each one to its end. All of one user's messages pass one pusher, one
/// after the other; sharded by user id.
using template_pusher_actor = service_actor::extend<caf::replies_to<accept_message>::with<message_accepted>,
                                                    caf::replies_to<retry_message>::with<message_accepted>>;

/// Compares an app's configured templates with the platform's; its status is the difference. One per app.
using template_checker_actor = service_actor;

/// Learns which of our users follow an official account, and by which openid. One per official account.
using follower_sync_actor =
    service_actor::extend<caf::reacts_to<look_for_followers>, caf::reacts_to<follower_changed>>;

/// Requests with an Idempotency-Key; sharded by slot.
using once_desk_actor = service_actor::extend<caf::replies_to<begin_once>::with<once_verdict>,
                                              caf::replies_to<end_once>::with<done>>;

/// Lets service clients in.
using service_desk_actor = service_actor::extend<caf::replies_to<authenticate_client>::with<service_grant>>;
/// The slow part of it, on a thread of its own.
using secret_checker_actor = service_actor::extend<caf::replies_to<check_secret>::with<secret_checked>>;

/// Forgets what is over: old messages, kept answers.
using housekeeper_actor = service_actor;

/// What survives a kill: writes. One actor, so that writes which arrive together share a transaction.
using store_writer_actor = service_actor::extend<
    caf::replies_to<resolve_identity>::with<identity_resolved>, caf::replies_to<add_session>::with<stored>,
    caf::replies_to<rotate_refresh_token>::with<stored>, caf::replies_to<remove_sessions>::with<stored>,
    caf::replies_to<save_user>::with<stored>, caf::replies_to<touch_sessions>::with<stored>,
    caf::replies_to<add_message>::with<message_accepted>,
    caf::replies_to<lease_messages>::with<messages_leased>, caf::replies_to<settle_messages>::with<stored>,
    caf::replies_to<requeue_message>::with<requeued>,
    caf::replies_to<record_consents>::with<consent_balances>, caf::replies_to<clear_marks>::with<stored>,
    caf::replies_to<keep_answer>::with<stored>, caf::replies_to<forget_old>::with<forgotten>,
    caf::replies_to<add_followers>::with<followers_added>, caf::replies_to<note_following>::with<stored>,
    caf::replies_to<save_bans>::with<stored>>;

/// Reads see every write that was answered before they were sent. A pool.
using store_reader_actor = service_actor::extend<
    caf::replies_to<load_user>::with<user_snapshot>, caf::replies_to<get_newest_user>::with<newest_user>,
    caf::replies_to<load_message>::with<message_record>, caf::replies_to<list_messages>::with<message_page>,
    caf::replies_to<load_unfinished>::with<unfinished_messages>,
    caf::replies_to<load_consents>::with<consent_balances>, caf::replies_to<find_answer>::with<answer_found>,
    caf::replies_to<get_newest_message>::with<newest_message>,
    caf::replies_to<find_new_followers>::with<new_followers>, caf::replies_to<load_bans>::with<all_bans>>;

} // namespace weappd
