#include "message_kit.hpp"
#include "messages/place_among.hpp"

using namespace weappd;
using namespace std::chrono_literals;

using message_list_contract = message_contract;
INSTANTIATE_TEST_SUITE_P(stores, message_list_contract, ::testing::ValuesIn(store_kind_names()),
                         name_of_kind);

namespace {

using ids = std::vector<std::uint64_t>;

list_messages wanted(std::optional<message_state> state, std::optional<user_id> to = {},
                     std::optional<std::string> template_name = {}) {
  list_messages out;
  out.state = state;
  out.to = to;
  out.template_name = std::move(template_name);
  return out;
}

ids ids_in(const caf::expected<message_page>& page) {
  EXPECT_EQ(code_of(page), ec::none);
  ids out;
  if (page)
    for (const auto& item : page->items)
      out.push_back(item.draft.id.value);
  return out;
}

ids ids_in(const unfinished_messages& found) {
  ids out;
  for (const auto& entry : found.entries)
    out.push_back(entry.id.value);
  return out;
}

} // namespace

TEST_P(message_list_contract, is_empty_at_first) {
  const auto page = reader->read(list_messages{});
  EXPECT_TRUE(ids_in(page).empty());
  EXPECT_EQ(page->total, 0u);
  EXPECT_EQ(reader->read(get_newest_message{})->id, message_id{0});
}

TEST_P(message_list_contract, pages_go_from_the_newest_on) {
  for (std::uint64_t id = 1; id <= 7; ++id)
    accept(sample_message(user, id));
  list_messages what;
  what.limit = 3;
  EXPECT_EQ(ids_in(reader->read(what)), (ids{7, 6, 5}));
  what.page = 3;
  EXPECT_EQ(ids_in(reader->read(what)), (ids{1}));
  EXPECT_EQ(total(what), 7u);
  what.page = 4;
  EXPECT_EQ(ids_in(reader->read(what)), (ids{}));
  EXPECT_EQ(total(what), 7u);
  what.page = 4'294'967'295;
  what.limit = 4'294'967'295;
  EXPECT_EQ(ids_in(reader->read(what)), (ids{}));
  what = {};
  what.oldest_first = true;
  what.limit = 2;
  what.page = 2;
  EXPECT_EQ(ids_in(reader->read(what)), (ids{3, 4}));
}

TEST_P(message_list_contract, items_are_whole_but_for_their_stories) {
  accept(sample_message(user, 5));
  auto end = settled(5, message_state::sent);
  end.platform_id = "msgid-5";
  send(5, end);
  const auto page = reader->read(list_messages{});
  ASSERT_EQ(page->items.size(), 1u);
  const auto& item = page->items[0];
  expect_same(item.draft, sample_draft(user, 5));
  EXPECT_EQ(item.state, message_state::sent);
  EXPECT_EQ(item.attempts, 1u);
  EXPECT_EQ(item.sent_at, morning);
  EXPECT_EQ(item.platform_id, "msgid-5");
  EXPECT_TRUE(item.story.empty());
}

TEST_P(message_list_contract, every_filter_and_every_pair_of_them_counts_exactly) {
  const auto other = make_user("openid-2", 1002);
  // Ids 1 to 12: users by turns, templates by turns of two, states by turns of four.
  for (std::uint64_t id = 1; id <= 12; ++id) {
    auto what = sample_message(id % 2 == 0 ? user : other, id);
    what.draft.template_name = id % 4 < 2 ? "custom:a" : "custom:b";
    accept(what);
    if (id > 4)
      lease({id});
    if (id > 8)
      settle(settled(id, message_state::sent));
  }
  const auto check = [&](list_messages what, const ids& wanted) {
    EXPECT_EQ(ids_in(reader->read(what)), wanted);
    EXPECT_EQ(total(what), wanted.size());
    what.oldest_first = true;
    EXPECT_EQ(ids_in(reader->read(what)), ids(wanted.rbegin(), wanted.rend()));
  };
  using enum message_state;
  check(wanted({}), {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1});
  check(wanted(queued), {4, 3, 2, 1});
  check(wanted(sending), {8, 7, 6, 5});
  check(wanted(sending, user), {8, 6});
  check(wanted(sending, {}, "custom:a"), {8, 5});
  check(wanted(sending, user, "custom:b"), {6});
  auto second_page = wanted(sending);
  second_page.page = 2;
  second_page.limit = 3;
  EXPECT_EQ(ids_in(reader->read(second_page)), (ids{5}));
  check(wanted(failed), {});
  check(wanted({}, user), {12, 10, 8, 6, 4, 2});
  check(wanted({}, {}, "custom:a"), {12, 9, 8, 5, 4, 1});
  check(wanted({}, {}, "custom:unknown"), {});
  check(wanted({}, user_id{77}), {});
  check(wanted(sent, other), {11, 9});
  check(wanted(sent, {}, "custom:b"), {11, 10});
  check(wanted({}, user, "custom:b"), {10, 6, 2});
  check(wanted(queued, user, "custom:b"), {2});
  // Of few of a template among many of a state, the other way round is the shorter walk.
  auto rare = sample_message(user, 20);
  rare.draft.template_name = "custom:rare";
  accept(rare);
  check(wanted(queued, {}, "custom:rare"), {20});
  lease({20});
  check(wanted(queued, {}, "custom:rare"), {});
  check(wanted(sending, {}, "custom:rare"), {20});
}

