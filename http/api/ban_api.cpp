#include "http/api/body.hpp"
#include "http/api/paging.hpp"
#include "http/api/query_reader.hpp"
#include "http/api/routes.hpp"
#include "http/server/ban_gate.hpp"
#include "http/server/request_actor.hpp"
#include "messages/bans.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// /admin/v1/bans: who is banned, and for operators to ban and to let go.
namespace weappd::http {
namespace {

constexpr std::int64_t longest_ban_s = 366 * 86'400;

void write_ban(json::writer& out, const address_ban& ban) {
  out.begin_object();
  out.member("address", address_text(ban.who));
  out.member("why", to_string(ban.why));
  out.member("times", ban.times);
  out.member("since", ban.since);
  out.member("until", ban.until);
  out.end_object();
}

void get_bans(request_actor& self) {
  std::vector<json::problem> problems;
  query_reader query(self.context().query, problems);
  list_bans wanted;
  const auto place = read_page(query);
  wanted.page = place.page;
  wanted.limit = place.limit;
  query.finish();
  if (!problems.empty())
    return self.fail(ec::invalid_parameter, problems);
  self.ask(self.parts().ban_keeper.get(), wanted, [&self, wanted](const ban_page& page) {
    self.succeed(200, [&](json::writer& data) {
      data.begin_object();
      data.begin_array("items");
      for (const auto& ban : page.items)
        write_ban(data, ban);
      data.end_array();
      data.member("page", wanted.page);
      data.member("limit", wanted.limit);
      data.member("total", page.total);
      data.end_object();
    });
  });
}

struct ban_wish {
  std::optional<ip_address> address;
  bool banned = false;
  std::int64_t for_s = 0;
};

std::optional<ip_address> parse_ip(std::string_view text) {
  return cidr::parse(text) && text.find('/') == std::string_view::npos
             ? std::optional(boost::asio::ip::make_address(std::string(text)))
             : std::nullopt;
}

std::optional<ban_wish> read_wish(request_actor& self) {
  return read_body(self, [](json::object_reader& body) {
    ban_wish wish;
    wish.address = body.optional_value("address", parse_ip);
    const auto banned = body.optional_boolean("banned");
    wish.banned = banned.value_or(true);
    if (wish.banned)
      wish.for_s = body.required_integer("for_s", 1, longest_ban_s);
    return wish;
  });
}

/// Whoever answers for others, or is on bans.allow, would be let in all the same: say so instead of taking
/// it.
bool is_spared(request_actor& self, const ip_address& who) {
  auto& server = self.server();
  return ban_gate(server.ban_rules, server.bans, server.trusted_proxies).is_spared(who);
}

void put_ban(request_actor& self) {
  const auto wish = read_wish(self);
  if (!wish)
    return;
  if (!wish->address)
    return self.fail(ec::invalid_parameter, {{"address", json::words::required}});
  if (wish->banned && is_spared(self, *wish->address))
    return self.fail(ec::invalid_parameter, {{"address", json::words::never_banned}});
  change_ban wanted{.who = address_key(*wish->address), .length = {}};
  if (wish->banned)
    wanted.length = std::chrono::seconds(wish->for_s);
  self.server().events.write(
      event_level::warn, wish->banned ? "admin.ban" : "admin.lift_ban",
      {{"address", address_text(wanted.who)}, {"request_id", std::string(self.context().id.view())}});
  self.ask(
      self.parts().ban_keeper.get(), wanted,
      [&self, who = wanted.who](const ban_changed& changed) {
        self.succeed(200, [&](json::writer& data) {
          if (changed.ban)
            return write_ban(data, *changed.ban);
          data.begin_object();
          data.member("address", address_text(who));
          data.end_object();
        });
      },
      [&self](caf::error& error) {
        if (code_of(error) == ec::conflict)
          return self.fail(ec::invalid_parameter, {{"address", json::words::too_many}});
        self.fail(error);
      });
}

} // namespace

std::vector<route> ban_routes() {
  return {{.name = "admin.bans",
           .verb = method::get,
           .pattern = "/admin/v1/bans",
           .allowed = access::operators,
           .limited = false,
           .handle = get_bans},
          {.name = "admin.change_ban",
           .verb = method::put,
           .pattern = "/admin/v1/bans",
           .allowed = access::operators,
           .body = body_kind::json,
           .limited = false,
           .handle = put_ban}};
}

} // namespace weappd::http
