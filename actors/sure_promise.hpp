#pragma once

#include "messages/error.hpp"

#include <caf/error.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <utility>

namespace weappd {

/// A promise that is always kept. CAF forgets a promise whose actor dies, and the asker waits for ever; this
/// one answers `overloaded` when its last copy goes without an answer. One allocation; not for the hot path.
template <class Answer>
class sure_promise {
public:
  explicit sure_promise(caf::typed_response_promise<Answer> promise)
      : holder_(std::make_shared<holder>(std::move(promise))) {}

  /// An Answer or a caf::error; the first one counts.
  template <class Value>
  void deliver(Value&& value) const {
    holder_->promise.deliver(std::forward<Value>(value));
  }
  template <class Handle, class Message>
  void delegate(const Handle& to, Message&& message) const {
    holder_->promise.delegate(to, std::forward<Message>(message));
  }
  /// For the handler to return.
  [[nodiscard]] const caf::typed_response_promise<Answer>& get() const { return holder_->promise; }

private:
  struct holder {
    explicit holder(caf::typed_response_promise<Answer> made) : promise(std::move(made)) {}
    holder(const holder&) = delete;
    holder& operator=(const holder&) = delete;
    ~holder() {
      if (promise.pending())
        promise.deliver(make_error(ec::overloaded, "the actor died over this request"));
    }
    caf::typed_response_promise<Answer> promise;
  };
  std::shared_ptr<holder> holder_;
};

} // namespace weappd
