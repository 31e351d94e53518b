-- Followers of official accounts who are no users: they wait until a login brings their unionid. What is sealed is
-- sealed as in identities, so that the row can move there as it is.

CREATE TABLE followers (
  app           TEXT    NOT NULL,
  openid_hash   BLOB    NOT NULL CHECK (length(openid_hash) = 32), -- of app and openid
  unionid_hash  BLOB    NOT NULL CHECK (length(unionid_hash) = 32),
  sealed_openid BLOB    NOT NULL,
  seen_at       INTEGER NOT NULL,
  PRIMARY KEY (app, openid_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX followers_by_unionid ON followers (unionid_hash);
