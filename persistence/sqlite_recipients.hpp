#pragma once

#include "messages/outbox.hpp"
#include "messages/user.hpp"
#include "persistence/recent_map.hpp"
#include "persistence/sealed.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd {

/// A user as a message of an app finds him.
struct recipient {
  user_status status = user_status::active;
  user_mark mark = user_mark::none;
  bool has_openid = false;     ///< in the app
  std::optional<openid> who{}; ///< the newest one; nothing also when its box does not open
};

/// To whom messages can go, and the marks on them, within the writer's batch. Each message asks twice, when
/// it is added and when it is leased, and an answer lies in three tables and a box; so the answers of
/// users who were asked about last are remembered. Whoever changes users.status or identities must say so
/// with changed(); marks change here.
///
/// Belongs to the writer's thread. Everything may throw.
class sqlite_recipients {
public:
  /// Users who are remembered, some 250 bytes each, and 150 for each further app.
  static constexpr std::size_t max_remembered = 65'536;

  /// `sealed` must outlive it.
  sqlite_recipients(SQLite::Database& connection, const sealed_columns& sealed);

  /// Null for a user who is not there. Valid until the next call.
  const recipient* find(user_id user, const app_key& app);

  void mark(user_id user, const app_key& app, user_mark mark, timestamp at);
  /// For all apps when the key is empty.
  void clear_marks(user_id user, const app_key& app);

  /// Status or openids of the user are not what they were.
  void changed(user_id user) noexcept { known_.erase(user); }
  /// Nor are anybody's: the transaction was rolled back, or somebody else wrote.
  void discard() noexcept { known_.clear(); }

private:
  using of_apps = std::vector<std::pair<app_key, recipient>>;

  std::optional<recipient> read(user_id user, const app_key& app);

  const sealed_columns& sealed_;
  SQLite::Statement find_standing_;
  SQLite::Statement find_openid_;
  SQLite::Statement put_mark_;
  SQLite::Statement clear_mark_;
  SQLite::Statement clear_marks_;
  recent_map<user_id, of_apps> known_{max_remembered};
};

} // namespace weappd
