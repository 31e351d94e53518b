#include "http/daemon/json_log.hpp"

#include "http/daemon/background_sink.hpp"
#include "http/json/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace weappd {
namespace {

int open_target(const log_options& settings) {
  if (settings.file.empty())
    return STDERR_FILENO;
  const int descriptor = ::open(settings.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (descriptor < 0)
    throw std::runtime_error("log.file " + settings.file + ": " + std::strerror(errno));
  return descriptor;
}

spdlog::level::level_enum to_spdlog(event_level level) {
  switch (level) {
  case event_level::debug:
    return spdlog::level::debug;
  case event_level::info:
    return spdlog::level::info;
  case event_level::warn:
    return spdlog::level::warn;
  case event_level::error:
    break;
  }
  return spdlog::level::err;
}

std::string_view name_of(event_level level) {
  switch (level) {
  case event_level::debug:
    return "debug";
  case event_level::info:
    return "info";
  case event_level::warn:
    return "warn";
  case event_level::error:
    break;
  }
  return "error";
}

} // namespace

json_log::json_log(const log_options& settings, const wall_clock& clock, prometheus::Registry& registry)
    : clock_(clock), access_(settings.access),
      events_(prometheus::BuildCounter()
                  .Name("weappd_events_total")
                  .Help("Log events by name; the names are a short, fixed list.")
                  .Register(registry)) {
  auto sink = std::make_shared<background_sink>(open_target(settings), !settings.file.empty());
  logger_ = std::make_unique<spdlog::logger>("weappd", std::move(sink));
  logger_->set_level(spdlog::level::from_str(settings.level));
  logger_->flush_on(spdlog::level::warn);
}

void json_log::set_level(const std::string& level) {
  logger_->set_level(spdlog::level::from_str(level));
}

void json_log::write(event_level level, std::string_view event, std::initializer_list<field> fields) {
  events_.Add({{"event", std::string(event)}, {"level", std::string(name_of(level))}}).Increment();
  if (!logger_->should_log(to_spdlog(level)))
    return;
  std::string line;
  json::writer out(line);
  out.begin_object();
  out.member("time", clock_.now());
  out.member("level", name_of(level));
  out.member("event", event);
  for (const auto& [name, value] : fields)
    if (!value.empty())
      out.member(name, value);
  out.end_object();
  logger_->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
}

void json_log::write(const http::access_entry& entry) {
  if (!access_ || !logger_->should_log(spdlog::level::info))
    return;
  thread_local std::string line; // one for each io thread, kept between requests
  line.clear();
  json::writer out(line);
  out.begin_object();
  out.member("time", clock_.now());
  out.member("level", "info");
  out.member("event", "http.request");
  out.member("request_id", entry.request_id);
  if (!entry.trace_id.empty())
    out.member("trace_id", entry.trace_id);
  if (!entry.method.empty())
    out.member("method", entry.method);
  out.member("route", entry.route.empty() ? std::string_view("none") : entry.route);
  out.member("status", entry.status);
  if (!entry.error.empty())
    out.member("error", entry.error);
  out.member("duration_us", std::chrono::duration_cast<std::chrono::microseconds>(entry.duration).count());
  out.member("bytes", entry.bytes);
  if (entry.user.value != 0)
    out.member("user_id", entry.user);
  if (!entry.client.empty())
    out.member("client_id", entry.client);
  if (entry.by_operator)
    out.member("operator", true);
  out.end_object();
  logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

} // namespace weappd
