#pragma once

#include <string_view>

/// What a text in the configuration may look like. Pure; nothing is resolved and nothing is opened.
namespace weappd {

/// An IPv4 or IPv6 address in numbers, without brackets.
[[nodiscard]] bool is_address(std::string_view text);
/// Whether two servers that listen at these addresses, at the same port, are in each other's way: they are
/// the same, or one of them stands for all (0.0.0.0; ::, which has those of IPv4, too).
[[nodiscard]] bool addresses_meet(std::string_view one, std::string_view other);
/// An address, or a block of them: "10.0.0.0/8".
[[nodiscard]] bool is_address_block(std::string_view text);
/// http://host[:port] or https://host[:port] with nothing behind; http for loopback hosts only (localhost,
/// 127.0.0.0/8, [::1]), because what goes there holds secrets.
[[nodiscard]] bool is_base_url(std::string_view text);
/// The same with a path of A-Z a-z 0-9 _ . ~ / - behind, at most 512 bytes in all; or empty.
[[nodiscard]] bool is_service_url_or_empty(std::string_view text);
/// "*", or scheme://host[:port] as browsers write it in Origin: lower case, http or https, nothing behind.
[[nodiscard]] bool is_origin(std::string_view text);
/// The name of a header field: 1 to 64 of A-Z a-z 0-9 -.
[[nodiscard]] bool is_header_name(std::string_view text);
/// The name of an app, a limit, a client or a trigger: 1 to 32 of a-z 0-9 _ -.
[[nodiscard]] bool is_entry_name(std::string_view text);
inline constexpr std::string_view entry_name_words = "1 to 32 of a-z 0-9 _ -";
[[nodiscard]] bool is_entry_name_or_empty(std::string_view text);
/// The name of a route: 1 to 64 of a-z 0-9 _ and dots.
[[nodiscard]] bool is_route_name(std::string_view text);
/// Whom a limit counts: ip, user, client, app, global, or header:<name>, where the name is 1 to 64 of A-Z a-z
/// 0-9 -.
[[nodiscard]] bool is_limit_key(std::string_view text);
/// A pattern of the request filter as far as it is known here: up to 1,024 bytes without control characters;
/// empty stands for that of the built-in set.
[[nodiscard]] bool is_filter_pattern(std::string_view text);
/// WeChat's AppID: 1 to 64 of A-Z a-z 0-9 _ -.
[[nodiscard]] bool is_app_id(std::string_view text);
/// 1 to 128 characters that are written into access tokens as they are: A-Z a-z 0-9 _ . : / -.
[[nodiscard]] bool is_claim_text(std::string_view text);
/// 1 to 512 visible ASCII characters, without the space.
[[nodiscard]] bool is_secret_text(std::string_view text);
/// What a CAPTCHA service calls the site: up to 128 of A-Z a-z 0-9 _ . -.
[[nodiscard]] bool is_site_key_or_empty(std::string_view text);
/// A file: up to 4,096 bytes without control characters; empty where that has a meaning.
[[nodiscard]] bool is_path_or_empty(std::string_view text);
[[nodiscard]] bool is_path(std::string_view text);
/// The name of a Unix socket, which the kernel bounds to 107 bytes; we add some to it.
[[nodiscard]] bool is_socket_name_or_empty(std::string_view text);

} // namespace weappd
