#pragma once

#include <string_view>

/// Dates and times of day in the forms that WeChat takes in messages.
namespace weappd::simulator {

/// `15:01` or `15:01:30`, 24 hours, with or without a date before it; two of them joined by `~` are a span,
/// whose end may leave out the date.
bool is_time_text(std::string_view text);

/// `2019年10月1日`, `2019-10-01`, `2019/10/01`, `2019.10.01`, also without the year or without the day, with
/// or without a time of day after it; two of them joined by `~` are a span. Where the begin has a time of
/// day, the end may be one alone.
bool is_date_text(std::string_view text);

} // namespace weappd::simulator
