-- By what a server sees at its start that its keys are those that the store was written with (key_check.hpp).

CREATE TABLE key_checks (
  purpose INTEGER NOT NULL, -- 0 lookup: one row; 1 encryption: one for each key that may have sealed something
  key_id  TEXT    NOT NULL,
  value   BLOB    NOT NULL, -- of a fixed text: lookup its keyed hash, encryption a sealed box with it
  PRIMARY KEY (purpose, key_id)
) STRICT, WITHOUT ROWID;
