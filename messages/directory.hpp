#pragma once

#include "messages/actors.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
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
  [[nodiscard]] address<Handle>& operator[](std::size_t index) { return addresses_[index]; }
  [[nodiscard]] Handle pick(std::size_t key) const { return addresses_[key % addresses_.size()].get(); }

private:
  std::vector<address<Handle>> addresses_;
};

/// Everybody a part may need to find. Made once by the wiring; outlives the actors.
struct directory {
  directory(const std::vector<app_key>& apps, std::size_t limiters, std::size_t routers, std::size_t desks,
            std::size_t readers)
      : rate_limiters(limiters), users(routers), logins(desks), store_readers(readers) {
    for (const auto& app : apps)
      tokens.try_emplace(app);
  }

  /// The one router of a user. Everybody must ask this one: two routers would wake two actors for one user.
  [[nodiscard]] session_router_actor router_of(user_id user) const {
    return users.pick(std::hash<user_id>{}(user));
  }

  /// Forgets everybody: handles must be gone before the actor system goes.
  void clear() {
    const auto forget = [](auto& group) {
      for (std::size_t i = 0; i < group.size(); ++i)
        group[i].set({});
    };
    forget(rate_limiters);
    forget(users);
    forget(logins);
    forget(store_readers);
    store_writer.set({});
    wechat.set({});
    for (auto& [app, refresher] : tokens)
      refresher.set({});
  }

  address_group<rate_limiter_actor> rate_limiters; ///< by rate_key
  address_group<session_router_actor> users;       ///< by user id
  address_group<login_actor> logins;               ///< by wx.login code
  address_group<store_reader_actor> store_readers; ///< by user id
  address<store_writer_actor> store_writer;
  address<wechat_gateway_actor> wechat;
  std::map<app_key, address<token_refresher_actor>> tokens;
};
using directory_ptr = std::shared_ptr<directory>;

} // namespace weappd
