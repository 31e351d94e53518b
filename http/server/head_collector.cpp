#include "http/server/head_collector.hpp"

#include "http/server/characters.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace weappd::http {
namespace {

/// The fields that we use; all others are passed over.
enum class field : std::uint8_t {
  accept,
  authorization,
  connection,
  content_encoding,
  content_length,
  content_type,
  cors_headers,
  cors_method,
  expect,
  forwarded,
  forwarded_for,
  host,
  idempotency_key,
  origin,
  request_id,
  traceparent,
  transfer_encoding,
  other,
};

struct named_field {
  std::string_view name;
  field which;
};
constexpr std::array fields{
    named_field{"Host", field::host},
    named_field{"Authorization", field::authorization},
    named_field{"Content-Type", field::content_type},
    named_field{"Content-Length", field::content_length},
    named_field{"Accept", field::accept},
    named_field{"Connection", field::connection},
    named_field{"X-Forwarded-For", field::forwarded_for},
    named_field{"X-Request-Id", field::request_id},
    named_field{"traceparent", field::traceparent},
    named_field{"Idempotency-Key", field::idempotency_key},
    named_field{"Content-Encoding", field::content_encoding},
    named_field{"Transfer-Encoding", field::transfer_encoding},
    named_field{"Expect", field::expect},
    named_field{"Forwarded", field::forwarded},
    named_field{"Origin", field::origin},
    named_field{"Access-Control-Request-Method", field::cors_method},
    named_field{"Access-Control-Request-Headers", field::cors_headers},
};

field find_field(std::string_view name) noexcept {
  for (const auto& each : fields)
    if (iequals(each.name, name))
      return each.which;
  return field::other;
}

/// A list that was sent in several fields is the same as one sent in one (RFC 9110 section 5.3).
void join(std::string& list, std::string_view more) {
  if (!list.empty())
    list += ", ";
  list += more;
}

/// Keeps what we use of a head: no container of fields, no allocation of its own.
class head_collector {
public:
  head_collector(head_facts& facts, request& out, const std::vector<std::string>* kept_fields)
      : facts_(facts), out_(out), kept_fields_(kept_fields) {}

  void take_request_line(std::string_view line) {
    facts_.method = cut(line, ' ');
    facts_.target = cut(line, ' ');
    facts_.version = line.ends_with('0') ? 10 : 11;
    out_.verb = find_method(facts_.method).value_or(method::get);
  }

  void take_field(std::string_view line) {
    const auto name = cut(line, ':');
    const auto value = trim(line);
    if (kept_fields_ != nullptr)
      keep(name, value);
    switch (find_field(name)) {
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
      take_once(field::authorization, out_.authorization, value);
      break;
    case field::content_type:
      take_once(field::content_type, out_.content_type, value);
      break;
    case field::content_encoding:
      take_once(field::content_encoding, out_.content_encoding, value);
      break;
    case field::origin:
      take_once(field::origin, out_.origin, value);
      break;
    case field::cors_method:
      take_once(field::cors_method, out_.cors_method, value);
      break;
    case field::request_id:
      take_once(field::request_id, out_.request_id, value);
      break;
    case field::idempotency_key:
      take_once(field::idempotency_key, out_.idempotency_key, value);
      out_.has_idempotency_key = true;
      break;
    case field::cors_headers:
      join(out_.cors_headers, value);
      break;
    case field::accept:
      join(out_.accept, value);
      break;
    case field::forwarded_for:
      join(out_.forwarded_for, value);
      break;
    case field::forwarded:
      join(out_.forwarded, value);
      break;
    case field::traceparent:
      join(out_.traceparent, value); // a second one makes it invalid, as W3C Trace Context wants
      break;
    case field::other:
      break;
    }
  }

  /// What Connection and the version say together (RFC 9112 section 9.3).
  [[nodiscard]] bool wants_to_stay() const noexcept { return !close_ && (facts_.version == 11 || stay_); }

private:
  void keep(std::string_view name, std::string_view value) {
    const auto same = [name](std::string_view known) { return iequals(known, name); };
    const auto wanted = std::ranges::find_if(*kept_fields_, same);
    if (wanted == kept_fields_->end())
      return;
    auto place = std::ranges::find(out_.kept, *wanted, [](const auto& one) { return one.first; });
    if (place == out_.kept.end())
      place = out_.kept.insert(place, {*wanted, std::string()});
    join(place->second, value);
  }

  void take_once(field which, std::string& place, std::string_view value) {
    const auto bit = 1U << static_cast<unsigned>(which);
    if ((taken_ & bit) != 0)
      facts_.repeated = true;
    else
      place.assign(value);
    taken_ |= bit;
  }

  void note_connection(std::string_view options) noexcept {
    while (!options.empty()) {
      const auto option = trim(cut(options, ','));
      close_ = close_ || iequals(option, "close");
      stay_ = stay_ || iequals(option, "keep-alive");
    }
  }

  head_facts& facts_;
  request& out_;
  const std::vector<std::string>* kept_fields_;
  unsigned taken_ = 0; ///< a bit for each field that may come once
  bool close_ = false;
  bool stay_ = false;
};

} // namespace

head_facts collect_head(std::string_view head, request& out, const std::vector<std::string>* kept_fields) {
  head_facts facts;
  head_collector collector(facts, out, kept_fields);
  const auto next_line = [&head] {
    const auto end = head.find('\r'); // the scanner let none through but at the ends of lines
    const auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    return line;
  };
  collector.take_request_line(next_line());
  for (auto line = next_line(); !line.empty(); line = next_line())
    collector.take_field(line);
  out.version = facts.version;
  out.keep_alive = collector.wants_to_stay();
  return facts;
}

} // namespace weappd::http
