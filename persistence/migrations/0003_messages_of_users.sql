-- Which messages a user has: an index that is filled some time after the message (message_user_index.hpp), many rows at
-- once in the order of the users, since each new message belongs at another place of it.
CREATE TABLE messages_of_users (
  user_id INTEGER NOT NULL,
  id      INTEGER NOT NULL, -- of the message
  PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;
INSERT INTO messages_of_users (user_id, id) SELECT user_id, id FROM messages ORDER BY user_id, id;
DROP INDEX messages_by_user;

-- The messages that are not in it yet, or not for certain, in the order in which they came.
CREATE TABLE messages_to_index (
  seq     INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL,
  id      INTEGER NOT NULL
) STRICT;
