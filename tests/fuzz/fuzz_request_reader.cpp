#include "http/server/request_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

/// Any bytes, whole, byte by byte, and cut at a place that the bytes themselves choose: all must end the
/// same, and what is accepted must keep the promises that handlers build on.
namespace {

using weappd::ec;
using weappd::http::request_reader;

struct outcome {
  ec refusal = ec::none;
  std::string target;
  std::string body;
  std::string authorization;
  friend bool operator==(const outcome&, const outcome&) = default;
};

void require(bool holds) {
  if (!holds)
    std::abort();
}

class client {
public:
  void feed(std::string_view bytes) {
    using phase = request_reader::phase;
    while (!bytes.empty() && open_) {
      const auto used = reader_.read(bytes);
      require(used <= bytes.size());
      require(used != 0 || reader_.where() == phase::refused);
      bytes.remove_prefix(used);
      if (reader_.where() == phase::refused)
        refused();
      else if (reader_.where() == phase::complete)
        accepted();
    }
  }
  [[nodiscard]] const std::vector<outcome>& seen() const { return seen_; }

private:
  void refused() {
    require(reader_.refusal() != ec::none);
    seen_.push_back({reader_.refusal(), {}, {}, {}});
    open_ = false;
  }
  void accepted() {
    const auto& request = reader_.current();
    require(request.target == "*" || request.path.starts_with('/'));
    require(request.path.find("//") == std::string::npos && request.path.find("/../") == std::string::npos);
    require(!request.host.empty() && request.body.size() <= limits_.max_body);
    seen_.push_back({ec::none, request.target, request.body, request.authorization});
    open_ = request.keep_alive;
    reader_.next();
  }

  weappd::http::guard_limits limits_{.max_head = 512, .max_target = 128, .max_fields = 16, .max_body = 256};
  request_reader reader_{limits_};
  std::vector<outcome> seen_;
  bool open_ = true;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  client whole;
  whole.feed(bytes);

  client bytewise;
  for (std::size_t i = 0; i < size; ++i)
    bytewise.feed(bytes.substr(i, 1));
  require(bytewise.seen() == whole.seen());

  const std::size_t cut = size == 0 ? 0 : data[size - 1] * std::size_t{7} % size;
  client halves;
  halves.feed(bytes.substr(0, cut));
  halves.feed(bytes.substr(cut));
  require(halves.seen() == whole.seen());
  return 0;
}
