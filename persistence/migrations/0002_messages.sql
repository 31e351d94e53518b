-- Messages to users' phones, what users agreed to, and answers that are given again.
-- Small numbers are the enums of messages/push.hpp and messages/outbox.hpp, in their order.

-- A message and its whole life. The id is the key and grows with time, so that rows are added at the end. Every
-- index names only what its question needs: SQLite adds the id to each, which is the order of all lists.
CREATE TABLE messages (
  id               INTEGER PRIMARY KEY CHECK (id > 0),
  user_id          INTEGER NOT NULL REFERENCES users (id), -- no cascade: message_counts would not follow
  state            INTEGER NOT NULL, -- message_state
  reason           INTEGER NOT NULL, -- fail_reason
  attempts         INTEGER NOT NULL,
  holds_credit     INTEGER NOT NULL, -- 1: a credit of consents.reserved is this message's
  priority         INTEGER NOT NULL, -- message_priority
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  send_at          INTEGER NOT NULL,
  due_at           INTEGER NOT NULL, -- while queued: the next attempt
  not_after        INTEGER,          -- NULL: no limit
  first_attempt_at INTEGER,          -- NULL: there was none
  maybe_sent       INTEGER NOT NULL DEFAULT 0, -- 1: an attempt may have sent it
  sent_at          INTEGER,          -- NULL: not sent
  ended_at         INTEGER,          -- NULL: not at its end
  node             INTEGER NOT NULL, -- who leased it last
  leased_until     INTEGER NOT NULL,
  app              TEXT    NOT NULL,
  template_name    TEXT    NOT NULL,
  sender           TEXT    NOT NULL,
  request_id       TEXT    NOT NULL,
  trace_id         TEXT    NOT NULL,
  platform_id      TEXT    NOT NULL,
  sealed_content   BLOB    NOT NULL, -- page and field values
  story            TEXT    NOT NULL  -- a line for each event, appended to
) STRICT;
CREATE INDEX messages_by_state ON messages (state);
CREATE INDEX messages_by_user ON messages (user_id);
CREATE INDEX messages_by_template ON messages (template_name);
-- For forgetting; a message that is under way is not in it.
CREATE INDEX messages_by_end ON messages (ended_at) WHERE ended_at IS NOT NULL;

-- How many messages there are of each kind, so that no list has to count them.
CREATE TABLE message_counts (
  state         INTEGER NOT NULL,
  template_name TEXT    NOT NULL,
  count         INTEGER NOT NULL,
  PRIMARY KEY (state, template_name)
) STRICT, WITHOUT ROWID;

-- The ledger of consents. Credits ever given are the larger of the two counts.
CREATE TABLE consents (
  user_id        INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  template_name  TEXT    NOT NULL,
  need           INTEGER NOT NULL, -- consent_need when it was last reported
  last_answer    INTEGER NOT NULL, -- consent_answer
  client_count   INTEGER NOT NULL, -- accepts of a one-time template that the mini program reported
  platform_count INTEGER NOT NULL, -- the same, that the platform reported
  used           INTEGER NOT NULL, -- credits that were sent with, or that the platform denied
  reserved       INTEGER NOT NULL, -- credits that messages hold
  event_at       INTEGER,          -- of the platform's newest event; NULL: there was none
  updated_at     INTEGER NOT NULL,
  PRIMARY KEY (user_id, template_name)
) STRICT, WITHOUT ROWID;

-- Users whom the platform refuses, until a login or an event says otherwise.
CREATE TABLE user_marks (
  user_id   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  app       TEXT    NOT NULL,
  mark      INTEGER NOT NULL, -- user_mark
  marked_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, app)
) STRICT, WITHOUT ROWID;

-- What must not happen again: business events that were turned into a message, and what was done for a request with an
-- Idempotency-Key.
CREATE TABLE duplicate_guards (
  key_hash     BLOB    NOT NULL PRIMARY KEY CHECK (length(key_hash) = 32), -- of scope and key
  message_id   INTEGER NOT NULL, -- what came of it; 0: no message
  forgotten_at INTEGER NOT NULL  -- from then on it may come again
) STRICT, WITHOUT ROWID;
CREATE INDEX duplicate_guards_by_end ON duplicate_guards (forgotten_at);

-- Answers to requests with an Idempotency-Key.
CREATE TABLE kept_answers (
  id           INTEGER PRIMARY KEY,
  name         BLOB    NOT NULL UNIQUE CHECK (length(name) = 32), -- of caller and key
  fingerprint  BLOB    NOT NULL CHECK (length(fingerprint) = 32), -- of the request
  status       INTEGER NOT NULL,
  sealed_body  BLOB    NOT NULL,
  kept_at      INTEGER NOT NULL,
  forgotten_at INTEGER NOT NULL  -- from then on the key may be used anew
) STRICT;
CREATE INDEX kept_answers_by_end ON kept_answers (forgotten_at);
