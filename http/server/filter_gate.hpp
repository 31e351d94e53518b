#pragma once

#include "http/server/filter_desk.hpp"
#include "http/server/request.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weappd::http {

struct request_context;

/// For a request in which the filter has something to look at.
struct filter_task {
  std::shared_ptr<const active_filter> rules; ///< in force when the request came
  std::vector<std::string> headers;           ///< values of those of its fields that came
};

/// What an io thread knows of the filter. A request in which there is nothing to look at (as GET users/me)
/// costs a look at a number that hardly ever changes and a few at lengths: no lock, no allocation. One
/// thread.
class filter_gate {
public:
  explicit filter_gate(const filter_desk& desk) : desk_(desk) { look_for_news(); }

  /// Another thread may have changed the rules; whether it has.
  bool look_for_news();
  /// Fields that the filter wants to see.
  [[nodiscard]] std::span<const std::string> headers() const noexcept {
    return filter_ ? filter_->rules.headers() : std::span<const std::string>{};
  }
  /// Null where there is nothing to look at, and for operators: who has admin.token may do everything anyway,
  /// and a rule that matches too much must not keep him from taking it back.
  [[nodiscard]] std::unique_ptr<const filter_task> task_for(const request& wanted,
                                                            const request_context& context) const;

private:
  const filter_desk& desk_;
  std::uint64_t version_ = 0;
  std::shared_ptr<const active_filter>
      filter_; ///< null: off; a copy for this thread: counting users costs nothing
};

} // namespace weappd::http
