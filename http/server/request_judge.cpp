#include "http/server/request_judge.hpp"

#include "http/server/characters.hpp"
#include "http/server/host.hpp"
#include "http/server/target.hpp"

#include <charconv>

namespace weappd::http {
namespace {

bool is_known_coding(std::string_view name) noexcept {
  for (const auto known : {"gzip", "x-gzip", "deflate", "compress", "x-compress"})
    if (iequals(name, known))
      return true;
  return false;
}

/// `chunked` alone is what we read. With another coding that exists in front of it, the client is right but
/// asks too much (501); anything else leaves open where the body ends (RFC 9112 section 6.1 and 6.3).
ec judge_transfer_encoding(std::string_view value) noexcept {
  bool other = false;
  if (value.ends_with(','))
    return ec::bad_framing;
  for (;;) {
    const auto coding = trim(cut(value, ','));
    if (iequals(coding, "chunked"))
      return !value.empty() ? ec::bad_framing : other ? ec::unsupported_coding : ec::none;
    if (!is_known_coding(coding) || value.empty())
      return ec::bad_framing;
    other = true;
  }
}

ec judge_framing(const head_facts& head, judgement& out) noexcept {
  const auto& length = head.content_length;
  const auto& coding = head.transfer_encoding;
  if (length.count + coding.count > 1)
    return ec::bad_framing;
  if (coding.count == 1) {
    out.chunked = true;
    return head.version == 10 ? ec::bad_framing : judge_transfer_encoding(coding.value);
  }
  if (length.count == 1) {
    const auto end = length.value.data() + length.value.size();
    const auto [stop, error] = std::from_chars(length.value.data(), end, out.body_size);
    if (error != std::errc{} || stop != end)
      return ec::bad_framing;
  }
  return ec::none;
}

ec judge_expectation(const head_facts& head, judgement& out) noexcept {
  if (head.expect.count == 0)
    return ec::none;
  if (head.expect.count > 1 || !iequals(head.expect.value, "100-continue"))
    return ec::expectation_failed;
  out.expects_continue = head.version == 11 && out.has_body(); // 1.0 must be ignored: RFC 9110 section 10.1.1
  return ec::none;
}

ec first_fault(const head_facts& head, const guard_limits& limits, judgement& out) noexcept {
  const auto verb = find_method(head.method);
  if (!verb)
    return ec::method_not_implemented;
  if (!(head.target == "*" && *verb == method::options) && !is_acceptable_target(head.target))
    return ec::bad_target;
  if (head.host.count != 1 || !is_acceptable_host(head.host.value))
    return ec::bad_host;
  if (head.repeated)
    return ec::duplicate_header;
  if (const auto fault = judge_framing(head, out); fault != ec::none)
    return fault;
  if ((*verb == method::get || *verb == method::head) && out.has_body())
    return ec::body_not_allowed;
  if (const auto fault = judge_expectation(head, out); fault != ec::none)
    return fault;
  return out.body_size > limits.max_body ? ec::body_too_large : ec::none;
}

} // namespace

judgement judge(const head_facts& head, const guard_limits& limits) noexcept {
  judgement result;
  result.refusal = first_fault(head, limits, result);
  return result;
}

} // namespace weappd::http
