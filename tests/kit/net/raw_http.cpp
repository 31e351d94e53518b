#include "tests/kit/net/raw_http.hpp"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <thread>

namespace weappd::kit {
namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

std::atomic<void (*)(const exchange&)> observer{nullptr};

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool wait_for(int fd, short events, milliseconds patience) {
  pollfd one{fd, events, 0};
  return poll(&one, 1, static_cast<int>(patience.count())) == 1;
}

/// What came of a head, without the empty line.
http_response parse_head(std::string_view head) {
  http_response result;
  auto end = head.find("\r\n");
  const auto status_line = head.substr(0, end);
  if (!status_line.starts_with("HTTP/1.1 ") || status_line.size() < 12)
    throw std::runtime_error("not a status line: " + std::string(status_line));
  result.status = std::stoi(std::string(status_line.substr(9, 3)));
  result.reason = status_line.size() > 13 ? status_line.substr(13) : std::string_view{};
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    const auto line = head.substr(0, end);
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos)
      throw std::runtime_error("not a field: " + std::string(line));
    result.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return result;
}

} // namespace

std::string http_response::header(std::string_view name) const {
  const auto found =
      std::ranges::find_if(headers, [&](const auto& field) { return same_name(field.first, name); });
  return found == headers.end() ? std::string{} : found->second;
}

nlohmann::json http_response::json() const {
  return nlohmann::json::parse(body, nullptr, false);
}

raw_connection::raw_connection(std::uint16_t port, milliseconds patience)
    : socket_(connect_to(port)), patience_(patience) {}

bool raw_connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!wait_for(socket_.get(), POLLOUT, patience_))
      throw deadline_passed("send");
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    else if (errno != EAGAIN && errno != EINTR)
      return false;
  }
  return true;
}

bool raw_connection::send_cut(std::string_view bytes, std::size_t cut) {
  if (!send(bytes.substr(0, cut)))
    return false;
  const auto until = clock::now() + patience_;
  for (int unsent = 1; unsent != 0;) {
    if (ioctl(socket_.get(), SIOCOUTQ, &unsent) != 0)
      return false;
    if (clock::now() > until)
      throw deadline_passed("flush");
    std::this_thread::yield();
  }
  return send(bytes.substr(cut));
}

void raw_connection::shutdown_send() {
  shutdown(socket_.get(), SHUT_WR);
}

bool raw_connection::receive(milliseconds patience) {
  if (ended_)
    return true;
  if (!wait_for(socket_.get(), POLLIN, patience))
    return false;
  std::array<char, 16384> chunk;
  const auto got = recv(socket_.get(), chunk.data(), chunk.size(), 0);
  if (got > 0)
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  else
    ended_ = true;
  return true;
}

void raw_connection::receive_or_throw(const char* wanted) {
  if (!receive(patience_))
    throw deadline_passed(wanted);
  if (ended_)
    throw connection_closed(wanted);
}

std::string raw_connection::take_head() {
  std::size_t end;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    receive_or_throw("the head of an answer");
  auto head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  return head;
}

http_response raw_connection::read_response(bool bodiless) {
  auto result = parse_head(take_head());
  if (bodiless || result.status < 200 || result.status == 204 || result.status == 304)
    return result;
  const auto length = result.header("Content-Length");
  if (length.empty()) {
    result.body = read_until_close();
    return result;
  }
  const auto size = static_cast<std::size_t>(std::stoull(length));
  while (buffer_.size() < size)
    receive_or_throw("the body of an answer");
  result.body = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return result;
}

http_response raw_connection::read_final_response(bool bodiless) {
  auto result = read_response(bodiless);
  while (result.status < 200)
    result = read_response(bodiless);
  return result;
}

std::string raw_connection::read_until_close() {
  while (!ended_)
    if (!receive(patience_))
      throw deadline_passed("the end of the connection");
  return std::exchange(buffer_, {});
}

bool raw_connection::is_closed_in_silence() {
  return buffer_.empty() && receive(patience_) && ended_ && buffer_.empty();
}

bool raw_connection::is_silent_for(milliseconds time) {
  return buffer_.empty() && !ended_ && !receive(time);
}

http_response http_client::get(std::string_view path, const field_list& headers) {
  return request("GET", path, {}, headers);
}

http_response http_client::post_json(std::string_view path, const nlohmann::json& body,
                                     const field_list& headers) {
  return request("POST", path, body.dump(), headers);
}

void observe_exchanges(void (*see)(const exchange&)) {
  observer = see;
}

http_response http_client::request(std::string_view method, std::string_view path, std::string_view body,
                                   const field_list& headers) {
  std::string bytes;
  bytes.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n");
  const auto is_set = [&headers](std::string_view name) {
    return std::ranges::any_of(headers, [&](const auto& field) { return same_name(field.first, name); });
  };
  if (!body.empty() && !is_set("Content-Type"))
    bytes += "Content-Type: application/json\r\n";
  if (!body.empty() || method == "POST" || method == "PATCH" || method == "PUT")
    bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  for (const auto& [name, value] : headers)
    bytes += name + ": " + value + "\r\n";
  bytes += "\r\n";
  bytes += body;

  const bool kept = connection_.has_value();
  if (!kept)
    connection_.emplace(port_, patience_);
  try {
    connection_->send(bytes);
    auto answer = connection_->read_final_response(method == "HEAD");
    if (same_name(answer.header("Connection"), "close"))
      connection_.reset();
    if (const auto see = observer.load())
      see({method, path, body, answer});
    return answer;
  } catch (const connection_closed&) {
    connection_.reset();
    if (!kept)
      throw;
  } catch (...) {
    connection_.reset();
    throw;
  }
  return request(method, path, body, headers);
}

} // namespace weappd::kit
