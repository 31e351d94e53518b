#include "http/server/metrics.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(server_metrics, count_answers_by_route_and_class_of_status) {
  prometheus::Registry registry;
  server_metrics metrics(registry);
  const router routes({{.name = "me", .pattern = "/me"}, {.name = "login", .pattern = "/login"}});
  metrics.know(routes);
  const auto took = std::chrono::milliseconds(3);
  metrics.answered(&routes.all()[0], 200, took);
  metrics.answered(&routes.all()[0], 204, took);
  metrics.answered(&routes.all()[1], 503, took);
  metrics.answered(nullptr, 404, took);
  const auto text = metrics.render();
  EXPECT_TRUE(has_line(text, R"(weappd_http_requests_total{route="me",status="2xx"} 2)")) << text;
  EXPECT_TRUE(has_line(text, R"(weappd_http_requests_total{route="login",status="5xx"} 1)"));
  EXPECT_TRUE(has_line(text, R"(weappd_http_requests_total{route="login",status="2xx"} 0)"));
  EXPECT_TRUE(has_line(text, R"(weappd_http_requests_total{route="none",status="4xx"} 1)"));
  EXPECT_TRUE(has_line(text, R"(weappd_http_request_duration_seconds_bucket{route="me",le="0.0025"} 0)"));
  EXPECT_TRUE(has_line(text, R"(weappd_http_request_duration_seconds_bucket{route="me",le="0.005"} 2)"));
}

TEST(server_metrics, count_a_route_of_two_listeners_in_one_series) {
  prometheus::Registry registry;
  server_metrics metrics(registry);
  const std::vector<route> health{{.name = "health", .pattern = "/healthz"}};
  const router first(health), second(health);
  metrics.know(first);
  metrics.know(second);
  metrics.answered(&first.all()[0], 200, {});
  metrics.answered(&second.all()[0], 200, {});
  EXPECT_TRUE(has_line(metrics.render(), R"(weappd_http_requests_total{route="health",status="2xx"} 2)"));
}

TEST(server_metrics, ignore_a_status_that_is_none) {
  prometheus::Registry registry;
  server_metrics metrics(registry);
  for (const int status : {-1, 0, 99, 600, 100'000})
    metrics.answered(nullptr, status, {});
  EXPECT_TRUE(has_line(metrics.render(), R"(weappd_http_requests_total{route="none",status="5xx"} 0)"));
}

} // namespace
} // namespace weappd::http::test
