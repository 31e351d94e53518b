#include "http/client/transfer.hpp"

#include "http/client/curl_client.hpp"
#include "http/client/socket_poller.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weappd {
namespace {

template <class Value>
void require(CURL* easy, CURLoption option, Value value) {
  if (curl_easy_setopt(easy, option, value) != CURLE_OK)
    throw std::runtime_error("libcurl refuses option " + std::to_string(static_cast<int>(option)));
}

struct curl_text_deleter {
  void operator()(char* text) const noexcept { curl_free(text); }
};

/// Null if there is none.
std::unique_ptr<char, curl_text_deleter> part_of(CURLU& url, CURLUPart part, unsigned flags) {
  char* text = nullptr;
  curl_url_get(&url, part, &text, flags); // leaves it null when it fails
  return std::unique_ptr<char, curl_text_deleter>(text);
}

} // namespace

transfer::transfer(const curl_options& options, socket_poller& sockets)
    : easy_(curl_easy_init()), max_bytes_(options.max_answer_bytes) {
  if (!easy_)
    throw std::runtime_error("libcurl cannot make a handle");
  auto* easy = easy_.get();
  require(easy, CURLOPT_PRIVATE, static_cast<void*>(this));
  require(easy, CURLOPT_NOSIGNAL, 1L);
  require(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  require(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  require(easy, CURLOPT_FOLLOWLOCATION, 0L);
  require(easy, CURLOPT_PROXY, ""); // one would need the whole URL as the target (split_url)
  require(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  require(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  require(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) {
    require(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    require(easy, CURLOPT_CAPATH, static_cast<char*>(nullptr)); // or the system's would be trusted as well
  }
  // Servers close connections that are idle for long; one that is closing just now costs a failed call.
  constexpr long max_idle_s = 30;
  require(easy, CURLOPT_MAXAGE_CONN, max_idle_s);
  require(easy, CURLOPT_WRITEFUNCTION, &transfer::on_body);
  require(easy, CURLOPT_WRITEDATA, static_cast<void*>(this));
  require(easy, CURLOPT_HEADERFUNCTION, &transfer::on_header);
  require(easy, CURLOPT_HEADERDATA, static_cast<void*>(this));
  require(easy, CURLOPT_OPENSOCKETFUNCTION, &socket_poller::on_open);
  require(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(&sockets));
  require(easy, CURLOPT_CLOSESOCKETFUNCTION, &socket_poller::on_close);
  require(easy, CURLOPT_CLOSESOCKETDATA, static_cast<void*>(&sockets));
  require(easy, CURLOPT_PREREQFUNCTION, &transfer::on_connected);
  require(easy, CURLOPT_PREREQDATA, static_cast<void*>(this));
}

bool transfer::prepare(http_call call, http_client::done_function done, std::chrono::milliseconds time_left) {
  call_ = std::move(call);
  done_ = std::move(done);
  body_.clear();
  head_bytes_ = 0;
  too_large_ = false;
  max_body_bytes_ = std::max<std::size_t>(max_bytes_, call_.max_answer_bytes);

  if (!choose_url() || !choose_headers())
    return false;
  auto* easy = easy_.get();
  const auto set = [easy](CURLoption option, auto value) {
    return curl_easy_setopt(easy, option, value) == CURLE_OK;
  };
  const bool is_post = call_.method == http_method::post;
  // `call_` keeps the body until the end, so libcurl need not copy it.
  return set(CURLOPT_POSTFIELDS, is_post ? call_.body.reveal().c_str() : nullptr) &&
         set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(is_post ? call_.body.size() : 0)) &&
         set(CURLOPT_MAXFILESIZE_LARGE,
             static_cast<curl_off_t>(max_body_bytes_)) &&     // by Content-Length, early
         set(is_post ? CURLOPT_POST : CURLOPT_HTTPGET, 1L) && // last: POSTFIELDS implies a post
         set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call_.connect_timeout.count())) &&
         set(CURLOPT_TIMEOUT_MS, static_cast<long>(time_left.count()));
}

/// Taken apart once for calls that are alike: an access token makes a URL of half a kilobyte, and a whole
/// stream of messages has the same one. What the request line says is handed over apart from the rest,
/// because libcurl would put a query together byte by byte, twice for each call.
bool transfer::choose_url() {
  if (url_ && url_text_ == call_.url)
    return true;
  url_.reset(curl_url());
  url_text_ = call_.url;
  if (url_ && !split_url())
    url_.reset();
  // Without the first, libcurl would go on telling the old URL beside the new one.
  return curl_easy_setopt(easy_.get(), CURLOPT_URL, nullptr) == CURLE_OK &&
         curl_easy_setopt(easy_.get(), CURLOPT_CURLU, url_.get()) == CURLE_OK && url_;
}

/// libcurl judges the whole URL first, so that nothing in it can end the request line.
bool transfer::split_url() {
  if (curl_url_set(url_.get(), CURLUPART_URL, url_text_.reveal().c_str(), 0) != CURLUE_OK)
    return false;
  const auto path = part_of(*url_, CURLUPART_PATH, CURLU_URLENCODE); // as libcurl itself would write it
  const auto query = part_of(*url_, CURLUPART_QUERY, 0);
  if (!path)
    return false;
  std::string text;
  text.reserve(url_text_.size() * 3); // never moved, so that nothing of the token is left behind
  text += path.get();
  if (query)
    (text += '?') += query.get();
  const secret target(std::move(text));
  return curl_url_set(url_.get(), CURLUPART_QUERY, nullptr, 0) == CURLUE_OK &&
         curl_easy_setopt(easy_.get(), CURLOPT_REQUEST_TARGET, target.reveal().c_str()) == CURLE_OK;
}

/// The list is made once for calls that are alike.
bool transfer::choose_headers() {
  if (headers_ && content_type_ == call_.content_type)
    return true;
  headers_.reset(curl_slist_append(nullptr, "User-Agent: weappd"));
  content_type_ = call_.content_type;
  const auto add = [this](const char* line) {
    if (headers_ && !curl_slist_append(headers_.get(), line))
      headers_.reset();
  };
  add("Expect:"); // never wait for "100 Continue"
  if (!content_type_.empty())
    add(("Content-Type: " + content_type_).c_str());
  return curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, headers_.get()) == CURLE_OK && headers_;
}

void transfer::finish(CURLcode result) {
  http_outcome outcome;
  outcome.failure = failure_of(result);
  outcome.request_written = request_written();
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  outcome.status = static_cast<int>(status);
  if (outcome.failure == http_failure::none)
    outcome.body = secret(std::move(body_));
  end(std::move(outcome));
}

void transfer::fail(http_failure failure) {
  end({.failure = failure});
}

void transfer::stop() {
  end({.failure = http_failure::stopped, .request_written = request_written()});
}

void transfer::end(http_outcome outcome) {
  body_.clear();
  call_ = {};
  std::exchange(done_, nullptr)(std::move(outcome));
}

std::size_t transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& me = *static_cast<transfer*>(self);
  const auto bytes = size * count;
  if (bytes > me.max_body_bytes_ - me.body_.size()) {
    me.too_large_ = true;
    return 0; // ends the transfer
  }
  me.body_.append(data, bytes);
  return bytes;
}

