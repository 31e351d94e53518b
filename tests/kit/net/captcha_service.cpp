#include "tests/kit/net/captcha_service.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace weappd::kit {
namespace {

namespace beast = boost::beast;
using tcp = boost::asio::ip::tcp;

} // namespace

class captcha_service::impl {
public:
  impl() { listen(0); }
  ~impl() { die(); }

  void listen(std::uint16_t port) {
    context_.emplace(1);
    acceptor_.emplace(*context_, tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), port));
    port_ = acceptor_->local_endpoint().port();
    accept();
    thread_ = std::thread([this] { context_->run(); });
  }
  /// What is left of its connections is destroyed, and closed, with the context.
  void die() {
    if (!thread_.joinable())
      return;
    context_->stop();
    thread_.join();
    acceptor_.reset();
    context_.reset();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  void answer(std::string body, int status) {
    const std::lock_guard guard(mutex_);
    body_ = std::move(body);
    status_ = status;
    hangs_ = false;
  }
  void hang() {
    const std::lock_guard guard(mutex_);
    hangs_ = true;
  }
  std::vector<std::string> forms() const {
    const std::lock_guard guard(mutex_);
    return forms_;
  }

private:
  struct client {
    explicit client(tcp::socket from) : socket(std::move(from)) {}
    tcp::socket socket;
    beast::flat_buffer buffer;
    beast::http::request<beast::http::string_body> request;
    beast::http::response<beast::http::string_body> response;
  };
  using client_ptr = std::shared_ptr<client>;

  void accept() {
    acceptor_->async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error)
        return;
      read(std::make_shared<client>(std::move(socket)));
      accept();
    });
  }

  void read(const client_ptr& from) {
    from->request = {};
    beast::http::async_read(from->socket, from->buffer, from->request,
                            [this, from](beast::error_code error, std::size_t) {
                              if (!error)
                                serve(from);
                            });
  }

  void serve(const client_ptr& from) {
    const std::lock_guard guard(mutex_);
    forms_.push_back(from->request.body());
    if (hangs_) { // until the client goes
      beast::http::async_read(from->socket, from->buffer, from->request,
                              [from](beast::error_code, std::size_t) {});
      return;
    }
    const bool is_right = from->request.method() == beast::http::verb::post &&
                          from->request.target() == "/siteverify" &&
                          from->request["Content-Type"] == "application/x-www-form-urlencoded";
    from->response = {};
    from->response.result(is_right ? static_cast<unsigned>(status_) : 400U);
    from->response.body() = is_right ? body_ : "";
    from->response.prepare_payload();
    beast::http::async_write(from->socket, from->response,
                             [this, from](beast::error_code error, std::size_t) {
                               if (!error)
                                 read(from);
                             });
  }

  std::optional<boost::asio::io_context> context_;
  std::optional<tcp::acceptor> acceptor_;
  std::uint16_t port_ = 0;
  std::thread thread_;
  mutable std::mutex mutex_; // guards those below
  std::string body_ = R"({"success":true})";
  int status_ = 200;
  bool hangs_ = false;
  std::vector<std::string> forms_;
};

captcha_service::captcha_service() : impl_(std::make_unique<impl>()) {}
captcha_service::~captcha_service() = default;

std::uint16_t captcha_service::port() const {
  return impl_->port();
}
void captcha_service::answer(std::string body, int status) {
  impl_->answer(std::move(body), status);
}
void captcha_service::hang() {
  impl_->hang();
}
void captcha_service::die() {
  impl_->die();
}
void captcha_service::come_back() {
  impl_->listen(port());
}
std::vector<std::string> captcha_service::forms() const {
  return impl_->forms();
}

} // namespace weappd::kit
