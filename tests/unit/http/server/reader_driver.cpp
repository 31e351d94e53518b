#include "tests/unit/http/server/reader_driver.hpp"

#include <ostream>
#include <utility>

namespace weappd::http::test {

void reader_driver::feed(std::string_view bytes) {
  using phase = request_reader::phase;
  while (!bytes.empty() && !closed_) {
    bytes.remove_prefix(reader_.read(bytes));
    expected_continue_ = expected_continue_ || (reader_.where() == phase::body && reader_.expects_continue());
    if (reader_.where() == phase::refused)
      note(reader_.refusal());
    else if (reader_.where() == phase::complete)
      note(ec::none);
  }
}

void reader_driver::note(ec refusal) {
  const auto& request = reader_.current();
  outcome result;
  result.refusal = refusal;
  if (refusal == ec::none)
    result = {refusal,      request.keep_alive,    request.verb, request.target,
              request.body, request.authorization, request.host, expected_continue_};
  seen_.push_back(std::move(result));
  closed_ = refusal != ec::none || !request.keep_alive;
  expected_continue_ = false;
  if (!closed_)
    reader_.next();
}

std::vector<outcome> read_whole(std::string_view bytes) {
  return read_cut(bytes, bytes.size());
}

std::vector<outcome> read_cut(std::string_view bytes, std::size_t cut) {
  reader_driver driver;
  driver.feed(bytes.substr(0, cut));
  driver.feed(bytes.substr(cut));
  return driver.seen();
}

std::vector<outcome> read_bytewise(std::string_view bytes) {
  reader_driver driver;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    driver.feed(bytes.substr(i, 1));
  return driver.seen();
}

void PrintTo(const outcome& one, std::ostream* out) {
  *out << (one.refusal == ec::none ? "accepted" : describe(one.refusal).name) << ' ' << to_string(one.verb)
       << ' ' << one.target << " body=" << one.body.size() << (one.keep_alive ? "" : " close");
}

} // namespace weappd::http::test
