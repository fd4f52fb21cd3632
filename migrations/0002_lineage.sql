-- Lineage beyond one version, channels, evaluations, origins, and counts. As in version 1, all of it can be made
-- again from the files beside the index: marks, manifests and blobs.

-- The manifests of episode archives that are blobs here: what an archive holds, as its own document says. Keyed by
-- the manifest, as that is what never changes; an archive that two manifests speak of has two rows.
CREATE TABLE archives (
  manifest   BLOB NOT NULL PRIMARY KEY CHECK (length(manifest) = 32),
  archive    BLOB NOT NULL CHECK (length(archive) = 32),
  bytes      INTEGER,
  robot      TEXT,
  created_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX archives_by_archive ON archives (archive);

CREATE TABLE episodes (
  manifest BLOB    NOT NULL REFERENCES archives (manifest) ON DELETE CASCADE,
  name     TEXT    NOT NULL,
  digest   BLOB    NOT NULL CHECK (length(digest) = 32),
  steps    INTEGER,
  bytes    INTEGER,
  PRIMARY KEY (manifest, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX episodes_by_name ON episodes (name);
CREATE INDEX episodes_by_digest ON episodes (digest);

-- Manifests of archives that are attached to a version and not in `archives` yet. Whoever attaches one reads it in
-- the same transaction; what was attached under schema 1 is read by the next opening. A row that stays names a
-- document that is missing, damaged or malformed, and `doctor` says so.
CREATE TABLE unread_archives (
  manifest BLOB NOT NULL PRIMARY KEY CHECK (length(manifest) = 32)
) STRICT, WITHOUT ROWID;

INSERT INTO unread_archives (manifest) SELECT DISTINCT digest FROM attachments WHERE kind = 'archive';

-- Measured results that were attached to a version after it was made; the document is a blob, and a mark under
-- marks/evaluations names it.
CREATE TABLE evaluations (
  version INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  digest  BLOB    NOT NULL CHECK (length(digest) = 32),
  at      INTEGER NOT NULL,
  by      TEXT    NOT NULL,
  PRIMARY KEY (version, digest)
) STRICT, WITHOUT ROWID;

CREATE INDEX evaluations_by_digest ON evaluations (digest);

-- What an imported version was called where it came from: `seed/v1.0.0`.
CREATE TABLE origins (
  version INTEGER NOT NULL PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
  adapter TEXT    NOT NULL,
  name    TEXT    NOT NULL
) STRICT;

CREATE INDEX origins_by_name ON origins (adapter, name);

-- Every setting of a channel, oldest first; marks/channels has one mark for each.
CREATE TABLE channel_history (
  adapter TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  seq     INTEGER NOT NULL CHECK (seq > 0),
  version TEXT    NOT NULL,
  digest  BLOB    NOT NULL CHECK (length(digest) = 32),
  at      INTEGER NOT NULL,
  by      TEXT    NOT NULL,
  reason  TEXT,
  PRIMARY KEY (adapter, name, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER channel_history_is_never_rewritten BEFORE UPDATE ON channel_history
BEGIN SELECT RAISE(ABORT, 'the history of a channel is append-only'); END;

-- The newest setting of each channel: what `robot_001@stable` means.
CREATE TABLE channels (
  adapter TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  seq     INTEGER NOT NULL,
  digest  BLOB    NOT NULL CHECK (length(digest) = 32),
  PRIMARY KEY (adapter, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX channels_by_digest ON channels (digest);

CREATE TRIGGER channels_follow_history AFTER INSERT ON channel_history
BEGIN
  INSERT INTO channels (adapter, name, seq, digest) VALUES (new.adapter, new.name, new.seq, new.digest)
  ON CONFLICT (adapter, name) DO UPDATE SET seq = excluded.seq, digest = excluded.digest
  WHERE excluded.seq > seq;
END;

-- What is installed, for sweeps of gc and verify, and oldest first for a quota.
CREATE INDEX versions_installed ON versions (adapter, number) WHERE installed = 1;
CREATE INDEX versions_installed_by_age ON versions (created_at, id) WHERE installed = 1;

-- The one row of counts, so that `status` costs the same whatever is stored.
CREATE TABLE totals (
  id        INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  versions  INTEGER NOT NULL,
  installed INTEGER NOT NULL,
  blobs     INTEGER NOT NULL,
  bytes     INTEGER NOT NULL
) STRICT;

INSERT INTO totals (id, versions, installed, blobs, bytes)
SELECT 1, (SELECT count(*) FROM versions), (SELECT count(*) FROM versions WHERE installed = 1),
  (SELECT count(*) FROM blobs), (SELECT coalesce(sum(bytes), 0) FROM blobs);

CREATE TRIGGER versions_are_counted AFTER INSERT ON versions
BEGIN UPDATE totals SET versions = versions + 1, installed = installed + new.installed; END;

CREATE TRIGGER installed_are_counted AFTER UPDATE OF installed ON versions WHEN old.installed <> new.installed
BEGIN UPDATE totals SET installed = installed + new.installed - old.installed; END;

CREATE TRIGGER versions_are_discounted AFTER DELETE ON versions
BEGIN UPDATE totals SET versions = versions - 1, installed = installed - old.installed; END;

CREATE TRIGGER blobs_are_counted AFTER INSERT ON blobs
BEGIN UPDATE totals SET blobs = blobs + 1, bytes = bytes + new.bytes; END;

CREATE TRIGGER blobs_are_measured AFTER UPDATE OF bytes ON blobs WHEN old.bytes <> new.bytes
BEGIN UPDATE totals SET bytes = bytes + new.bytes - old.bytes; END;

CREATE TRIGGER blobs_are_discounted AFTER DELETE ON blobs
BEGIN UPDATE totals SET blobs = blobs - 1, bytes = bytes - old.bytes; END;
