#include "simulator/faults.hpp"

#include <utility>

namespace weappd::simulator {
namespace {

std::size_t size_of(const fault& value) {
  return value.body ? value.body->size() : 0;
}

} // namespace

bool fault_table::set(const std::string& path, fault next) {
  const auto old = faults_.find(path);
  const auto freed = old == faults_.end() ? 0 : size_of(old->second);
  if (next.times == 0) {
    remove(path);
    return true;
  }
  if (bytes_ - freed + size_of(next) > max_bytes || (old == faults_.end() && faults_.size() >= max_paths))
    return false;
  bytes_ = bytes_ - freed + size_of(next);
  faults_.insert_or_assign(path, std::move(next));
  return true;
}

std::optional<fault> fault_table::take(const std::string& path) {
  const auto found = faults_.find(path);
  if (found == faults_.end())
    return std::nullopt;
  auto taken = found->second;
  if (found->second.times != fault::forever && --found->second.times == 0)
    remove(path);
  return taken;
}

void fault_table::remove(const std::string& path) {
  if (const auto found = faults_.find(path); found != faults_.end()) {
    bytes_ -= size_of(found->second);
    faults_.erase(found);
  }
}

reply answer_of(fault&& from, const std::string& path) {
  reply out;
  out.status = from.status.value_or(200);
  out.delay = from.delay;
  out.reset = from.reset;
  if (out.status >= 300 && out.status < 400)
    out.location = path;
  if (!from.body || from.body_is_text)
    out.content_type = "text/html; charset=utf-8";
  out.body = from.body ? std::move(*from.body)
                       : "<html><body><h1>" + std::to_string(out.status) + "</h1></body></html>";
  return out;
}

} // namespace weappd::simulator
