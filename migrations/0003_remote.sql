-- What is known of the remote. None of it is the only copy of anything: the remote has it, but for `outbox`, which says
-- what is still to be sent.

-- The remote that the rows below speak of; another one empties them.
CREATE TABLE remote (
  id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  uri       TEXT    NOT NULL,
  -- Up to where its journal was read, by its own clock; NULL: not at all.
  cursor    INTEGER,
  -- When its versions' names were last listed, and when the last sync ended, by this machine's clock.
  listed_at INTEGER,
  synced_at INTEGER
) STRICT;

-- Names of journal entries that were dealt with and lie in the hour before the cursor, which is read again.
CREATE TABLE journal_seen (
  name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Objects that change, by the generation that was read last: channels and robots' reports.
CREATE TABLE remote_objects (
  name       TEXT    NOT NULL PRIMARY KEY,
  generation INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Versions that are to be sent and haven't arrived.
CREATE TABLE outbox (
  version INTEGER NOT NULL PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
  plain   INTEGER NOT NULL CHECK (plain IN (0, 1)),
  since   INTEGER NOT NULL,
  -- Why the last try failed; NULL: there was none.
  problem TEXT
) STRICT;

-- The newest report of each robot.
CREATE TABLE robots (
  robot       TEXT    NOT NULL PRIMARY KEY,
  reported_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE robot_versions (
  robot  TEXT    NOT NULL REFERENCES robots (robot) ON DELETE CASCADE,
  digest BLOB    NOT NULL CHECK (length(digest) = 32),
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  PRIMARY KEY (robot, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX robot_versions_by_digest ON robot_versions (digest);
