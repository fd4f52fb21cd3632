// What SQLite's shared memory says of the write-ahead log. It is asked for through the connection: whoever opened the file
// by its name and closed it again would drop all locks that this process has on it.
#include "CLinux.h"

#include <sqlite3.h>
#include <string.h>

int clinux_sqlite_log_state(void *sqlite3, unsigned char state[24]) {
  enum { region = 32768, header = 48, first = 16, length = 24 };
  sqlite3_file *file = NULL;
  if (sqlite3_file_control(sqlite3, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return -1;
  if (!file || !file->pMethods || file->pMethods->iVersion < 2 || !file->pMethods->xShmMap) return -1;
  void volatile *map = NULL;
  if (file->pMethods->xShmMap(file, 0, region, 0, &map) != SQLITE_OK || !map) return -1;
  unsigned char copies[2 * header];
  for (int i = 0; i < 2 * header; i++) copies[i] = ((unsigned char volatile *)map)[i];
  if (memcmp(copies, copies + header, header) != 0) return -1;
  memcpy(state, copies + first, length);
  return 0;
}
