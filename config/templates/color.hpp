#pragma once

#include <string_view>

namespace weappd::templates {

/// A colour as CSS writes it, in any case: #rgb, #rrggbb; rgb() and rgba() with three integers of 0 to 255 or
/// three percentages; hsl() and hsla() with a hue of 0 to 360 and two percentages; an alpha of 0 to 1 or a
/// percentage in the forms with an a; the 148 names of CSS Color Module Level 4, transparent, currentColor.
/// Arguments are parted by commas; blanks around them do not count.
[[nodiscard]] bool is_color(std::string_view text);

} // namespace weappd::templates
