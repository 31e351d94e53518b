#pragma once

#include "config/options.hpp"
#include "messages/bans.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

/// Who is banned, until when, and what the store does not know yet. Pure; time is handed in.
namespace weappd {

/// How long the ban is that is the `times`th in a row.
[[nodiscard]] std::chrono::seconds ban_length(std::uint32_t times, const ban_options& rules) noexcept;

/// A ban stays known for bans.memory_s behind its end, because it makes the next one of its address longer.
///
/// Holds at most bans.max_banned addresses. When there is no room, the one whose ban ends, or has ended,
/// first gives its place to a new one that ends later; else there is no new one. The bans of operators that
/// are in force stay: if there are only such, nothing is added.
class ban_register {
public:
  enum class outcome : std::uint8_t {
    added,
    banned_already, ///< nothing was changed
    displaced,      ///< added, and a ban in force is gone for it
    full,           ///< nothing was changed
  };

  /// A ban for an offence.
  outcome add(const rate_key& who, ban_reason why, timestamp now, const ban_options& rules);
  /// A ban of an operator, in the place of any other one.
  outcome set(const rate_key& who, std::chrono::seconds length, timestamp now, const ban_options& rules);
  /// False if the address was not known.
  bool lift(const rate_key& who);
  /// What the store knows; in force or remembered. What is known here already is newer.
  void restore(const address_ban& ban, timestamp now, const ban_options& rules);
  /// Forgets what is not remembered any longer.
  void tidy(timestamp now, const ban_options& rules);

  /// Null: nothing is known of the address.
  [[nodiscard]] const address_ban* find(const rate_key& who) const;
  [[nodiscard]] std::size_t size() const noexcept { return bans_.size(); }
  /// Those in force, in the order of their keys.
  [[nodiscard]] std::vector<ban_list::entry> in_force(timestamp now) const;
  /// Those in force, the one that ends last first; `page` from 1.
  [[nodiscard]] ban_page page(const list_bans& wanted, timestamp now) const;
  /// When the first of those in force ends.
  [[nodiscard]] std::optional<timestamp> next_end(timestamp now) const;

  /// What the store does not know, at most `most` of it; from now on it counts as known.
  [[nodiscard]] save_bans take_unsaved(std::size_t most);
  /// The store did not take it.
  void give_back(const save_bans& unsaved);
  [[nodiscard]] bool has_unsaved() const noexcept { return !unsaved_.empty() || !gone_.empty(); }

private:
  struct known_ban {
    address_ban ban;
    bool stored = false; ///< the store may have a row of it
  };
  using by_end = std::set<std::pair<timestamp, rate_key>>;

  outcome put(const address_ban& next, timestamp now, const ban_options& rules);
  std::optional<outcome> make_room(timestamp weight, timestamp now, const ban_options& rules);
  void enter(const address_ban& next, bool stored);
  void remove(rate_key who); // a copy: it may be that of an order
  [[nodiscard]] std::uint32_t times_of_next(const rate_key& who, timestamp now,
                                            const ban_options& rules) const;
  by_end& order_of(const address_ban& ban) { return ban.why == ban_reason::operators ? fixed_ : loose_; }

  std::map<rate_key, known_ban> bans_;
  by_end loose_; ///< bans for offences
  by_end fixed_; ///< bans of operators
  std::set<rate_key> unsaved_;
  std::set<rate_key> gone_; ///< rows of the store that are to go: never more than it has
};

} // namespace weappd
