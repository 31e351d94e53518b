#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

namespace weappd::simulator {

/// The users to whom a message is under way at this moment, which is until the caller has got the answer.
class busy_receivers {
public:
  /// Makes the receiver busy until the last copy of the handle is gone, on whichever thread. Null: busy
  /// already.
  [[nodiscard]] std::shared_ptr<void> begin(std::string receiver) {
    {
      const std::lock_guard guard(shared_->mutex);
      if (!shared_->busy.insert(receiver).second)
        return nullptr;
    }
    return std::make_shared<handle>(shared_, std::move(receiver));
  }

private:
  struct memory {
    std::mutex mutex; ///< answers are written without the lock of the state
    std::unordered_set<std::string> busy;
  };
  struct handle {
    handle(std::shared_ptr<memory> in, std::string who) : of(std::move(in)), receiver(std::move(who)) {}
    handle(const handle&) = delete;
    handle& operator=(const handle&) = delete;
    ~handle() {
      const std::lock_guard guard(of->mutex);
      of->busy.erase(receiver);
    }
    std::shared_ptr<memory> of; ///< outlives the object: the state may be forgotten while an answer waits
    std::string receiver;
  };
  std::shared_ptr<memory> shared_ = std::make_shared<memory>();
};

} // namespace weappd::simulator
