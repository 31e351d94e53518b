#include "tests/simulation/business.hpp"

#include "tests/kit/actors/seeded_random.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace weappd::simulation {
namespace {

using namespace std::chrono_literals;

keyed_hash hash_of(std::uint64_t number) {
  keyed_hash hash;
  seeded_random(number).fill(hash.bytes);
  return hash;
}

/// Answers after which nothing of a message is left: nobody will ever see it.
bool is_definite(ec refusal) {
  return refusal == ec::user_not_found || refusal == ec::no_openid || refusal == ec::queue_full ||
         refusal == ec::template_not_found;
}

} // namespace

void business::act() {
  std::erase_if(open_, [](const order_ptr& one) { return one->answered || one->tries >= 6; });
  if (stage_.chance(60))
    return retry_a_failed_one();
  const bool patient = stage_.chance(800); // or it does not wait for the answer any more
  const auto again =
      std::ranges::find_if(open_, [&](const order_ptr& one) { return !patient || !one->under_way; });
  if (again != open_.end() && stage_.chance(400))
    return attempt(*again);
  post();
}

void business::lose_connections() {
  for (const auto& one : open_)
    one->under_way = false;
}

void business::post() {
  if (stage_.users.empty())
    return;
  const auto whom =
      std::next(stage_.users.begin(), static_cast<std::ptrdiff_t>(stage_.draw(stage_.users.size())));
  const auto one = std::make_shared<order>();
  const auto number = static_cast<std::uint64_t>(number_) * 1'000'000 + ++orders_;
  const auto kind = stage_.draw(10);
  one->key = std::to_string(number);
  one->slot = {.name = hash_of(2 * number), .fingerprint = hash_of(2 * number + 1)};
  one->to = stage_.chance(15) ? user_id{404} : whom->second;
  one->template_name = kind < 5   ? "custom:order_paid"
                       : kind < 8 ? "custom:ticket_ready"
                                  : "industry:order_confirm";
  open_.push_back(one);
  attempt(one);
  if (stage_.chance(80)) // it has not waited for the answer
    attempt(one);
}

void business::attempt(const order_ptr& one) {
  ++one->tries;
  one->under_way = true;
  const auto desk = stage_.server().directory().once_desks.pick(std::hash<keyed_hash>{}(one->slot.name));
  stage_.ask<once_verdict>(client(), me() + " begins " + one->key, desk, begin_once{one->slot},
                           [this, one](caf::expected<once_verdict>& verdict) {
                             one->under_way = false;
                             if (!verdict)
                               return;
                             if (!verdict->replay)
                               return send(one);
                             stage_.count("replays");
                             one->answered = true;
                             stage_.work.answered(one->key,
                                                  *parse_message_id(verdict->replay->body.reveal()));
                           });
}

message_draft business::draft_of(const order& one) {
  message_draft draft;
  draft.id = {static_cast<std::uint64_t>(number_) * 1'000'000'000 + ++messages_};
  draft.to = one.to;
  draft.app = {one.template_name == "industry:order_confirm" ? "demo_oa" : "demo"};
  draft.template_name = one.template_name;
  draft.priority = static_cast<message_priority>(stage_.draw(3));
  draft.data = {{"thing1", to_string(draft.id)}};
  draft.created_at = draft.send_at = stage_.now();
  if (stage_.chance(100))
    draft.send_at += std::chrono::milliseconds(stage_.draw(20'000));
  if (stage_.chance(150))
    draft.not_after = draft.send_at + std::chrono::milliseconds(1'000 + stage_.draw(30'000));
  draft.sender = "client:demo";
  draft.request_id = one.key;
  return draft;
}

void business::send(const order_ptr& one) {
  one->under_way = true;
  auto draft = draft_of(*one);
  const auto id = draft.id;
  const kept_answer told{202, secret(to_string(id))};
  stage_.sent.asked(id);
  stage_.work.tried(one->key, id);
  const auto pusher = stage_.server().directory().pusher_of(one->to);
  stage_.ask<message_accepted>(client(), me() + " posts " + one->key + " as message " + to_string(id), pusher,
                               accept_message{.draft = std::move(draft),
                                              .guard = {},
                                              .once = {},
                                              .answers = kept_answers{one->slot, told, told, told, told}},
                               [this, one, id](caf::expected<message_accepted>& answer) {
                                 one->under_way = false;
                                 if (answer) {
                                   one->answered = true;
                                   stage_.count("messages");
                                   stage_.work.answered(one->key, answer->id);
                                 } else if (is_definite(code_of(answer.error()))) {
                                   one->answered = true;
                                   stage_.sent.refused(id);
                                 }
                                 give_slot_back(one);
                               });
}

/// As a request actor does: the handler has stored the answer, or there is none to keep.
void business::give_slot_back(const order_ptr& one) {
  const auto desk = stage_.server().directory().once_desks.pick(std::hash<keyed_hash>{}(one->slot.name));
  if (desk)
    stage_.server().tell(desk, end_once{one->slot, std::nullopt});
}

void business::retry_a_failed_one() {
  const auto& all = stage_.store->messages;
  if (all.empty())
    return;
  const auto from = std::next(all.begin(), static_cast<std::ptrdiff_t>(stage_.draw(all.size())));
  const auto failed = std::find_if(
      from, all.end(), [](const auto& row) { return row.second.record.state == message_state::failed; });
  if (failed == all.end())
    return;
  const auto& draft = failed->second.record.draft;
  const auto id = draft.id;
  stage_.sent.asked(id);
  stage_.ask<message_accepted>(
      client(), me() + " retries message " + to_string(id), stage_.server().directory().pusher_of(draft.to),
      retry_message{.id = id, .to = draft.to, .template_name = draft.template_name, .once = {}},
      [this](caf::expected<message_accepted>& answer) {
        if (!answer)
          return;
        stage_.count("retries");
        stage_.work.accepted(answer->id);
      });
}

} // namespace weappd::simulation
