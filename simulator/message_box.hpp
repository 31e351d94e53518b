#pragma once

#include "simulator/app.hpp"
#include "simulator/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weappd::simulator {

/// What the phones of all users show: the messages that were delivered.
class message_box {
public:
  static constexpr std::size_t max_items = 1'000'000;  ///< kept with their texts; the oldest goes first
  static constexpr std::size_t max_bytes = 512U << 20; ///< of their texts; the oldest goes first
  static constexpr std::size_t max_openids = 500'000; ///< counted one by one; any other is counted while kept

  struct message {
    std::string_view openid;
    const std::vector<std::string>& texts; ///< of the template's fields, in their order
    std::string_view client_msg_id;        ///< empty: none
  };
  void add(moment at, const template_definition& of, const message& what);

  /// Of whom and of what; empty: of all.
  struct filter {
    std::string_view openid;
    std::string_view template_id;
    std::size_t offset = 0; ///< that many of the items that are kept are passed over
    std::size_t limit = max_items;
  };
  /// JSON: `{"count":n,"items":[{"openid","template_id","data","at","client_msg_id"?}]}`, oldest first. The
  /// count is exact, also of messages that are not kept any more.
  [[nodiscard]] std::string report(const filter& of) const;

private:
  /// One allocation for all texts, because there are so many.
  struct item {
    moment at;
    std::string texts; ///< the openid, the client_msg_id, the fields: each with a zero byte at its end
    std::uint32_t template_number = 0;
  };
  struct known_template {
    std::string id;
    std::vector<std::string> fields;
    std::uint64_t count = 0;
  };
  struct counted {
    std::uint32_t template_number = 0;
    std::uint64_t count = 0;
  };

  std::uint32_t number_of(const template_definition& of);
  void count(std::string_view openid, std::uint32_t template_number);
  [[nodiscard]] std::uint64_t count_of(const filter& of) const;
  [[nodiscard]] bool is_of(std::uint32_t template_number, std::string_view template_id) const;
  [[nodiscard]] bool matches(const item& each, const filter& of) const;
  void append(std::string& out, const item& each) const;

  std::deque<item> items_;
  std::size_t bytes_ = 0;
  std::vector<known_template> templates_;
  std::unordered_map<std::string, std::vector<counted>> counts_; ///< by openid
};

} // namespace weappd::simulator
