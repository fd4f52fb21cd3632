// What Swift's Glibc module lacks: calls that glibc hides behind macros or variadic functions, or doesn't wrap.
//
// Every function answers like the system call it names: -1 and errno on failure. Every descriptor made here is
// close-on-exec. None of them retries; the callers in DurableFiles know which calls may be repeated.
#ifndef CLINUX_H
#define CLINUX_H

#include <spawn.h>
#include <dirent.h>
#include <stdint.h>
#include <sys/types.h>

// open(2) flags whose macros the importer can't read.
int clinux_o_path(void);
int clinux_o_direct(void);

// openat2(2) that stays beneath `directory` and crosses no symbolic link, magic or not. ENOSYS before Linux 5.6;
// EPERM where a seccomp filter doesn't know the call.
int clinux_open_beneath(int directory, const char *path, int flags);

// An unnamed file in `directory`'s file system, open for reading and writing (O_TMPFILE). EOPNOTSUPP where the
// file system lacks it.
int clinux_open_unnamed(int directory, mode_t mode);

// renameat2(2) with RENAME_NOREPLACE. EINVAL where the file system lacks it.
int clinux_rename_exclusively(int from, const char *name, int to, const char *new_name);

// renameat2(2) with RENAME_EXCHANGE. EINVAL where the file system lacks it.
int clinux_rename_exchange(int from, const char *name, int to, const char *new_name);

// Locks the whole file for its open file description, without waiting (F_OFD_SETLK). `type` is F_RDLCK, F_WRLCK or
// F_UNLCK; EAGAIN or EACCES when another description holds it.
int clinux_lock(int descriptor, int type);

// Makes `to` share all blocks of `from` (FICLONE).
int clinux_clone(int to, int from);

// Turns O_DIRECT on or off for an open file. EINVAL where the file system lacks it.
int clinux_set_direct(int descriptor, int on);

// fallocate(2) of the first `bytes`; without `extend` the file's size stays.
int clinux_allocate(int descriptor, int64_t bytes, int extend);

// Gives an open file a name by its descriptor alone (AT_EMPTY_PATH). ENOENT without the capability before Linux 6.10.
int clinux_link_open_file(int descriptor, int directory, const char *name);

// Begins to write dirty pages to the medium and returns. Promises nothing: only fsync makes them durable.
int clinux_start_writeback(int descriptor, int64_t offset, int64_t count);

// Writes everything of the file system that holds `descriptor` and waits for the medium (syncfs). Tells of failed
// writes since the descriptor was opened only from Linux 5.8 on.
int clinux_sync_file_system(int descriptor);

// The magic number of the file system that holds `descriptor`.
int clinux_file_system_magic(int descriptor, uint64_t *magic);

// The name in a directory entry, which may be shorter in memory than its declared type.
const char *clinux_entry_name(const struct dirent *entry);

// Keeps SQLite's write-ahead log when the last connection closes, and doesn't checkpoint then.
//
// `sqlite3` is the connection. Returns SQLITE_OK, or the first code that isn't; the second setting is then untouched.
int clinux_sqlite_keep_wal(void *sqlite3);

// 1 when both settings of clinux_sqlite_keep_wal are on for this connection, else 0.
int clinux_sqlite_has_kept_wal(void *sqlite3);

// Keeps SQLite from syncing the folder of this connection's write-ahead log, whose name the caller knows to be durable.
//
// Process-wide, for the path of this log alone. 0, or -1 where the library doesn't allow it: then it goes on syncing.
int clinux_sqlite_trust_log_name(void *sqlite3);

// What the connection sees of its write-ahead log: how many frames count, the database's pages, the checksum over all frames
// and the log's two salts, which are bytes 16 to 39 of the header of the log's index
// (https://www.sqlite.org/walformat.html#the_wal_index_header). 0, or -1 where there is no log or somebody changes it just now.
int clinux_sqlite_log_state(void *sqlite3, unsigned char state[24]);

// The version of the SQLite library that is loaded.
const char *clinux_sqlite_version(void);

// POSIX_SPAWN_SETSID, which glibc shows only with _GNU_SOURCE.
static const int clinux_spawn_new_session = 0x80;

// A pipe that children don't inherit, and whose reading end never blocks; 0, or -1 with errno.
int clinux_pipe(int ends[2]);

// Becomes this user and group for good, saved ids included; 0, or -1 with errno.
int clinux_become(unsigned uid, unsigned gid);

// The I/O priority of the calling thread (ioprio_get), and its change (ioprio_set); -1 with errno where the kernel has none.
int clinux_get_io_priority(void);
int clinux_set_io_priority(int priority);

// The class that is served when nobody else wants the medium.
static const int clinux_idle_io_priority = 3 << 13;

// The folder in which a child starts; posix_spawn_file_actions_addchdir_np is declared for GNU sources only.
int clinux_spawn_in(posix_spawn_file_actions_t *actions, const char *folder);
// A child that has no descriptor from this one on.
int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

#endif
