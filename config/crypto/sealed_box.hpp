#pragma once

#include "config/crypto/random.hpp"
#include "config/keyring.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weappd::crypto {

/// AES-256-GCM (NIST SP 800-38D) with a fresh random 96-bit nonce for each text. The result names its key and
/// is bound to `place` (table, column and row as one text): moved to another row it does not open.
/// Layout: version 1, length of the key id, key id, nonce (12), ciphertext, tag (16).
/// One key may seal 2^32 texts (SP 800-38D section 8.3); rotate it long before. Safe to use from several
/// threads if `random` is.
class sealed_box {
public:
  /// `random` must outlive the box; of `ring` the box keeps only the keys derived from it. `purpose`
  /// separates the keys of different columns (HKDF).
  sealed_box(const keyring& ring, std::string_view purpose, random_source& random);

  [[nodiscard]] std::string seal(std::string_view plain, std::string_view place) const;
  /// Nothing when the key is unknown, the text was changed, cut or moved: the caller learns no more.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed, std::string_view place) const;
  /// The id of the key that `sealed` names, to find what must be sealed again after a rotation.
  [[nodiscard]] static std::optional<std::string> key_id_of(std::string_view sealed);

private:
  keyring keys_; ///< those of the ring, each derived for the purpose
  random_source& random_;
};

} // namespace weappd::crypto
