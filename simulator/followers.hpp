#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weappd::simulator {

/// The people whom one official account knows: those that follow it and those that do not any more.
class followers {
public:
  static constexpr std::size_t max_people = 500'000; ///< the oldest is forgotten first
  static constexpr std::size_t max_page = 10'000;    ///< openids that one call of user/get answers

  struct person {
    std::string openid;
    std::optional<std::string> unionid;
    bool follows = true;
    std::uint64_t number = 0; ///< of joining, rising
  };

  explicit followers(std::string app_id) : app_id_(std::move(app_id)) {}
  /// Who has this openid; somebody new follows. A unionid is remembered; had it another openid here, then
  /// that one is gone, and what it was about following stays. References are valid until somebody joins.
  person& join(const std::string& openid, const std::optional<std::string>& unionid);

  /// Who has this unionid. Somebody new follows, with an openid that depends on the app and the unionid
  /// alone.
  person& join_by_unionid(const std::string& unionid);

  void set_follows(person& who, bool follows);

  /// Null if nobody has it.
  [[nodiscard]] const person* find(const std::string& openid) const;

  [[nodiscard]] std::size_t count() const noexcept { return count_; } ///< of those that follow
  /// Followers in the order of their openids, at most `max_page`, behind the one of `after` (empty: from the
  /// first).
  [[nodiscard]] std::vector<std::string_view> page(const std::string& after) const;

private:
  using people = std::map<std::string, person>;
  person& insert(const std::string& openid);
  void name(person& who, const std::string& unionid);
  void forget(people::iterator who);

  std::string app_id_;
  people people_;                                        // by openid
  std::map<std::uint64_t, std::string> by_age_;          // openids by number of joining
  std::unordered_map<std::string, std::string> openids_; // by unionid
  std::uint64_t joined_ = 0;
  std::size_t count_ = 0;
};

} // namespace weappd::simulator