TEST_P(message_list_contract, counts_follow_a_message_through_its_life) {
  const auto counts = [&] {
    std::vector<std::uint64_t> out;
    for (int state = 0; state <= 5; ++state)
      out.push_back(total(wanted(static_cast<message_state>(state))));
    return out;
  };
  using figures = std::vector<std::uint64_t>;
  accept(sample_message(user, 1));
  EXPECT_EQ(counts(), (figures{1, 0, 0, 0, 0, 0}));
  lease({1});
  EXPECT_EQ(counts(), (figures{0, 1, 0, 0, 0, 0}));
  settle(settled(1, message_state::failed));
  EXPECT_EQ(counts(), (figures{0, 0, 0, 1, 0, 0}));
  ASSERT_TRUE(write(requeue_message{{1}, consent_need::none, morning}));
  EXPECT_EQ(counts(), (figures{1, 0, 0, 0, 0, 0}));
  settle(settled(1, message_state::expired));
  EXPECT_EQ(counts(), (figures{0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(accept(needing_credit(user, 2, true)).state, message_state::failed);
  EXPECT_EQ(counts(), (figures{0, 0, 0, 1, 1, 0}));
}

// -- unfinished

TEST_P(message_list_contract, unfinished_messages_come_in_the_order_of_their_ids) {
  for (std::uint64_t id = 1; id <= 6; ++id)
    accept(sample_message(user, id));
  send(1, settled(1, message_state::sent));
  lease({2, 5}, morning + 1s);
  auto again = settled(5, message_state::queued);
  again.next_attempt_at = morning + 1min;
  settle(again);

  const auto found = reader->read(load_unfinished{});
  ASSERT_EQ(code_of(found), ec::none);
  EXPECT_EQ(ids_in(*found), (ids{2, 3, 4, 5, 6}));
  EXPECT_EQ(found->last, message_id{6});
  EXPECT_FALSE(found->more);
  const auto& sending = found->entries[0];
  EXPECT_EQ(sending.state, message_state::sending);
  EXPECT_EQ(sending.attempts, 1u);
  EXPECT_EQ(sending.first_attempt_at, morning + 1s);
  EXPECT_EQ(message(2).updated_at, morning + 1s);
  const auto& waiting = found->entries[1];
  EXPECT_EQ(waiting.to, user);
  EXPECT_EQ(waiting.app, app_key{"demo"});
  EXPECT_EQ(waiting.template_name, order_paid);
  EXPECT_EQ(waiting.priority, message_priority::bulk);
  EXPECT_EQ(waiting.state, message_state::queued);
  EXPECT_EQ(waiting.attempts, 0u);
  EXPECT_EQ(waiting.due_at, morning + 5s);
  EXPECT_EQ(waiting.first_attempt_at, timestamp{});
  EXPECT_EQ(waiting.not_after, morning + 1h);
  EXPECT_EQ(waiting.request_id, "request-3");
  EXPECT_EQ(waiting.trace_id, sample_draft(user, 3).trace_id);
  EXPECT_EQ(waiting.created_at, morning);
  EXPECT_EQ(found->entries[3].due_at, morning + 1min);
}

TEST_P(message_list_contract, each_call_looks_at_limit_messages_and_says_where_to_go_on) {
  for (std::uint64_t id = 1; id <= 5; ++id)
    accept(sample_message(user, id));
  lease({2, 3});
  load_unfinished what{.after = {}, .limit = 2, .shard = 0, .shards = 1};
  std::vector<ids> pages;
  for (bool more = true; more;) {
    const auto found = reader->read(what);
    ASSERT_EQ(code_of(found), ec::none);
    pages.push_back(ids_in(*found));
    what.after = found->last;
    more = found->more;
  }
  EXPECT_EQ(pages, (std::vector<ids>{{1, 2}, {3, 4}, {5}}));
  const auto none = reader->read(what);
  EXPECT_TRUE(none->entries.empty());
  EXPECT_EQ(none->last, message_id{5});
}

TEST_P(message_list_contract, shards_share_the_messages_as_the_directory_does) {
  std::map<std::size_t, ids> wanted;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const auto someone = make_user("openid-" + std::to_string(100 + i), 5000 + 17 * i);
    accept(sample_message(someone, i + 1));
    wanted[pusher_place(someone, 3)].push_back(i + 1);
  }
  ASSERT_GT(wanted.size(), 1u);
  for (std::size_t shard = 0; shard < 3; ++shard) {
    ids found;
    load_unfinished what{.after = {}, .limit = 5, .shard = shard, .shards = 3};
    for (bool more = true; more;) { // goes on over pages without any
      const auto page = reader->read(what);
      for (const auto id : ids_in(*page))
        found.push_back(id);
      what.after = page->last;
      more = page->more;
    }
    EXPECT_EQ(found, wanted[shard]);
  }
}

TEST_P(message_list_contract, the_newest_message_is_the_one_with_the_largest_id) {
  accept(sample_message(user, 9));
  accept(sample_message(user, 4));
  EXPECT_EQ(reader->read(get_newest_message{})->id, message_id{9});
}
