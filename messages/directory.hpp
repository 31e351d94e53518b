#pragma once

#include "messages/actors.hpp"
#include "messages/ids.hpp"
#include "messages/place_among.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The address book: whom a part can ask. The supervisor writes it when it (re)starts an actor; everybody
/// else reads. Asking for an address is a short lock of its own, not a message.
namespace weappd {

/// Where the current actor of one role is found, also after it was restarted.
template <class Handle>
class address {
public:
  [[nodiscard]] Handle get() const {
    std::lock_guard guard(mutex_);
    return handle_;
  }
  void set(Handle next) {
    std::lock_guard guard(mutex_);
    std::swap(handle_, next); // the old handle is released outside of the lock
  }

private:
  mutable std::mutex mutex_;
  Handle handle_;
};

/// The addresses of a pool whose size is fixed: the same key always finds the same worker.
template <class Handle>
class address_group {
public:
  explicit address_group(std::size_t size) : addresses_(size) {}
  [[nodiscard]] std::size_t size() const noexcept { return addresses_.size(); }
  [[nodiscard]] std::size_t places() const noexcept { return size(); }
  [[nodiscard]] address<Handle>& operator[](std::size_t index) { return addresses_[index]; }
  [[nodiscard]] Handle pick(std::size_t key) const { return addresses_[key % addresses_.size()].get(); }

private:
  std::vector<address<Handle>> addresses_;
};

/// The addresses of a pool whose size may change while it is asked. A change has two steps, so that what is
/// known of a key can move before the key is asked for elsewhere: workers that start after announce() begin
/// with the next size, askers use it after settle(). One change at a time; announcing the size that there is
/// gives a change up.
template <class Handle>
class elastic_group {
public:
  elastic_group(std::size_t size, std::size_t most)
      : places_(std::max(size, most)), size_(size), next_(size) {}
  /// Those that are asked; the others may be on their way in or out.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t next_size() const noexcept { return next_; }
  /// Between announce() and settle(). False, and then a look at size(), gives the size after the change.
  [[nodiscard]] bool is_changing() const noexcept { return next_ != size_; }
  [[nodiscard]] std::size_t places() const noexcept { return places_.size(); }
  [[nodiscard]] address<Handle>& operator[](std::size_t place) { return places_[place]; }
  [[nodiscard]] Handle pick(std::size_t key) const { return places_[place_among(key, size_)].get(); }

  /// Not more than places().
  void announce(std::size_t next) noexcept { next_ = next; }
  void settle() noexcept { size_ = next_.load(); }

private:
  std::vector<address<Handle>> places_;
  std::atomic<std::size_t> size_;
  std::atomic<std::size_t> next_;
};

/// More workers than any pool has (pools of the configuration).
inline constexpr std::size_t max_pool_size = 64;

/// Everybody a part may need to find. Made once by the wiring; outlives the actors.
struct directory {
  /// How many of each pooled role.
  struct sizes {
    std::size_t rate_limiters = 1;
    std::size_t session_routers = 1;
    std::size_t login_desks = 1;
    std::size_t store_readers = 1;
    std::size_t template_pushers = 1;
    std::size_t once_desks = 1;
  };
  /// `checked`: the apps that have templates which the platform can be asked about. `followed`: the official
  /// accounts.
  directory(const std::vector<app_key>& apps, const std::vector<app_key>& checked,
            const std::vector<app_key>& followed, const sizes& of)
      : rate_limiters(of.rate_limiters, max_pool_size), users(of.session_routers), logins(of.login_desks),
        store_readers(of.store_readers, max_pool_size), pushers(of.template_pushers, max_pool_size),
        once_desks(of.once_desks) {
    for (const auto& app : apps)
      tokens.try_emplace(app);
    for (const auto& app : checked)
      template_checkers.try_emplace(app);
    for (const auto& app : followed)
      follower_syncs.try_emplace(app);
  }

  /// The one router of a user. Everybody must ask this one: two routers would wake two actors for one user.
  [[nodiscard]] session_router_actor router_of(user_id user) const {
    return users.pick(std::hash<user_id>{}(user));
  }

  /// The one pusher of a user; the store divides users in the same way (pusher_place).
  [[nodiscard]] template_pusher_actor pusher_of(user_id user) const {
    return pushers.pick(std::hash<user_id>{}(user));
  }

  /// The actor that an extension added under this name; null between a death and a restart, and if there is
  /// none of that name. `Handle` is what it was made as.
  template <class Handle>
  [[nodiscard]] Handle further_as(std::string_view name) const {
    const auto found = further.find(name);
    return found == further.end() ? Handle{} : caf::actor_cast<Handle>(found->second.get());
  }

  /// Forgets everybody: handles must be gone before the actor system goes.
  void clear() {
    const auto forget = [](auto& group) {
      for (std::size_t i = 0; i < group.places(); ++i)
        group[i].set({});
    };
    forget(rate_limiters);
    forget(users);
    forget(logins);
    forget(store_readers);
    forget(pushers);
    forget(once_desks);
    store_writer.set({});
    wechat.set({});
    service_desk.set({});
    secret_checker.set({});
    housekeeper.set({});
    ban_keeper.set({});
    captcha_verifier.set({});
    challenge_desk.set({});
    operator_desk.set({});
    pool_sizer.set({});
    supervisor.set({});
    for (auto& [app, refresher] : tokens)
      refresher.set({});
    for (auto& [app, checker] : template_checkers)
      checker.set({});
    for (auto& [app, sync] : follower_syncs)
      sync.set({});
    for (auto& [name, one] : further)
      one.set({});
  }

  elastic_group<rate_limiter_actor> rate_limiters; ///< by rate_key
  address_group<session_router_actor> users;       ///< by user id
  address_group<login_actor> logins;               ///< by wx.login code
  elastic_group<store_reader_actor> store_readers; ///< by user id
  elastic_group<template_pusher_actor> pushers;    ///< by user id
  address_group<once_desk_actor> once_desks;       ///< by the name of the slot
  address<store_writer_actor> store_writer;
  address<wechat_gateway_actor> wechat;
  address<service_desk_actor> service_desk;
  address<secret_checker_actor> secret_checker;
  address<housekeeper_actor> housekeeper;
  address<ban_keeper_actor> ban_keeper;
  address<captcha_verifier_actor> captcha_verifier;
  address<challenge_desk_actor> challenge_desk;
  address<operator_desk_actor> operator_desk; ///< empty without the listener for operators
  address<pool_sizer_actor> pool_sizer;       ///< empty where nobody resizes pools, as in some tests
  address<supervisor_actor> supervisor;
  std::map<app_key, address<token_refresher_actor>> tokens;
  std::map<app_key, address<template_checker_actor>> template_checkers;
  std::map<app_key, address<follower_sync_actor>> follower_syncs;
  std::map<std::string, address<service_actor>, std::less<>>
      further; ///< of extensions; filled before the start
};
using directory_ptr = std::shared_ptr<directory>;

} // namespace weappd
