-- What this robot recorded and sent, and its training jobs. The archives' own manifests lie beside them on the remote, so
-- what was sent can be learnt again; jobs that are kept here are kept nowhere else.

-- Archives of episodes that this machine put together and sent, whole and acknowledged.
CREATE TABLE uploads (
  archive     BLOB    NOT NULL PRIMARY KEY CHECK (length(archive) = 32),
  -- The archive's object, as a job names it: gs://BUCKET/PREFIX/episodes/NAME.zip.
  uri         TEXT    NOT NULL,
  bytes       INTEGER NOT NULL,
  episodes    INTEGER NOT NULL,
  uploaded_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX uploads_by_time ON uploads (uploaded_at, archive);

-- Which episodes they hold: an episode that is in one is not sent again.
CREATE TABLE uploaded_episodes (
  digest  BLOB NOT NULL CHECK (length(digest) = 32),
  archive BLOB NOT NULL REFERENCES uploads (archive) ON DELETE CASCADE,
  name    TEXT NOT NULL,
  steps   INTEGER,
  bytes   INTEGER,
  PRIMARY KEY (digest, archive)
) STRICT, WITHOUT ROWID;

CREATE INDEX uploaded_episodes_by_archive ON uploaded_episodes (archive);

-- Jobs of the embedded job store: the document, and what is asked for by.
CREATE TABLE training_jobs (
  job        TEXT    NOT NULL PRIMARY KEY,
  robot      TEXT    NOT NULL,
  status     TEXT    NOT NULL,
  -- Every change has another; the compare-and-swap is on it.
  revision   INTEGER NOT NULL CHECK (revision > 0),
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  document   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX training_jobs_by_time ON training_jobs (created_at, job);
CREATE INDEX training_jobs_by_robot ON training_jobs (robot, created_at, job);
CREATE INDEX training_jobs_by_status ON training_jobs (status, created_at, job);
CREATE INDEX training_jobs_by_robot_and_status ON training_jobs (robot, status, created_at, job);

-- Jobs whose result was installed here, wherever they are kept: each is installed once.
CREATE TABLE installed_jobs (
  job     TEXT    NOT NULL PRIMARY KEY,
  version TEXT    NOT NULL,
  digest  BLOB    NOT NULL CHECK (length(digest) = 32),
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Events that were dealt with: they repeat.
CREATE TABLE seen_events (
  bucket     TEXT    NOT NULL,
  object     TEXT    NOT NULL,
  generation TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (bucket, object, generation)
) STRICT, WITHOUT ROWID;

CREATE INDEX seen_events_by_time ON seen_events (at);
