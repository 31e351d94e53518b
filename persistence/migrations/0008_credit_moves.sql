-- What messages take of the ledger and give back is first noted in a list, and counted in later, many users at once in
-- their order (credit_moves.hpp), since each message belongs to another place of the ledger.

ALTER TABLE consents ADD COLUMN moved_to INTEGER NOT NULL DEFAULT 0; -- credit_moves.seq: up to it the row has them all

-- What a transaction did to the ledger, for each template. The newest row stays, so that no number comes again.
CREATE TABLE credit_moves (
  seq           INTEGER PRIMARY KEY,
  template_name TEXT NOT NULL,
  moves         BLOB NOT NULL -- of 16 bytes each, low byte first: user 8, reserved 4, used 4 (both signed)
) STRICT;