std::size_t transfer::on_header(char*, std::size_t size, std::size_t count, void* self) {
  auto& me = *static_cast<transfer*>(self);
  me.head_bytes_ += size * count;
  me.too_large_ = me.head_bytes_ > me.max_bytes_;
  return me.too_large_ ? 0 : size * count;
}

// libcurl calls this each time before it writes the request. If a kept connection dies without an answer it
// would write the request again on a new one by itself, although the other side may have acted on the first.
int transfer::on_connected(void* self, char*, char*, int, int) {
  auto& me = *static_cast<transfer*>(self);
  return !me.call_.repeatable && me.request_written() ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

bool transfer::request_written() const {
  long bytes = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_REQUEST_SIZE, &bytes);
  return bytes > 0;
}

http_failure transfer::failure_of(CURLcode result) const {
  if (too_large_)
    return http_failure::too_large;
  switch (result) {
  case CURLE_OK:
    return http_failure::none;
  case CURLE_COULDNT_RESOLVE_HOST:
  case CURLE_COULDNT_CONNECT:
    return http_failure::connect;
  case CURLE_OPERATION_TIMEDOUT:
    return request_written() ? http_failure::timeout_after_send : http_failure::timeout_before_send;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_CRL_BADFILE:
  case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
  case CURLE_SSL_INVALIDCERTSTATUS:
    return http_failure::tls;
  case CURLE_FILESIZE_EXCEEDED:
    return http_failure::too_large;
  default:
    return http_failure::other;
  }
}

} // namespace weappd
