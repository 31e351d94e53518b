#include "http/server/request_reader.hpp"

#include "http/server/characters.hpp"
#include "http/server/head_collector.hpp"
#include "http/server/request_judge.hpp"

#include <algorithm>

namespace weappd::http {

request_reader::request_reader(const guard_limits& limits)
    : limits_(limits), scanner_(limits), chunks_(limits) {}

void request_reader::next() {
  scanner_.reset();
  if (chunked_)
    chunks_.reset();
  request_.clear();
  body_left_ = 0;
  chunked_ = false;
  expects_continue_ = false;
  refusal_ = ec::none;
  phase_ = phase::head;
}

std::size_t request_reader::read(std::string_view bytes) {
  switch (phase_) {
  case phase::head:
    return read_head(bytes);
  case phase::body:
    return chunked_ ? read_chunked_body(bytes) : read_sized_body(bytes);
  case phase::complete:
  case phase::refused:
    break;
  }
  return 0;
}

/// A head that came in one piece is read where it is; only one that did not is gathered in partial_head_.
std::size_t request_reader::read_head(std::string_view bytes) {
  const auto before = partial_head_.size();
  auto head = bytes;
  if (before != 0) {
    partial_head_.append(bytes.substr(0, limits_.max_head - before));
    head = partial_head_;
  }
  switch (scanner_.scan(head)) {
  case head_scanner::verdict::more:
    if (before == 0)
      partial_head_.assign(bytes); // less than max_head, or it would have been refused
    return bytes.size();
  case head_scanner::verdict::refused:
    refuse(scanner_.refusal());
    return bytes.size();
  case head_scanner::verdict::complete:
    break;
  }
  const auto end = scanner_.end();
  finish_head(head.substr(scanner_.begin(), end - scanner_.begin()));
  clear_keeping_little(partial_head_);
  return end - before;
}

void request_reader::finish_head(std::string_view head) {
  const auto facts = collect_head(head, request_, limits_.kept_fields.get());
  const auto verdict = judge(facts, limits_);
  if (verdict.refusal != ec::none)
    return refuse(verdict.refusal);
  const auto target = facts.target;
  const auto mark = target.find('?');
  request_.target.assign(target);
  request_.path.assign(target.substr(0, mark));
  if (mark != std::string_view::npos)
    request_.query.assign(target.substr(mark + 1));
  expects_continue_ = verdict.expects_continue;
  chunked_ = verdict.chunked;
  body_left_ = verdict.body_size;
  phase_ = verdict.has_body() ? phase::body : phase::complete;
}

std::size_t request_reader::read_sized_body(std::string_view bytes) {
  const auto count = std::min(body_left_, bytes.size());
  request_.body.append(bytes.substr(0, count));
  body_left_ -= count;
  if (body_left_ == 0)
    phase_ = phase::complete;
  return count;
}

std::size_t request_reader::read_chunked_body(std::string_view bytes) {
  const auto count = chunks_.read(bytes, request_.body);
  if (chunks_.refusal() != ec::none)
    refuse(chunks_.refusal());
  else if (chunks_.complete())
    phase_ = phase::complete;
  return count;
}

void request_reader::refuse(ec why) noexcept {
  refusal_ = why;
  phase_ = phase::refused;
}

} // namespace weappd::http
