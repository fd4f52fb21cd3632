-- What sync must not forget.

-- A version waits for one remote, and not for whichever is set later. Refused: the remote has another version of this
-- name; it isn't tried again by itself, and stays so that people are told.
ALTER TABLE outbox ADD COLUMN uri TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN refused INTEGER NOT NULL DEFAULT 0 CHECK (refused IN (0, 1));

UPDATE outbox SET uri = coalesce((SELECT uri FROM remote WHERE id = 1), '');

CREATE INDEX outbox_by_uri ON outbox (uri, refused, version);

-- Versions of the remote that couldn't be brought: bad, incomplete, or too large for the disk. They are tried again, with
-- longer and longer waits, and told of until they are here.
CREATE TABLE unfetched (
  version  TEXT    NOT NULL PRIMARY KEY,
  digest   BLOB CHECK (length(digest) = 32),
  problem  TEXT    NOT NULL,
  since    INTEGER NOT NULL,
  tried_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX unfetched_by_try ON unfetched (tried_at, version);
