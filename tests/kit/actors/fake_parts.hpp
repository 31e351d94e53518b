#pragma once

#include "tests/kit/actors/fakes.hpp"
#include "tests/kit/actors/world.hpp"

namespace weappd {

/// The outside of a world: a store in memory and a scripted WeChat, at their places in the directory.
struct fake_parts {
  memory_store_ptr store = std::make_shared<memory_store>();
  scripted_wechat_ptr wechat = std::make_shared<scripted_wechat>();

  explicit fake_parts(world& w) {
    start_store(w);
    start_wechat(w);
  }
  /// Again after the test killed them, as a supervisor would. What is stored is still there.
  void start_store(world& w) const {
    auto& peers = w.directory();
    peers.store_writer.set(w.spawn(fake_store_writer, store));
    for (std::size_t i = 0; i < peers.store_readers.size(); ++i)
      peers.store_readers[i].set(w.spawn(fake_store_reader, store));
  }
  void start_wechat(world& w) const { w.directory().wechat.set(w.spawn(fake_wechat_gateway, wechat)); }
};

} // namespace weappd
