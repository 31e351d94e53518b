#pragma once

#include "config/crypto/random.hpp"
#include "simulator/busy_receivers.hpp"
#include "simulator/call_log.hpp"
#include "simulator/faults.hpp"
#include "simulator/message_box.hpp"
#include "simulator/message_ids.hpp"
#include "simulator/quotas.hpp"
#include "simulator/subscriptions.hpp"
#include "simulator/time.hpp"
#include "simulator/wechat_world.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace weappd::simulator {

/// Everything the simulator remembers.
struct state {
  /// `random` must outlive the state.
  state(std::vector<app> known_apps, std::function<moment()> base_clock, crypto::random_source& source)
      : apps(std::move(known_apps)), random(&source), clock(std::move(base_clock)), world(apps, source) {}

  /// Back to the beginning: the clock too.
  void reset() {
    clock.reset();
    world = wechat_world(apps, *random);
    calls = {};
    faults = {};
    limits = {};
    consents = subscriptions();
    msgids = message_ids();
    receivers = {};
    delivered = {};
  }

  std::vector<app> apps;
  crypto::random_source* random;
  movable_clock clock;
  wechat_world world;
  call_log calls;
  fault_table faults;
  quotas limits;
  subscriptions consents;
  message_ids msgids;
  busy_receivers receivers;
  message_box delivered;
};

} // namespace weappd::simulator
