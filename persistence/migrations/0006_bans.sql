-- Addresses that are not listened to for a while, and those that were, since that makes their next ban longer.

CREATE TABLE bans (
  high      INTEGER NOT NULL, -- of 128 bits: an IPv4 address as ::ffff:a.b.c.d, or the first 64 of an IPv6 address
  low       INTEGER NOT NULL,
  since     INTEGER NOT NULL,
  until     INTEGER NOT NULL,
  times     INTEGER NOT NULL CHECK (times > 0),
  why       INTEGER NOT NULL,
  PRIMARY KEY (high, low)
) STRICT, WITHOUT ROWID;
