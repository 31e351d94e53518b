#pragma once

#include "messages/followers.hpp"
#include "messages/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

/// A walk along the followers of an official account: what is to be asked next. Holds one page of the list
/// and the newcomers in it, never more. Pure.
///
/// A page is sorted into those who are known and those who are not, some at a time; newcomers are described
/// in groups, a full one as soon as there is one. Where nobody has a unionid the account is not bound to an
/// Open Platform account and nobody can be found: the walk ends early.
namespace weappd {

class follower_walk {
public:
  enum class step : std::uint8_t {
    list,     ///< the next page, behind after()
    sort,     ///< to_sort(): who of them is new?
    describe, ///< to_describe(): what are their unionids?
    done,
  };

  /// So many openids are sorted at once.
  static constexpr std::size_t sort_group = 1'000;
  /// So many people who wait to be described may be met() besides the list.
  static constexpr std::size_t max_met = 1'024;
  /// After so many without a unionid, and none with one, the walk ends.
  static constexpr std::size_t enough_nameless = 1'000;

  /// The whole list, or (false) only those who are met().
  explicit follower_walk(bool whole) : listing_(whole) {}

  [[nodiscard]] step next() const;

  [[nodiscard]] const openid& after() const noexcept { return after_; }
  void listed(const followers_listed& page);
  [[nodiscard]] std::vector<openid> to_sort() const;
  /// Of to_sort() these are new.
  void sorted(const std::vector<openid>& newcomers);
  [[nodiscard]] std::vector<openid> to_describe() const;
  void described(const followers_described& answer);
  /// The platform does not know somebody of to_describe(): the next group is half of it; one alone is left
  /// out.
  void refused();

  /// Somebody to describe who need not be on the list. False: too many are waiting.
  bool meet(const openid& who);

  [[nodiscard]] std::uint64_t total() const noexcept { return total_; } ///< of the account, as it says
  [[nodiscard]] std::size_t pages() const noexcept { return pages_; }   ///< that were listed
  [[nodiscard]] bool nobody_has_a_name() const noexcept { return named_ == 0 && nameless_ != 0; }

private:
  bool listing_;
  openid after_;
  std::deque<openid> page_;      ///< not sorted yet
  std::deque<openid> newcomers_; ///< not described yet
  std::size_t group_ = max_followers_described;
  std::uint64_t total_ = 0;
  std::size_t pages_ = 0;
  std::size_t named_ = 0;
  std::size_t nameless_ = 0;
};

} // namespace weappd
