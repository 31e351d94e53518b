#include "http/server/head_collector.hpp"

#include "http/server/characters.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/optional/optional.hpp>

#include <limits>
#include <string>

namespace weappd::http {
namespace {

namespace beast_http = boost::beast::http;
using beast_text = boost::beast::string_view;
using beast_http::field;
using boost::beast::error_code;

std::string_view view(beast_text text) noexcept {
  return {text.data(), text.size()};
}

/// A list that was sent in several fields is the same as one sent in one (RFC 9110 section 5.3).
void join(std::string& list, std::string_view more) {
  if (!list.empty())
    list += ", ";
  list += more;
}

/// Keeps what we use of a head: no container of fields, no allocation of its own.
class head_collector final : public beast_http::basic_parser<true> {
public:
  head_collector(head_facts& facts, request& out) : facts_(facts), out_(out) {
    // The bounds are head_scanner's and the judge's.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
  }

  /// What Connection and the version say together (RFC 9112 section 9.3).
  [[nodiscard]] bool wants_to_stay() const noexcept { return !close_ && (facts_.version == 11 || stay_); }

private:
  void on_request_impl(beast_http::verb, beast_text verb, beast_text target, int version,
                       error_code&) override {
    facts_.method = view(verb);
    out_.verb = find_method(facts_.method).value_or(method::get);
    facts_.target = view(target);
    facts_.version = version;
  }

  void on_field_impl(field which, beast_text name, beast_text text, error_code&) override {
    const auto value = view(text);
    switch (which) {
    case field::host:
      facts_.host.add(value);
      out_.host.assign(value);
      break;
    case field::content_length:
      facts_.content_length.add(value);
      break;
    case field::transfer_encoding:
      facts_.transfer_encoding.add(value);
      break;
    case field::expect:
      facts_.expect.add(value);
      break;
    case field::connection:
      note_connection(value);
      break;
    case field::authorization:
      take_once(authorization_, out_.authorization, value);
      break;
    case field::content_type:
      take_once(content_type_, out_.content_type, value);
      break;
    case field::content_encoding:
      take_once(content_encoding_, out_.content_encoding, value);
      break;
    case field::origin:
      take_once(origin_, out_.origin, value);
      break;
    case field::access_control_request_method:
      take_once(cors_method_, out_.cors_method, value);
      break;
    case field::access_control_request_headers:
      join(out_.cors_headers, value);
      break;
    case field::accept:
      join(out_.accept, value);
      break;
    case field::unknown:
      take_unlisted(view(name), value);
      break;
    default:
      break;
    }
  }

  /// Fields that Beast's enumeration lacks.
  void take_unlisted(std::string_view name, std::string_view value) {
    if (iequals(name, "X-Request-Id"))
      take_once(request_id_, out_.request_id, value);
    else if (iequals(name, "Idempotency-Key"))
      take_once(idempotency_key_, out_.idempotency_key, value);
    else if (iequals(name, "X-Forwarded-For"))
      join(out_.forwarded_for, value);
    else if (iequals(name, "traceparent"))
      join(out_.traceparent, value); // a second one makes it invalid, as W3C Trace Context wants
  }

  void take_once(bool& taken, std::string& place, std::string_view value) {
    if (taken)
      facts_.repeated = true;
    else
      place.assign(value);
    taken = true;
  }

  void note_connection(std::string_view options) noexcept {
    while (!options.empty()) {
      const auto option = trim(cut(options, ','));
      close_ = close_ || iequals(option, "close");
      stay_ = stay_ || iequals(option, "keep-alive");
    }
  }

  void on_response_impl(int, beast_text, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast_text, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast_text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast_text, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  head_facts& facts_;
  request& out_;
  bool authorization_ = false;
  bool content_type_ = false;
  bool content_encoding_ = false;
  bool origin_ = false;
  bool cors_method_ = false;
  bool request_id_ = false;
  bool idempotency_key_ = false;
  bool close_ = false;
  bool stay_ = false;
};

ec fault_of(const error_code& error) {
  if (error == beast_http::error::bad_content_length || error == beast_http::error::multiple_content_length ||
      error == beast_http::error::bad_transfer_encoding)
    return ec::bad_framing;
  if (error == beast_http::error::bad_target)
    return ec::bad_target;
  if (error == beast_http::error::bad_method || error == beast_http::error::bad_version)
    return ec::malformed_request;
  return ec::malformed_header;
}

} // namespace

collected_head collect_head(std::string_view head, request& out) {
  collected_head result;
  head_collector collector(result.facts, out);
  error_code error;
  collector.put(boost::asio::const_buffer(head.data(), head.size()), error);
  if (error)
    result.fault = fault_of(error);
  else if (!collector.is_header_done())
    result.fault = ec::malformed_header;
  out.version = result.facts.version;
  out.keep_alive = collector.wants_to_stay();
  return result;
}

} // namespace weappd::http
