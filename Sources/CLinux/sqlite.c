// Two settings of SQLite that Swift can't reach: sqlite3_db_config is variadic, and a file control takes a pointer.
#include "CLinux.h"

#include <sqlite3.h>
#include <stddef.h>

int clinux_sqlite_keep_wal(void *sqlite3) {
  int on = 1;
  int code = sqlite3_file_control(sqlite3, "main", SQLITE_FCNTL_PERSIST_WAL, &on);
  if (code != SQLITE_OK) return code;
  return sqlite3_db_config(sqlite3, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

int clinux_sqlite_has_kept_wal(void *sqlite3) {
  // A negative value asks without changing anything.
  int persistent = -1;
  if (sqlite3_file_control(sqlite3, "main", SQLITE_FCNTL_PERSIST_WAL, &persistent) != SQLITE_OK) return 0;
  int without_checkpoint = 0;
  if (sqlite3_db_config(sqlite3, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, -1, &without_checkpoint) != SQLITE_OK) return 0;
  return persistent == 1 && without_checkpoint == 1;
}

const char *clinux_sqlite_version(void) { return sqlite3_libversion(); }
