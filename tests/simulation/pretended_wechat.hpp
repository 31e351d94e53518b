#pragma once

#include "messages/followers.hpp"
#include "messages/time.hpp"
#include "messages/wechat.hpp"

#include <caf/expected.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace weappd::simulation {

/// WeChat as the promises of messages/wechat.hpp describe it: codes that work once, a stable token for each
/// app, consents with credits, client_msg_id, error codes. It outlives the servers. Knows of no actor; each
/// call happens at one moment. While it storms, calls also fail, or end without anybody knowing how.
class pretended_wechat {
public:
  /// A message is on somebody's phone.
  struct delivery {
    message_id id;
    std::string person; ///< "o-3"
    std::string template_id;
  };

  pretended_wechat(std::mt19937_64& random, std::function<void(const delivery&)> on_delivery)
      : random_(random), on_delivery_(std::move(on_delivery)) {}

  // What happens on phones:
  /// wx.login of person `number`.
  std::string issue_code(const app_key& app, int number);
  /// The person was asked for a consent and accepts or not.
  void answer_consent(int number, const std::string& template_id, bool long_term, bool accepts);
  void set_following(int number, bool follows);
  /// Somebody has made the token void.
  void drop_token(const app_key& app) { tokens_[app].ends = {}; }
  void storm(bool on) noexcept { storms_ = on; }
  /// The server is dead, or so it must think: nothing that it still does has an effect.
  void cut_off(bool on) noexcept { cut_off_ = on; }

  // What servers ask:
  caf::expected<code_exchanged> exchange(const exchange_code& call);
  caf::expected<access_token_fetched> fetch(const fetch_access_token& call, timestamp now);
  send_result send(const send_to_user& call, timestamp now);
  caf::expected<templates_fetched> templates(const fetch_templates& call, timestamp now);
  caf::expected<followers_listed> list(const list_followers& call, timestamp now);
  caf::expected<followers_described> describe(const describe_followers& call, timestamp now);
  /// How long the half of a call takes.
  std::chrono::milliseconds latency();

private:
  struct token {
    std::string text;
    timestamp ends{};
    int made = 0;
  };

  [[nodiscard]] std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  [[nodiscard]] bool takes(const app_key& app, const secret& text, timestamp now) const;
  /// What it says when nothing goes wrong on the way.
  send_result judge(const send_to_user& call, timestamp now);
  send_result deliver(const send_to_user& call);

  std::mt19937_64& random_;
  std::function<void(const delivery&)> on_delivery_;
  bool storms_ = true;
  bool cut_off_ = false;
  int codes_ = 0;
  int sends_ = 0;
  std::map<std::string, int> open_codes_; ///< whose; used ones are gone
  std::map<app_key, token> tokens_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> credits_; ///< by openid and template
  std::set<std::pair<std::string, std::string>> long_term_;              ///< accepted, the same
  std::set<int> followers_;
  std::map<std::string, timestamp> taken_; ///< by client_msg_id
};

/// Whom an openid of the apps here belongs to ("o-3", "oa-3").
[[nodiscard]] std::string openid_text(const app_key& app, int number);

} // namespace weappd::simulation
