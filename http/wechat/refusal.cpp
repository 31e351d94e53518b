#include "http/wechat/refusal.hpp"

#include <algorithm>
#include <cstddef>

namespace weappd {
namespace {

constexpr std::string_view name_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

/// The run of characters from `allowed` after `before`.
std::string_view run_after(std::string_view text, std::string_view before, std::string_view allowed) {
  const auto at = text.find(before);
  if (at == std::string_view::npos)
    return {};
  const auto rest = text.substr(at + before.size());
  return rest.substr(0, std::min(rest.find_first_not_of(allowed), rest.size()));
}

/// The run of characters of a name that ends where `after` begins.
std::string_view name_before(std::string_view text, std::string_view after) {
  const auto end = text.find(after);
  if (end == std::string_view::npos)
    return {};
  const auto head = text.substr(0, end);
  const auto before = head.find_last_not_of(name_characters);
  return before == std::string_view::npos ? head : head.substr(before + 1);
}

/// WeChat writes "data.thing4.value" or "thing01.DATA".
std::string_view named_field(std::string_view message) {
  constexpr std::string_view prefix = "data.";
  constexpr std::size_t max_length = 32;
  auto name = name_before(message, ".value");
  if (!name.empty()) {
    const auto before = message.substr(0, static_cast<std::size_t>(name.data() - message.data()));
    if (!before.ends_with(prefix))
      return {};
  } else {
    name = name_before(message, ".DATA");
  }
  return name.size() <= max_length ? name : std::string_view{};
}

} // namespace

wechat_refusal read_refusal(std::int64_t errcode, std::string_view errmsg) {
  constexpr std::int64_t data_does_not_fit = 47003;
  constexpr std::size_t max_rid_length = 64;
  constexpr std::size_t max_address_length = 45; // the longest text of an IPv6 address
  wechat_refusal out{.errcode = errcode};
  if (const auto rid = run_after(errmsg, "rid: ", "0123456789abcdef-"); rid.size() <= max_rid_length)
    out.rid = rid;
  if (const auto address = run_after(errmsg, "invalid ip ", "0123456789abcdefABCDEF.:");
      address.size() <= max_address_length)
    out.address = address;
  if (errcode == data_does_not_fit)
    out.bad_field = named_field(errmsg);
  return out;
}

} // namespace weappd
