#include "http/api/challenge.hpp"

#include "config/enum_names.hpp"
#include "http/json/writer.hpp"
#include "http/server/envelope.hpp"
#include "messages/challenges.hpp"

#include <utility>
#include <variant>

namespace weappd::http {
namespace {

constexpr std::string_view challenge_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
/// Of all CAPTCHA services that are known; a number is of these, too.
constexpr std::string_view solution_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=:|";

void write_offer(json::writer& out, const proof_of_work_offer& offer) {
  out.member("kind", name_of(challenge_kind::proof_of_work));
  out.member("challenge", offer.challenge);
  out.member("difficulty", offer.difficulty);
  out.member("expires_in", offer.expires_in.count());
}

void write_offer(json::writer& out, const captcha_offer& offer) {
  out.member("kind", name_of(challenge_kind::captcha));
  out.member("site_key", offer.site_key);
}

std::string offer_as_json(const challenge_offer& offer) {
  std::string text;
  json::writer out(text);
  out.begin_object();
  std::visit([&](const auto& one) { write_offer(out, one); }, offer);
  out.end_object();
  return text;
}

void answer_with_offer(request_actor& self, ec code, const challenge_offer& offer) {
  const auto& context = self.context();
  self.answer(failure(code, context.id.view(), context.problem_json, {},
                      {.name = "challenge", .json = offer_as_json(offer)}));
}

} // namespace

challenge_answer read_challenge(json::object_reader& body) {
  challenge_answer given;
  given.challenge =
      body.optional_text("challenge", {.max = 256, .allowed = challenge_characters}).value_or("");
  given.solution =
      secret(body.optional_text("solution", {.max = 8'192, .allowed = solution_characters}).value_or(""));
  return given;
}

void after_challenge(request_actor& self, challenge_answer given, secret attempt,
                     std::function<void()> go_on) {
  auto* task = self.context().challenge.get();
  if (task == nullptr)
    return go_on();
  task->attempt = attempt;
  admit_login question{.who = self.context().client,
                       .address = task->address,
                       .attempt = std::move(attempt),
                       .challenge = std::move(given.challenge),
                       .solution = std::move(given.solution)};
  self.ask(self.parts().challenge_desk.get(), std::move(question),
           [&self, asked = self.clock().now(), go_on = std::move(go_on)](const login_admission& answer) {
             if (answer.asked_outside)
               self.was_held_up(self.clock().now() - asked);
             switch (answer.said) {
             case login_admission::verdict::admitted:
               return go_on();
             case login_admission::verdict::must_solve:
               return answer_with_offer(self, ec::challenge_required, answer.offer);
             case login_admission::verdict::unclear:
               return answer_with_offer(self, ec::challenge_unavailable, answer.offer);
             }
           });
}

} // namespace weappd::http
