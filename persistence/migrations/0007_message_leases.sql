-- That a message is being sent is a small row beside it, which comes and goes; its own row is written when the attempt
-- is over. Until then state, attempts and leases there are those from before the attempt. What messages has of node and
-- leased_until is not used any more.

CREATE TABLE message_leases (
  id           INTEGER PRIMARY KEY, -- of the message
  leased_at    INTEGER NOT NULL,
  leased_until INTEGER NOT NULL,
  node         INTEGER NOT NULL     -- who leased it
) STRICT;
INSERT INTO message_leases (id, leased_at, leased_until, node)
  SELECT id, updated_at, leased_until, node FROM messages WHERE state = 1;
UPDATE messages SET state = 0, attempts = attempts - 1, leases = leases - 1 WHERE state = 1;
