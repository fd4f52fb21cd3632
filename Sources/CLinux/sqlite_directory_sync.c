#include "CLinux.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

// SQLite syncs the folder of a write-ahead log before the first sync of the log itself, once per connection, whether or
// not the log is new. Where the caller knows that the log's name is durable, that flush buys nothing. The unix VFS
// lets "openDirectory" be replaced; when it fails, SQLite goes on without the sync (os_unix.c, unixSync). Only the
// paths that were registered here are answered so: other databases of the process keep the flush.

typedef int (*open_directory_call)(const char *, int *);

struct path {
  struct path *next;
  char text[];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct path *paths;
static open_directory_call original;

static int is_registered(const char *text) {
  pthread_mutex_lock(&mutex);
  struct path *path = paths;
  while (path != NULL && strcmp(path->text, text) != 0) path = path->next;
  pthread_mutex_unlock(&mutex);
  return path != NULL;
}

static int open_directory(const char *path, int *descriptor) {
  return is_registered(path) ? SQLITE_CANTOPEN : original(path, descriptor);
}

static int replace_call(void) {
  if (original != NULL) return 0;
  sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
  if (vfs == NULL || vfs->iVersion < 3) return -1;
  original = (open_directory_call)vfs->xGetSystemCall(vfs, "openDirectory");
  if (original == NULL) return -1;
  return vfs->xSetSystemCall(vfs, "openDirectory", (sqlite3_syscall_ptr)open_directory) == SQLITE_OK ? 0 : -1;
}

int clinux_sqlite_trust_log_name(void *sqlite3) {
  const char *database = sqlite3_db_filename(sqlite3, "main");
  if (database == NULL || *database == 0) return -1;
  size_t length = strlen(database);
  struct path *path = malloc(sizeof *path + length + sizeof "-wal");
  if (path == NULL) return -1;
  memcpy(path->text, database, length);
  memcpy(path->text + length, "-wal", sizeof "-wal");
  if (is_registered(path->text)) {
    free(path);
    return 0;
  }
  pthread_mutex_lock(&mutex);
  int result = replace_call();
  if (result == 0) {
    path->next = paths;
    paths = path;
  } else {
    free(path);
  }
  pthread_mutex_unlock(&mutex);
  return result;
}
