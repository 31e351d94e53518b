#pragma once

#include "http/server/request_reader.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Feeds a request_reader as a connection does, and notes what comes out.
namespace weappd::http::test {

/// What became of one request.
struct outcome {
  ec refusal = ec::none;
  bool keep_alive = true;
  method verb = method::get;
  std::string target;
  std::string body;
  std::string authorization;
  std::string host;
  bool expected_continue = false;

  friend bool operator==(const outcome&, const outcome&) = default;
};

/// One client: all that was read until the connection would have been closed.
class reader_driver {
public:
  explicit reader_driver(const guard_limits& limits = {}) : reader_(limits) {}

  void feed(std::string_view bytes);
  [[nodiscard]] const std::vector<outcome>& seen() const noexcept { return seen_; }
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  [[nodiscard]] request_reader& reader() noexcept { return reader_; }

private:
  void note(ec refusal);

  request_reader reader_;
  std::vector<outcome> seen_;
  bool closed_ = false;
  bool expected_continue_ = false;
};

/// The outcomes of `bytes`, fed in one piece; in two, cut at `cut`; byte by byte.
std::vector<outcome> read_whole(std::string_view bytes);
std::vector<outcome> read_cut(std::string_view bytes, std::size_t cut);
std::vector<outcome> read_bytewise(std::string_view bytes);

void PrintTo(const outcome& one, std::ostream* out);

} // namespace weappd::http::test
