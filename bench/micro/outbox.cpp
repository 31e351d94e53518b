// What a message costs the store: added, leased, settled, in batches, on a real file. OUTBOX_FOLDER names the
// folder of the file (default: the working directory); it must be on the disk that is to be measured.
#include "config/crypto/random.hpp"
#include "config/keyring.hpp"
#include "config/options.hpp"
#include "messages/error.hpp"
#include "persistence/message_content.hpp"
#include "persistence/sealed.hpp"
#include "persistence/sqlite_store.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace weappd;
namespace fs = std::filesystem;

constexpr std::uint64_t users = 10'000;
constexpr std::int64_t start_ms = 1'795'249'800'000;

key_set keys() {
  const auto ring = [](const char* id, char fill) {
    return keyring({{id, secret(std::string(32, fill))}}, id);
  };
  return {.signing = ring("s1", 's'), .encryption = ring("k1", 'k'), .lookup = ring("l1", 'l')};
}

timestamp now() {
  return timestamp(std::chrono::milliseconds(start_ms));
}

/// A new store with users, in a folder that goes away.
class measured_store {
public:
  measured_store() {
    const auto* base = std::getenv("OUTBOX_FOLDER");
    folder_ = fs::path(base != nullptr ? base : ".") / "bench-outbox";
    fs::remove_all(folder_);
    store_options options;
    options.path = (folder_ / "store.db").string();
    auto opened = open_sqlite_store(options, keys(), random_);
    if (!opened)
      throw std::runtime_error(detail_of(opened.error()));
    writer_ = std::move(*(*opened)->open_writer());
    add_users();
  }
  ~measured_store() {
    writer_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  /// Runs `each` for every index of a batch.
  template <class Each>
  void batch(std::int64_t size, Each&& each) {
    must(!writer_->begin());
    for (std::int64_t i = 0; i < size; ++i)
      must(static_cast<bool>(each(*writer_)));
    must(!writer_->commit());
  }
  void add(std::int64_t size, consent_need need) {
    batch(size, [&](store_writer& writer) { return writer.apply(next_message(need)); });
  }
  /// The ids of a batch that was added.
  std::vector<message_id> added(std::int64_t size) {
    std::vector<message_id> ids;
    const auto first = next_id_;
    add(size, consent_need::one_time);
    for (auto id = first; id < next_id_; ++id)
      ids.push_back({id});
    return ids;
  }
  caf::expected<messages_leased> lease(store_writer& writer, std::vector<message_id> ids) {
    return writer.apply(lease_messages{.ids = std::move(ids), .node = 1, .at = now(), .until = now()});
  }
  caf::expected<stored> settle(store_writer& writer, const std::vector<message_id>& ids) {
    settle_messages what;
    for (const auto id : ids) {
      settlement one;
      one.id = id;
      one.lease = 1;
      one.credit = credit_outcome::spent;
      one.at = now();
      one.platform_id = "2123456789012345678";
      message_event event;
      event.what = message_event::kind::attempt;
      event.state = message_state::sent;
      event.at = one.at;
      event.rule = "accepted";
      event.outcome = "accepted";
      event.rid = "6752e4b1-3f1d2a0b-12345678";
      event.attempt = 1;
      event.token_epoch = 7;
      one.events = {event};
      what.items.push_back(one);
    }
    return writer.apply(what);
  }

private:
  static void must(bool worked) {
    if (!worked)
      throw std::runtime_error("the store refused");
  }

  void add_users() {
    batch(static_cast<std::int64_t>(users), [this](store_writer& writer) {
      const user_id user{++made_};
      must(!!writer.apply(resolve_identity{.app = {"demo"},
                                           .who = openid("openid-" + std::to_string(user.value)),
                                           .union_id = {},
                                           .candidate = user,
                                           .at = now()}));
      record_consents consents;
      consents.user = user;
      consents.at = now();
      consents.answers.assign(20, {.template_name = "custom:order_paid"});
      return writer.apply(consents);
    });
  }

  add_message next_message(consent_need need) {
    add_message out;
    auto& draft = out.draft;
    draft.id = {next_id_++};
    draft.to = {1 + draft.id.value * 7919 % users};
    draft.app = {"demo"};
    draft.template_name = "custom:order_paid";
    draft.page = "pages/order/detail?id=20261125000123";
    draft.data = {{"character_string1", "20261125000123"},
                  {"amount2", "128.50"},
                  {"time3", "2026-11-25 08:30"},
                  {"thing4", "two tickets for tonight"}};
    draft.created_at = draft.send_at = now();
    draft.sender = "client:demo";
    draft.request_id = "0123456789abcdef0123456789abcdef";
    draft.trace_id = "0123456789abcdef0123456789abcdef";
    out.need = need;
    return out;
  }

  crypto::system_random random_;
  fs::path folder_;
  std::unique_ptr<store_writer> writer_;
  std::uint64_t made_ = 0;
  std::uint64_t next_id_ = std::uint64_t{1} << 60;
};

void add(benchmark::State& state) {
  measured_store store;
  for (auto _ : state)
    store.add(state.range(0), consent_need::none);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(add)->Arg(1)->Arg(16)->Arg(64)->Arg(512)->UseRealTime()->MinTime(2);

void add_with_credit(benchmark::State& state) {
  measured_store store;
  for (auto _ : state)
    store.add(state.range(0), consent_need::one_time);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(add_with_credit)->Arg(16)->Arg(64)->Arg(512)->UseRealTime()->MinTime(2);

/// Settling is left out of the time; so is adding.
void lease(benchmark::State& state) {
  measured_store store;
  for (auto _ : state) {
    state.PauseTiming();
    auto ids = store.added(state.range(0));
    state.ResumeTiming();
    store.batch(1, [&](store_writer& writer) { return store.lease(writer, std::move(ids)); });
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(lease)->Arg(1)->Arg(16)->Arg(64)->Arg(512)->UseRealTime()->MinTime(1);

void settle(benchmark::State& state) {
  measured_store store;
  for (auto _ : state) {
    state.PauseTiming();
    const auto ids = store.added(state.range(0));
    store.batch(1, [&](store_writer& writer) { return store.lease(writer, ids); });
    state.ResumeTiming();
    store.batch(1, [&](store_writer& writer) { return store.settle(writer, ids); });
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(settle)->Arg(1)->Arg(16)->Arg(64)->Arg(512)->UseRealTime()->MinTime(1);

void seal_content(benchmark::State& state) {
  crypto::system_random random;
  const sealed_columns sealed(keys(), random);
  const std::string packed(160, 'x');
  for (auto _ : state)
    benchmark::DoNotOptimize(sealed.seal_content(packed, {1}));
}
BENCHMARK(seal_content);

void open_content(benchmark::State& state) {
  crypto::system_random random;
  const sealed_columns sealed(keys(), random);
  const auto box = sealed.seal_content(std::string(160, 'x'), {1});
  for (auto _ : state)
    benchmark::DoNotOptimize(sealed.open_content(box, {1}));
}
BENCHMARK(open_content);

} // namespace

BENCHMARK_MAIN();
