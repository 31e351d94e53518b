#pragma once

#include "config/crypto/random.hpp"

#include <cstddef>
#include <string>

/// Random values in the shapes that WeChat gives them.
namespace weappd::simulator {

/// `length` characters of A-Z a-z 0-9 - _.
std::string random_name(crypto::random_source& random, std::size_t length);

/// `size` random bytes in base64 with padding.
std::string random_base64(crypto::random_source& random, std::size_t size);

/// `digits` lower-case hexadecimal digits, an even number of them.
std::string random_hex(crypto::random_source& random, std::size_t digits);

} // namespace weappd::simulator
