#pragma once

#include "config/crypto/random.hpp"
#include "config/keyring.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The file that holds the keys of one purpose. A line for each key:
///
///     <id>  active|retired  <32 bytes in base64url: 43 characters>
///
/// Fields are parted by spaces or tabs; empty lines and lines that begin with # do not count. Exactly one key
/// is active, ids differ, and there are at most 16 keys.
namespace weappd {

struct parsed_keys {
  std::optional<keyring> keys;       ///< nothing if there is a problem
  std::vector<std::string> problems; ///< "line 3: ..."; never a word of a key
};
[[nodiscard]] parsed_keys parse_key_file(std::string_view text);

/// The text of a file with one active key that was made just now. Its id is random too, so that a key that
/// was lost and made anew is never taken for the old one. In comments it says what the keys are for and what
/// may be done with them; `use` is a line of text for each.
[[nodiscard]] secret new_key_file(crypto::random_source& random, std::string_view purpose,
                                  std::string_view use);
/// For keys that can be rotated.
inline constexpr std::string_view rotate_keys =
    "To rotate: add a line with a new active key and mark the old one retired.";
/// For keys of which the store has hashes that are looked up.
inline constexpr std::string_view never_change_keys =
    "The active key must never change: nothing that was stored with it would be found again.";

/// Eight random lower-case hexadecimal digits.
[[nodiscard]] std::string random_name(crypto::random_source& random);

} // namespace weappd
