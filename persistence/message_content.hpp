#pragma once

#include "messages/push.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The part of a message that may hold personal data, as the one text that is sealed: the page, then name and
/// value of each field. Each text stands behind its length (four bytes, the lowest first), so that it may
/// hold anything.
namespace weappd {

struct message_content {
  std::string page;
  field_values data;
};

std::string pack_content(std::string_view page, const field_values& data);
/// Nothing when `packed` is not what pack_content makes.
std::optional<message_content> unpack_content(std::string_view packed);

} // namespace weappd
