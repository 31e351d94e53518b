-- Times are milliseconds since 1970 in UTC. Columns called "sealed" hold AES-256-GCM boxes that open only in
-- their own row (persistence/sealed.hpp); hashes are HMAC-SHA256 with a key that is not in the database.

CREATE TABLE users (
  id            INTEGER PRIMARY KEY CHECK (id > 0),
  nickname      TEXT    NOT NULL,
  avatar_url    TEXT    NOT NULL,
  sealed_phone  BLOB,             -- NULL: not known
  role          INTEGER NOT NULL, -- 0 user, 1 operator
  status        INTEGER NOT NULL, -- 0 active, 1 locked
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL,
  last_login_at INTEGER NOT NULL
) STRICT;

-- Who a user is in each app. The primary key is what makes concurrent first logins of one openid one user.
CREATE TABLE identities (
  app           TEXT    NOT NULL,
  openid_hash   BLOB    NOT NULL CHECK (length(openid_hash) = 32), -- of app and openid
  user_id       INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  sealed_openid BLOB    NOT NULL,
  created_at    INTEGER NOT NULL,
  PRIMARY KEY (app, openid_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_by_user ON identities (user_id, app);

-- Who a user is across the apps of one company. A unionid names one user and stays with that user.
CREATE TABLE unionids (
  unionid_hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(unionid_hash) = 32),
  user_id        INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  sealed_unionid BLOB    NOT NULL,
  created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unionids_by_user ON unionids (user_id);

-- WeChat's session_key of the latest login of a user in an app.
CREATE TABLE session_keys (
  user_id            INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  app                TEXT    NOT NULL,
  sealed_session_key BLOB    NOT NULL,
  updated_at         INTEGER NOT NULL,
  PRIMARY KEY (user_id, app)
) STRICT, WITHOUT ROWID;

-- Logins. The primary key keeps the sessions of one user together: they are always read together.
CREATE TABLE sessions (
  user_id               INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  id                    BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
  app                   TEXT    NOT NULL,
  device_name           TEXT    NOT NULL,
  device_platform       TEXT    NOT NULL,
  created_at            INTEGER NOT NULL,
  last_seen_at          INTEGER NOT NULL,
  refresh_expires_at    INTEGER NOT NULL,
  refresh_hash          BLOB    NOT NULL CHECK (length(refresh_hash) = 32),
  previous_refresh_hash BLOB    NOT NULL CHECK (length(previous_refresh_hash) = 32), -- all zero: there was none
  refreshed_at          INTEGER NOT NULL,
  generation            INTEGER NOT NULL,
  PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

-- One row that is written to find out whether the disk takes writes again.
CREATE TABLE write_probe (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  count INTEGER NOT NULL
) STRICT;
INSERT INTO write_probe (id, count) VALUES (1, 0);
