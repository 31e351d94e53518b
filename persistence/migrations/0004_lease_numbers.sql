-- An attempt is known by its lease, so that the end of an older one never ends a newer one.

ALTER TABLE messages ADD COLUMN leases INTEGER NOT NULL DEFAULT 0; -- ever taken; while sending the last one is under way
