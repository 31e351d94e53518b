#pragma once

#include "store_kinds.hpp"
#include "store_kit.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace weappd {

/// How a test is called for a kind of store.
inline std::string name_of_kind(const ::testing::TestParamInfo<std::string>& kind) {
  return kind.param;
}

/// A test of the blocking contract, run against every kind of store: one writer, one reader, an empty store.
class store_contract : public ::testing::TestWithParam<std::string> {
protected:
  store_contract() : store(store_kind_named(GetParam()).open(folder.path())) {
    writer = std::move(*store->open_writer());
    reader = std::move(*store->open_reader());
  }

  template <class What>
  auto write(const What& what) {
    return weappd::write(*writer, what);
  }
  /// A user that is there before the test begins.
  user_id make_user(std::string who = "openid-1", std::uint64_t candidate = 1001) {
    const auto made = write(first_login(std::move(who), candidate));
    EXPECT_TRUE(made && made->created);
    return made ? made->user : user_id{};
  }
  user_snapshot load(user_id user) {
    auto loaded = reader->read(load_user{user});
    EXPECT_EQ(code_of(loaded), ec::none);
    return loaded ? std::move(*loaded) : user_snapshot{};
  }
  void add(const session_record& session) {
    EXPECT_EQ(code_of(write(add_session{session, secret("key"), {}})), ec::none);
  }

  temp_folder folder;
  store_backend_ptr store;
  std::unique_ptr<store_writer> writer;
  std::unique_ptr<store_reader> reader;
};

} // namespace weappd
