// Sends requests at a given rate whatever the server does, as a crowd does: the next one is due although the
// last ones have no answer. Latencies count from the moment when a request was due. One line of figures for
// each second.
//
//   open_loop PORT REQUESTS RATE SECONDS CONNECTIONS
//
// REQUESTS is a file of ready requests, each after a line with its length; they are sent in turn. A RATE of 0
// asks again at once on each connection (a closed loop): so the capacity is found. At most CONNECTIONS are
// open; a request that is due when all of them wait for an answer waits for one, and its time runs.
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using boost::asio::ip::tcp;
using clock_type = std::chrono::steady_clock;
using boost::system::error_code;

struct figures {
  std::vector<double> good, refused; ///< latencies in ms
  std::uint64_t failed = 0;
};

double ms_since(clock_type::time_point due) {
  return std::chrono::duration<double, std::milli>(clock_type::now() - due).count();
}

double percentile(std::vector<double>& values, double of) {
  if (values.empty())
    return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(of * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

class generator;

/// One kept connection with at most one request under way.
class client {
public:
  client(generator& all, boost::asio::io_context& context, std::uint16_t port)
      : all_(all), socket_(context), where_(boost::asio::ip::address_v4::loopback(), port) {}
  void connect();
  void send(const std::string& request, clock_type::time_point due);

private:
  void read();
  void on_read(std::size_t size);
  void fail();

  generator& all_;
  tcp::socket socket_;
  tcp::endpoint where_;
  clock_type::time_point due_;
  std::array<char, 8192> buffer_{};
  std::size_t filled_ = 0;
};

class generator {
public:
  generator(std::uint16_t port, std::vector<std::string> requests, double rate, int seconds,
            std::size_t connections)
      : requests_(std::move(requests)), rate_(rate), seconds_(seconds), timer_(context_), second_(context_) {
    for (std::size_t i = 0; i < connections; ++i)
      idle_.push_back(clients_.emplace_back(std::make_unique<client>(*this, context_, port)).get());
  }

  void run() {
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (i % 200 == 199) // or the listener's backlog overflows, and TCP asks again after a second
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      clients_[i]->connect();
    }
    begin_ = clock_type::now();
    std::puts("second    good/s refused/s failed waiting   good p50    p99    max   refused p50    p99");
    tell_every_second();
    if (rate_ == 0)
      while (!idle_.empty())
        use(take_idle(), clock_type::now());
    else
      send_due();
    context_.run();
    std::printf("total good %llu refused %llu failed %llu\n", static_cast<unsigned long long>(good_),
                static_cast<unsigned long long>(refused_), static_cast<unsigned long long>(failed_));
  }

  void answered(client& by, int status, clock_type::time_point due) {
    if (status == 503 || status == 429)
      now_.refused.push_back(ms_since(due));
    else if (status >= 200 && status < 300)
      now_.good.push_back(ms_since(due));
    else
      ++now_.failed;
    next(by);
  }
  void failed(client& by) {
    ++now_.failed;
    next(by);
  }

private:
  client& take_idle() {
    auto& one = *idle_.back();
    idle_.pop_back();
    return one;
  }
  void use(client& by, clock_type::time_point due) {
    by.send(requests_[next_request_++ % requests_.size()], due);
  }
  void next(client& by) {
    if (rate_ == 0 && !over_)
      return use(by, clock_type::now());
    if (!late_.empty()) {
      const auto due = late_.front();
      late_.pop_front();
      return use(by, due);
    }
    idle_.push_back(&by);
  }

  void send_due() {
    const auto now = clock_type::now();
    for (;;) {
      const auto due = begin_ + std::chrono::nanoseconds(
                                    static_cast<std::int64_t>(1e9 * static_cast<double>(sent_) / rate_));
      if (due > now || over_)
        break;
      ++sent_;
      if (idle_.empty())
        late_.push_back(due);
      else
        use(take_idle(), due);
    }
    if (over_)
      return;
    timer_.expires_after(std::chrono::milliseconds(1));
    timer_.async_wait([this](error_code failed) {
      if (!failed)
        send_due();
    });
  }

  void tell_every_second() {
    second_.expires_at(begin_ + std::chrono::seconds(told_ + 1));
    second_.async_wait([this](error_code) {
      std::printf("%6d %9zu %9zu %6llu %7zu %10.1f %6.1f %6.1f %13.1f %6.1f\n", ++told_, now_.good.size(),
                  now_.refused.size(), static_cast<unsigned long long>(now_.failed), late_.size(),
                  percentile(now_.good, 0.5), percentile(now_.good, 0.99), percentile(now_.good, 1),
                  percentile(now_.refused, 0.5), percentile(now_.refused, 0.99));
      std::fflush(stdout);
      good_ += now_.good.size();
      refused_ += now_.refused.size();
      failed_ += now_.failed;
      now_ = {};
      if (told_ < seconds_)
        return tell_every_second();
      over_ = true;
      context_.stop();
    });
  }

  boost::asio::io_context context_{1};
  std::vector<std::string> requests_;
  double rate_;
  int seconds_;
  boost::asio::steady_timer timer_, second_;
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<client*> idle_;
  std::deque<clock_type::time_point> late_; ///< due, and no connection free
  clock_type::time_point begin_;
  std::uint64_t sent_ = 0;
  std::size_t next_request_ = 0;
  int told_ = 0;
  bool over_ = false;
  figures now_;
  std::uint64_t good_ = 0, refused_ = 0, failed_ = 0;
};

void client::send(const std::string& request, clock_type::time_point due) {
  due_ = due;
  filled_ = 0;
  try {
    if (!socket_.is_open())
      connect();
    boost::asio::write(socket_, boost::asio::buffer(request)); // small, and the last one was read
  } catch (const boost::system::system_error&) {
    return fail();
  }
  read();
}

void client::connect() {
  socket_.connect(where_);
  socket_.set_option(tcp::no_delay(true));
}

void client::read() {
  socket_.async_read_some(boost::asio::buffer(buffer_.data() + filled_, buffer_.size() - filled_),
                          [this](error_code failed, std::size_t size) { failed ? fail() : on_read(size); });
}

void client::on_read(std::size_t size) {
  filled_ += size;
  const std::string_view text(buffer_.data(), filled_);
  const auto head = text.find("\r\n\r\n");
  const auto field = text.find("Content-Length: ");
  if (head == std::string_view::npos || field > head)
    return read();
  std::size_t length = 0;
  std::from_chars(text.data() + field + 16, text.data() + head, length);
  if (filled_ < head + 4 + length)
    return read();
  int status = 0;
  std::from_chars(text.data() + 9, text.data() + 12, status);
  if (text.substr(0, head).find("Connection: close") != std::string_view::npos)
    socket_.close();
  all_.answered(*this, status, due_);
}

void client::fail() {
  error_code ignored;
  socket_.close(ignored);
  boost::asio::post(socket_.get_executor(), [this] { all_.failed(*this); });
}

std::vector<std::string> read_requests(const char* path) {
  std::ifstream in(path);
  std::vector<std::string> all;
  for (std::size_t size = 0; in >> size;) {
    in.get(); // the end of the line
    std::string one(size, '\0');
    if (!in.read(one.data(), static_cast<std::streamsize>(size)))
      throw std::runtime_error("the file of requests ends too early");
    all.push_back(std::move(one));
  }
  if (all.empty())
    throw std::runtime_error("the file of requests is empty");
  return all;
}

} // namespace

int main(int count, char** words) {
  if (count != 6) {
    std::cerr << "open_loop PORT REQUESTS RATE SECONDS CONNECTIONS\n";
    return 2;
  }
  generator all(static_cast<std::uint16_t>(std::atoi(words[1])), read_requests(words[2]), std::atof(words[3]),
                std::atoi(words[4]), static_cast<std::size_t>(std::atoi(words[5])));
  all.run();
}
