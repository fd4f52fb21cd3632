-- The index, version 1. Everything here can be made again from the files beside it, but for the audit
-- before the head, attempts, and the order of switches (docs/format.md, "What the index alone knows").
-- Digests are 32 raw bytes; times are milliseconds since 1970 in UTC; sizes are bytes.

-- One row per blob whose bytes were made durable under their name. `damaged` is set by verify and cleared
-- when good bytes are put in place.
CREATE TABLE blobs (
  digest  BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
  bytes   INTEGER NOT NULL CHECK (bytes >= 0),
  damaged INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1))
) STRICT, WITHOUT ROWID;

-- publish asks "could these bytes be here already?" by size, before it reads a file twice.
CREATE INDEX blobs_by_bytes ON blobs (bytes);
CREATE INDEX blobs_damaged ON blobs (digest) WHERE damaged = 1;

-- "This inode held exactly these bytes when its times were these." Serves blobs and tree entries alike: a
-- hard link shares its blob's inode, a reflink or copy has its own. No matching stamp means: hash again.
CREATE TABLE stamps (
  inode       INTEGER NOT NULL PRIMARY KEY,
  digest      BLOB    NOT NULL REFERENCES blobs (digest) ON DELETE CASCADE,
  bytes       INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  changed_ns  INTEGER NOT NULL
) STRICT;

CREATE INDEX stamps_by_digest ON stamps (digest);

-- A version is immutable: only whether its tree is here may change.
CREATE TABLE versions (
  id         INTEGER NOT NULL PRIMARY KEY,
  adapter    TEXT    NOT NULL,
  number     INTEGER NOT NULL CHECK (number BETWEEN 1 AND 999999999),
  digest     BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
  -- SHA-256 of the manifest without number, created_at and note: equal means "the same thing again".
  content    BLOB    NOT NULL CHECK (length(content) = 32),
  created_at INTEGER NOT NULL,
  added_at   INTEGER NOT NULL,
  bytes      INTEGER NOT NULL,
  installed  INTEGER NOT NULL CHECK (installed IN (0, 1)),
  -- Its tree holds other bytes than its blobs: where an entry has an inode of its own. Cleared with a new tree.
  damaged    INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
  UNIQUE (adapter, number)
) STRICT;

CREATE INDEX versions_damaged ON versions (digest) WHERE damaged = 1;
CREATE INDEX versions_by_content ON versions (adapter, content);

CREATE TRIGGER versions_are_immutable
BEFORE UPDATE OF adapter, number, digest, content, created_at, bytes ON versions
BEGIN SELECT RAISE(ABORT, 'a version never changes'); END;

