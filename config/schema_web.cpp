#include "config/schema_rows.hpp"
#include "config/schema_table.hpp"
#include "config/text_checks.hpp"

namespace weappd {
namespace {

using namespace rows;

tls_options& tls(options& o, const entry_names&) {
  return o.http.tls;
}
cors_options& cors(options& o, const entry_names&) {
  return o.http.cors;
}

} // namespace

void add_tls_rows(std::vector<option_row>& rows) {
  rows_of(rows, &tls)
      .add("http.tls.address", &tls_options::address, address(), "The address to listen on for https.")
      .add("http.tls.port", &tls_options::port, from(-1, 65'535),
           "The port of https; 0 takes a free one, -1 is off.")
      .add("http.tls.proxy_protocol", &tls_options::proxy_protocol, anything,
           "Whether each connection begins with a header of PROXY protocol v2, before TLS.")
      .add("http.tls.certificate_file", &tls_options::certificate_file, file_or_none(),
           "The certificate and those that lead to its root (PEM); read again on SIGHUP.")
      .at_reload()
      .add("http.tls.key_file", &tls_options::key_file, file_or_none(),
           "Its private key (PEM), which only its owner can read; read again on SIGHUP.")
      .at_reload()
      .add("http.tls.min_version", &tls_options::min_version, one_of<tls_version>(),
           "The oldest version of TLS that is spoken.")
      .add("http.tls.handshake_timeout_ms", &tls_options::handshake_timeout_ms, from(1, hour_ms),
           "How long a TLS handshake may take.")
      .add("http.tls.ticket_rotation_s", &tls_options::ticket_rotation_s, from(1, 3 * day_s),
           "How often the keys of session tickets change; a ticket is good for as long.");
}

void add_cors_rows(std::vector<option_row>& rows) {
  const auto header = checked(is_header_name, "the name of a header field");
  rows_of(rows, &cors)
      .add("http.cors.origins", &cors_options::origins,
           checked(is_origin, "an origin such as https://example.com, in lower case and without path, or *"),
           "Origins whose pages may call this server from a browser; empty: none.")
      .add("http.cors.methods", &cors_options::methods,
           one_of({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}), "Methods that they may use.")
      .add("http.cors.headers", &cors_options::headers, header, "Header fields that they may send.")
      .add("http.cors.expose", &cors_options::expose, header, "Header fields of answers that they may see.")
      .add("http.cors.max_age_s", &cors_options::max_age_s, from(0, day_s),
           "How long a browser may remember what it was allowed.")
      .add("http.cors.credentials", &cors_options::credentials, anything,
           "Whether browsers may add cookies and client certificates; not with the origin *.");
}

} // namespace weappd
