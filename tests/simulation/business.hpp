#pragma once

#include "messages/once.hpp"
#include "messages/push.hpp"
#include "tests/simulation/stage.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weappd::simulation {

/// A program of the team that has messages sent, with an Idempotency-Key each, and tries again with the same
/// key while it knows of no answer, as clients are told to.
class business {
public:
  business(stage& on, int number) : stage_(on), number_(number) {}

  /// Does one thing, or nothing.
  void act();
  /// The server is another one: what was asked of the last one is not answered any more.
  void lose_connections();

private:
  struct order {
    std::string key;
    once_slot slot;
    user_id to;
    std::string template_name;
    int tries = 0;
    bool under_way = false;
    bool answered = false;
  };
  using order_ptr = std::shared_ptr<order>;

  void post();
  void attempt(const order_ptr& one);
  void send(const order_ptr& one);
  void give_slot_back(const order_ptr& one);
  void retry_a_failed_one();
  [[nodiscard]] message_draft draft_of(const order& one);

  [[nodiscard]] std::string me() const { return "business " + std::to_string(number_); }
  [[nodiscard]] std::size_t client() const { return static_cast<std::size_t>(number_); }

  stage& stage_;
  int number_;
  std::vector<order_ptr> open_; ///< not answered yet
  std::uint64_t orders_ = 0;
  std::uint64_t messages_ = 0;
};

} // namespace weappd::simulation
