#pragma once

#include "simulator/bounded_map.hpp"
#include "simulator/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weappd::simulator {

/// The numbers of accepted messages, and the ids that callers gave to theirs.
class message_ids {
public:
  /// How long an official account's client_msg_id lets one message through (wechat-api, 0.5).
  static constexpr std::chrono::minutes effective{10};
  static constexpr std::size_t max_remembered = 1'000'000; ///< the oldest is forgotten first

  /// A msgid that was never given before; more than 32 bits, as WeChat's may be.
  std::int64_t next() noexcept { return ++last_; }

  struct origin {
    std::string_view app_id;
    std::string_view openid;
    std::string_view client_msg_id;
  };
  /// The msgid of the message that went out with this id within `effective`.
  std::optional<std::int64_t> find(moment now, const origin& of);
  /// The time must not be before that of another call.
  void remember(moment now, const origin& of, std::int64_t msgid);

private:
  struct sent {
    std::int64_t msgid = 0;
    moment at;
  };
  std::int64_t last_ = std::int64_t{1} << 32;
  bounded_map<sent> sent_{max_remembered};
};

} // namespace weappd::simulator
