#pragma once

#include "config/crypto/random.hpp"
#include "config/secret.hpp"

#include <string>
#include <string_view>

namespace weappd::crypto {

/// scrypt (RFC 7914) as a line of text: `$scrypt$ln=14,r=8,p=1$<salt>$<hash>`, the PHC string format with
/// base64 without padding. Made with N = 2^14, r = 8, p = 1, 16 bytes of salt and 32 of hash: some 50 ms and
/// 16 MiB.
[[nodiscard]] std::string hash_secret(const secret& password, random_source& random);

/// Is `text` such a line, with 10 <= ln <= 20, 1 <= r <= 32, 1 <= p <= 16, at most 64 MiB of memory, at most
/// 16 times the work of hash_secret, 8 to 64 bytes of salt and 16 to 64 of hash? Cheap.
[[nodiscard]] bool is_secret_hash(std::string_view text);

/// Was `text` made of this secret? As slow as making it; how long it takes does not depend on where they
/// differ. False for what is not a secret hash, and where the memory cannot be had.
[[nodiscard]] bool check_secret(const secret& password, std::string_view text);

} // namespace weappd::crypto
