#pragma once

#include "actors/factories.hpp"
#include "http/daemon/extension.hpp"
#include "messages/error.hpp"
#include "messages/meter/metered_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <thread>

namespace weappd {

/// A reader of a slow disk in which there is nobody.
inline store_reader_actor::behavior_type slow_reader(store_reader_actor::pointer,
                                                     std::chrono::milliseconds one_read) {
  return {
      [one_read](const load_user&) -> caf::result<user_snapshot> {
        std::this_thread::sleep_for(one_read);
        return make_error(ec::not_found);
      },
      [](const get_newest_user&) -> caf::result<newest_user> { return newest_user{}; },
      [](const load_message&) -> caf::result<message_record> { return make_error(ec::not_found); },
      [](const list_messages&) -> caf::result<message_page> { return message_page{}; },
      [](const load_unfinished&) -> caf::result<unfinished_messages> { return unfinished_messages{}; },
      [](const load_consents&) -> caf::result<consent_balances> { return consent_balances{}; },
      [](const find_answer&) -> caf::result<answer_found> { return answer_found{}; },
      [](const get_newest_message&) -> caf::result<newest_message> { return newest_message{}; },
      [](const find_new_followers&) -> caf::result<new_followers> { return new_followers{}; },
      [](const load_bans&) -> caf::result<all_bans> { return all_bans{}; },
      [](get_status) { return status_report{}; },
  };
}

inline extension with_a_slow_disk(std::chrono::milliseconds one_read) {
  extension slow;
  slow.actors = [one_read](factories& make) {
    make.store_reader = [one_read](caf::actor_system& system, const services_ptr&, std::size_t) {
      return spawn_metered<caf::detached>(system, slow_reader, one_read);
    };
  };
  return slow;
}

} // namespace weappd
