-- How far the slow reading of everything has come: it goes on where it stopped. One row. Losing it costs a pass.
CREATE TABLE scrub (
  id               INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  -- The pass that is under way: when it began, NULL where none is; the blob that it read last; what it read and found.
  started_at       INTEGER,
  cursor           BLOB CHECK (length(cursor) = 32),
  bytes            INTEGER NOT NULL DEFAULT 0,
  damaged          INTEGER NOT NULL DEFAULT 0,
  -- The last pass that came to its end.
  finished_at      INTEGER,
  finished_bytes   INTEGER NOT NULL DEFAULT 0,
  finished_damaged INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO scrub (id) VALUES (1);
