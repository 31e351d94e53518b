#pragma once

#include <cstdint>
#include <span>

namespace weappd::crypto {

/// Unpredictable bytes, handed in so that a test can repeat itself. Safe to use from several threads.
class random_source {
public:
  virtual ~random_source() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// OpenSSL's CSPRNG. Aborts the process if that fails: going on with weak keys would be worse.
class system_random final : public random_source {
public:
  void fill(std::span<std::uint8_t> out) override;
};

} // namespace weappd::crypto
