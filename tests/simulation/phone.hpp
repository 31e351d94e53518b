#pragma once

#include "messages/session.hpp"
#include "tests/simulation/stage.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace weappd::simulation {

/// One person with a mini program: logs in, asks, refreshes, logs out, taps on consents and reports them.
class phone {
public:
  phone(stage& on, int number) : stage_(on), number_(number) {}

  /// Does one thing, or nothing.
  void act();

private:
  struct logged_in {
    user_id user;
    session_id session;
    secret refresh_token;
  };
  struct lost_token {
    logged_in was;
    timestamp since; ///< replaced then, or before
  };
  struct report {
    record_consents wanted;
    int tries = 0;
  };

  void log_in();
  void send_code(const std::string& code);
  void refresh();
  void send_refresh(const logged_in& with);
  void lose_or_be_robbed(const logged_in& replaced);
  void be_robbed();
  void look_at_profile();
  void log_out(bool everywhere);
  void tap();
  void report_tap(const std::shared_ptr<report>& tapped);
  void follow();
  void be_locked(bool locked);

  [[nodiscard]] std::string me() const { return "person " + std::to_string(number_); }
  [[nodiscard]] std::size_t client() const { return static_cast<std::size_t>(number_); }

  stage& stage_;
  int number_;
  std::optional<logged_in> login_;
  std::string code_;                              ///< the last one; empty: none yet
  std::map<std::string, std::string> successors_; ///< of refresh tokens
  std::optional<lost_token> lost_;                ///< an old token that somebody else has
  std::deque<std::shared_ptr<report>> unreported_;
  int reports_ = 0;
};

} // namespace weappd::simulation
