#pragma once

#include "messages/fwd.hpp"
#include "messages/rate.hpp"
#include "messages/time.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Addresses that are not listened to for a while. An address is known by its rate_key: IPv4 exactly, IPv6 by
/// its /64.
namespace weappd {

enum class ban_reason : std::uint8_t {
  refusals,      ///< it went on although a limit refused it
  failed_logins, ///< of users or service clients
  operators,     ///< somebody said so
};
[[nodiscard]] std::string_view to_string(ban_reason why) noexcept;

struct address_ban {
  rate_key who{};
  timestamp since{};
  timestamp until{};
  std::uint32_t times = 1; ///< the how manieth in a row
  ban_reason why = ban_reason::refusals;
  friend bool operator==(const address_ban&, const address_ban&) = default;
};

/// "192.0.2.1" or "2001:db8:0:1::/64".
[[nodiscard]] std::string address_text(const rate_key& who);

// -- what everybody may look at

/// Who is banned, as it was at one moment; never changed once made.
class ban_list {
public:
  struct entry {
    rate_key who{};
    timestamp until{};
  };
  ban_list() = default;
  /// In the order of their keys.
  explicit ban_list(std::vector<entry> sorted) : entries_(std::move(sorted)) {}

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  /// Null: not banned. The time may be over by now.
  [[nodiscard]] const timestamp* until(const rate_key& who) const noexcept;

private:
  std::vector<entry> entries_;
};
using ban_list_ptr = std::shared_ptr<const ban_list>;

/// Counts itself while it lives, also as part of a message that nobody reads any more.
class counted_report {
public:
  explicit counted_report(std::atomic<std::uint32_t>& count) noexcept : count_(&count) { add(); }
  counted_report(const counted_report& other) noexcept : count_(other.count_) { add(); }
  counted_report& operator=(const counted_report&) = delete;
  ~counted_report() { count_->fetch_sub(1, std::memory_order_relaxed); }

private:
  void add() noexcept { count_->fetch_add(1, std::memory_order_relaxed); }

  std::atomic<std::uint32_t>* count_;
};

/// The list that is in force, for those who ask at each request. Safe to use from several threads; outlives
/// all messages.
class ban_book {
public:
  /// Offences that wait for the keeper; more are not reported.
  static constexpr std::uint32_t max_reports = 1'024;

  [[nodiscard]] ban_list_ptr get() const {
    std::lock_guard guard(mutex_);
    return current_;
  }
  void publish(ban_list_ptr next) {
    std::lock_guard guard(mutex_);
    current_.swap(next);
    version_.fetch_add(1, std::memory_order_release);
  }
  /// Grows with each publication: whoever has looked needs no lock to know that nothing is new. Never 0.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  /// To be sent with an offence; nothing: too many wait.
  [[nodiscard]] std::optional<counted_report> begin_report() noexcept {
    if (reports_.load(std::memory_order_relaxed) >= max_reports)
      return std::nullopt;
    return std::optional<counted_report>(std::in_place, reports_);
  }
  [[nodiscard]] std::uint32_t reports() const noexcept { return reports_.load(std::memory_order_relaxed); }

private:
  mutable std::mutex mutex_;
  ban_list_ptr current_ = std::make_shared<const ban_list>();
  std::atomic<std::uint64_t> version_{1};
  std::atomic<std::uint32_t> reports_{0};
};

// -- to the ban keeper

/// Why an address may come to be banned; each is counted apart.
enum class offence_kind : std::uint8_t { refusal, failed_login };

/// An address that may be banned did this. Not sent for trusted proxies and for addresses on bans.allow.
struct offence {
  rate_key who{};
  offence_kind what = offence_kind::refusal;
  counted_report report;
};

/// The bans in force, those that end last first. Answer: ban_page. Errors: storage_unavailable (they have not
/// been read yet).
struct list_bans {
  std::uint32_t page = 1;
  std::uint32_t limit = 20;
};
struct ban_page {
  std::vector<address_ban> items{};
  std::size_t total = 0;
};

/// Ban this address for so long, or let it go and forget what it did. In force at once; answered when it is
/// durable. Answer: ban_changed. Errors: storage_unavailable (it is in force, but a restart may not know of
/// it, unless the list has not been read yet: then nothing was changed); conflict (the list is full of bans
/// that operators made).
struct change_ban {
  rate_key who{};
  std::optional<std::chrono::seconds> length{}; ///< nothing: let it go
};
struct ban_changed {
  std::optional<address_ban> ban{}; ///< of now
};

// -- to the store; the rules of messages/store.hpp hold

/// Stores the one and forgets the others. Answer: stored.
struct save_bans {
  std::vector<address_ban> put{};
  std::vector<rate_key> gone{};
};

/// Answer: all_bans, in no order.
struct load_bans {};
struct all_bans {
  std::vector<address_ban> items{};
};
/// Those that are in force.
[[nodiscard]] ban_list list_in_force(const all_bans& known, timestamp now);

} // namespace weappd

WEAPPD_MESSAGE(weappd::offence)
WEAPPD_MESSAGE(weappd::list_bans)
WEAPPD_MESSAGE(weappd::ban_page)
WEAPPD_MESSAGE(weappd::change_ban)
WEAPPD_MESSAGE(weappd::ban_changed)
WEAPPD_MESSAGE(weappd::save_bans)
WEAPPD_MESSAGE(weappd::load_bans)
WEAPPD_MESSAGE(weappd::all_bans)
