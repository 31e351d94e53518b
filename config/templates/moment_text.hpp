#pragma once

#include <string_view>

/// Times and dates as a field of a message shows them. Months, days (leap years too), hours, minutes and
/// seconds must exist; one or two digits each, except minutes and seconds, which have two.
///
///   time   15:01   15:01:30
///   date   2019年10月1日   2019-10-01   2019/10/01   2019.10.01
///          without the day: 2019年10月   2019-10   2019/10   2019.10
///          without the year: 10月1日   10-01   10/01   10.01
namespace weappd::templates {

/// A time; a whole date and one blank may stand before it. Or two of these joined by "~".
[[nodiscard]] bool is_time_text(std::string_view text);

/// A date; one blank and a time may stand behind it. Or two of these joined by "~".
[[nodiscard]] bool is_date_text(std::string_view text);

} // namespace weappd::templates