CREATE TABLE files (
  version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  path    TEXT    NOT NULL,
  digest  BLOB    NOT NULL,
  bytes   INTEGER NOT NULL,
  PRIMARY KEY (version, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX files_by_digest ON files (digest);

-- Blobs that travel with a version without being files of its tree: the manifests of its archives, the
-- manifest it was imported with. They stay as long as the version is known.
CREATE TABLE attachments (
  version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  digest  BLOB    NOT NULL,
  kind    TEXT    NOT NULL CHECK (kind IN ('archive', 'origin')),
  PRIMARY KEY (version, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX attachments_by_digest ON attachments (digest);

-- Lineage, written in the version's transaction and never rewritten. `parent` is a digest (base, archive)
-- or a job's id.
CREATE TABLE edges (
  version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  kind    TEXT    NOT NULL CHECK (kind IN ('base', 'job', 'archive')),
  parent  TEXT    NOT NULL,
  PRIMARY KEY (version, kind, parent)
) STRICT, WITHOUT ROWID;

CREATE INDEX edges_by_parent ON edges (kind, parent);

-- A generation's row outlives its directory: history refers to it.
CREATE TABLE generations (
  number      INTEGER NOT NULL PRIMARY KEY,
  -- SHA-256 of generation.json, so that a change of it is found.
  digest      BLOB    NOT NULL CHECK (length(digest) = 32),
  -- SHA-256 over the set's digests: "was this set confirmed before?"
  set_digest  BLOB    NOT NULL CHECK (length(set_digest) = 32),
  fallback    INTEGER,
  confirmed   INTEGER NOT NULL CHECK (confirmed IN (0, 1)),
  state       TEXT    NOT NULL CHECK (state IN ('pending', 'abandoned', 'active', 'left')),
  -- The trial: attempts allowed, deadline, and when the link was moved (boot id and boot-time clock).
  attempts    INTEGER NOT NULL,
  deadline_ms INTEGER,
  boot_id     TEXT    NOT NULL,
  uptime_ms   INTEGER NOT NULL,
  -- 0 when the attempts were counted in an index that is lost.
  counted     INTEGER NOT NULL DEFAULT 1 CHECK (counted IN (0, 1)),
  built_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX generations_by_set ON generations (set_digest) WHERE confirmed = 1 AND state <> 'abandoned';
CREATE INDEX generations_pending ON generations (number) WHERE state = 'pending';

CREATE TABLE members (
  generation INTEGER NOT NULL REFERENCES generations (number),
  adapter    TEXT    NOT NULL,
  version    TEXT    NOT NULL,
  digest     BLOB    NOT NULL CHECK (length(digest) = 32),
  PRIMARY KEY (generation, adapter)
) STRICT, WITHOUT ROWID;

CREATE INDEX members_by_digest ON members (digest);

-- One row per boot that was allowed to load a generation on trial.
CREATE TABLE attempts (
  generation INTEGER NOT NULL REFERENCES generations (number),
  ordinal    INTEGER NOT NULL,
  boot_id    TEXT    NOT NULL,
  uptime_ms  INTEGER NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (generation, ordinal)
) STRICT, WITHOUT ROWID;

-- What was done to the link, and what was refused. `switch` numbers only what moved it.
CREATE TABLE history (
  id         INTEGER NOT NULL PRIMARY KEY,
  switch     INTEGER UNIQUE,
  generation INTEGER,
  previous   INTEGER,
  at         INTEGER NOT NULL,
  by         TEXT    NOT NULL,
  kind       TEXT    NOT NULL,
  reason     TEXT,
  -- 'pending' until the link was seen there; then 'done', or 'abandoned'. Refusals are 'refused'.
  state      TEXT    NOT NULL CHECK (state IN ('pending', 'done', 'abandoned', 'refused'))
) STRICT;

CREATE INDEX history_pending ON history (generation) WHERE state = 'pending';
CREATE INDEX history_by_time ON history (at) WHERE state = 'done';

-- Which adapters an entry of the history changed or was about, and from what to what.
CREATE TABLE history_changes (
  adapter TEXT    NOT NULL,
  entry   INTEGER NOT NULL REFERENCES history (id),
  before  TEXT,
  after   TEXT,
  PRIMARY KEY (adapter, entry)
) STRICT, WITHOUT ROWID;

CREATE INDEX history_changes_by_entry ON history_changes (entry);

-- The one row that says where the last recorded switch left the link.
CREATE TABLE head (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  link INTEGER
) STRICT;

INSERT INTO head (id, link) VALUES (1, NULL);

-- The audit: each record carries the digest of the one before it.
CREATE TABLE audit (
  seq     INTEGER NOT NULL PRIMARY KEY,
  at      INTEGER NOT NULL,
  by      TEXT    NOT NULL,
  kind    TEXT    NOT NULL,
  subject TEXT    NOT NULL,
  "from"  TEXT,
  "to"    TEXT,
  reason  TEXT,
  prev    BLOB CHECK (prev IS NULL OR length(prev) = 32),
  digest  BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

CREATE INDEX audit_by_time ON audit (at);

CREATE TRIGGER audit_is_never_rewritten BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

-- Names that a committed deletion has yet to remove; opening finishes them. A name that came back into use
-- before that is struck out by the transaction that brought it back.
CREATE TABLE tombstones (
  kind TEXT NOT NULL CHECK (kind IN ('tree', 'blob', 'generation', 'manifest')),
  name TEXT NOT NULL,
  PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
