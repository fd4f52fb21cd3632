// Fails one call of a program: loaded with LD_PRELOAD, told what to do by variables.
//
//   EVIDENCE_ROOT    only calls that concern this folder, or what is below it, are counted
//   EVIDENCE_FAULT   NUMBER:KIND, where NUMBER counts from 1 and KIND is EIO, ENOSPC, EDQUOT, EROFS, EINTR or short
//   EVIDENCE_CALLS   a file that gets a line for each call that was counted: its number, its name, its path
//   EVIDENCE_TIME    what the clock on the wall shows, in seconds since 1970: two runs make the same bytes then
//
// A failed call changes nothing. Kinds that a call can't have (no space for a removal, a short rename) are passed on to the
// next call that can. EROFS stays: from there on nothing below the folder can be changed. The other kinds happen once.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

// What a call may suffer.
enum { READS = 1, CHANGES = 2, TAKES_SPACE = 4, WAITS = 8, SHORTENS = 16 };

static char root[4096];
static size_t root_length;
static int fault_errno, is_short, log_file = -1;
static long wanted;
static atomic_long count;
static atomic_int is_done;

// The C library's own `syscall`, behind the one of this file. Other libraries make calls before this one is set up.
static long (*behind(void))(long, ...) {
  static long (*found)(long, ...);
  if (!found) *(void **)&found = dlsym(RTLD_NEXT, "syscall");
  return found;
}
#define kernel behind()

static ssize_t real_write(int file, const void *bytes, size_t size) { return kernel(SYS_write, file, bytes, size); }

__attribute__((constructor)) static void begin(void) {
  const char *folder = getenv("EVIDENCE_ROOT"), *fault = getenv("EVIDENCE_FAULT"), *calls = getenv("EVIDENCE_CALLS");
  if (!folder || !realpath(folder, root)) return;
  root_length = strlen(root);
  if (calls) log_file = (int)kernel(SYS_openat, AT_FDCWD, calls, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (!fault) return;
  char *kind;
  wanted = strtol(fault, &kind, 10);
  static const struct { const char *name; int code; } kinds[] = {
    {":EIO", EIO}, {":ENOSPC", ENOSPC}, {":EDQUOT", EDQUOT}, {":EROFS", EROFS}, {":EINTR", EINTR}, {":short", 0}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (!strcmp(kind, kinds[i].name)) {
      fault_errno = kinds[i].code;
      is_short = !fault_errno;
      return;
    }
  static const char words[] = "EVIDENCE_FAULT isn't understood\n";
  real_write(2, words, sizeof words - 1);
  _exit(99);
}

static int is_below(const char *path) {
  return root_length && !strncmp(path, root, root_length) && (path[root_length] == '/' || !path[root_length]);
}

// The path of a descriptor, or of a name relative to one.
static int place(int folder, const char *name, char *path) {
  if (name && *name == '/') {
    // /proc/self/fd/N is how an unnamed file gets its name.
    if (!strncmp(name, "/proc/self/fd/", 14)) return place(atoi(name + 14), NULL, path);
    snprintf(path, 4096, "%s", name);
    return is_below(path);
  }
  char link[64];
  ssize_t length;
  if (folder == AT_FDCWD) {
    length = kernel(SYS_getcwd, path, 4096) - 1;
  } else {
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    length = kernel(SYS_readlinkat, AT_FDCWD, link, path, 4095);
  }
  if (length < 0) return 0;
  path[length] = 0;
  if (name && *name) snprintf(path + length, 4096 - length, "/%s", name);
  return is_below(path);
}

// Whether this call suffers; errno is set then.
static int suffers(const char *call, int traits, int folder, const char *name) {
  char path[4096];
  int before = errno;
  if (!root_length || !place(folder, name, path)) {
    errno = before;
    return 0;
  }
  long number = atomic_fetch_add(&count, 1) + 1;
  int can = is_short ? traits & SHORTENS
    : fault_errno == EINTR ? traits & WAITS
    : fault_errno == EROFS ? traits & CHANGES
    : fault_errno == EIO ? 1 : traits & TAKES_SPACE;
  int hit = 0;
  if (wanted && number >= wanted && can) hit = fault_errno == EROFS || !atomic_exchange(&is_done, 1);
  if (log_file >= 0) {
    char line[4400];
    int length = snprintf(line, sizeof line, "%ld %s %s%s\n", number, call, path, hit ? " !" : "");
    real_write(log_file, line, (size_t)length);
  }
  errno = hit && !is_short ? fault_errno : before;
  return hit;
}

static int opening(int flags) {
  int changes = (flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || (flags & O_ACCMODE) != O_RDONLY;
  int takes = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
  return READS | WAITS | (changes ? CHANGES : 0) | (takes ? TAKES_SPACE : 0);
}

static int open_at(int folder, const char *path, int flags, mode_t mode) {
  if (suffers("open", opening(flags), folder, path)) return -1;
  return (int)kernel(SYS_openat, folder, path, flags | O_LARGEFILE, mode);
}

#define MODE(flags, mode) \
  mode_t mode = 0; \
  if ((flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE) { \
    va_list rest; \
    va_start(rest, flags); \
    mode = va_arg(rest, mode_t); \
    va_end(rest); \
  }

int open(const char *path, int flags, ...) { MODE(flags, mode) return open_at(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags, mode) return open_at(AT_FDCWD, path, flags, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE(flags, mode) return open_at(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE(flags, mode) return open_at(folder, path, flags, mode); }

ssize_t read(int file, void *bytes, size_t size) {
  if (suffers("read", READS | WAITS | SHORTENS, file, NULL)) {
    if (!is_short) return -1;
    size = size / 2 + size % 2;
  }
  return kernel(SYS_read, file, bytes, size);
}

static ssize_t read_at(int file, void *bytes, size_t size, off_t offset) {
  if (suffers("pread", READS | WAITS | SHORTENS, file, NULL)) {
    if (!is_short) return -1;
    size = size / 2 + size % 2;
  }
  return kernel(SYS_pread64, file, bytes, size, offset);
}

ssize_t pread(int file, void *bytes, size_t size, off_t offset) { return read_at(file, bytes, size, offset); }
ssize_t pread64(int file, void *bytes, size_t size, off_t offset) { return read_at(file, bytes, size, offset); }

ssize_t write(int file, const void *bytes, size_t size) {
  if (suffers("write", CHANGES | TAKES_SPACE | WAITS | SHORTENS, file, NULL)) {
    if (!is_short) return -1;
    size = size / 2 + size % 2;
  }
  return real_write(file, bytes, size);
}

static ssize_t write_at(int file, const void *bytes, size_t size, off_t offset) {
  if (suffers("pwrite", CHANGES | TAKES_SPACE | WAITS | SHORTENS, file, NULL)) {
    if (!is_short) return -1;
    size = size / 2 + size % 2;
  }
  return kernel(SYS_pwrite64, file, bytes, size, offset);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) { return write_at(file, bytes, size, offset); }
ssize_t pwrite64(int file, const void *bytes, size_t size, off_t offset) { return write_at(file, bytes, size, offset); }

ssize_t writev(int file, const struct iovec *parts, int amount) {
  if (suffers("writev", CHANGES | TAKES_SPACE | WAITS, file, NULL)) return -1;
  return kernel(SYS_writev, file, parts, amount);
}

#define CALL(traits, folder, name, function, parameters, number, ...) \
  int function parameters { \
    if (suffers(#function, traits, folder, name)) return -1; \
    return (int)kernel(number, __VA_ARGS__); \
  }

CALL(CHANGES | WAITS, file, NULL, ftruncate, (int file, off_t size), SYS_ftruncate, file, size)
CALL(CHANGES | WAITS, file, NULL, ftruncate64, (int file, off_t size), SYS_ftruncate, file, size)
CALL(CHANGES | TAKES_SPACE | WAITS, file, NULL, fallocate, (int file, int mode, off_t offset, off_t size),
  SYS_fallocate, file, mode, offset, size)
CALL(CHANGES | TAKES_SPACE | WAITS, file, NULL, fallocate64, (int file, int mode, off_t offset, off_t size),
  SYS_fallocate, file, mode, offset, size)
CALL(CHANGES | TAKES_SPACE, AT_FDCWD, new, rename, (const char *old, const char *new), SYS_rename, old, new)
CALL(CHANGES | TAKES_SPACE, to, new, renameat, (int from, const char *old, int to, const char *new),
  SYS_renameat, from, old, to, new)
CALL(CHANGES | TAKES_SPACE, to, new, renameat2,
  (int from, const char *old, int to, const char *new, unsigned flags), SYS_renameat2, from, old, to, new, flags)
CALL(CHANGES | TAKES_SPACE, AT_FDCWD, new, link, (const char *old, const char *new), SYS_link, old, new)
CALL(CHANGES | TAKES_SPACE, to, new, linkat, (int from, const char *old, int to, const char *new, int flags),
  SYS_linkat, from, old, to, new, flags)
CALL(CHANGES | TAKES_SPACE, AT_FDCWD, path, symlink, (const char *text, const char *path), SYS_symlink, text, path)
CALL(CHANGES | TAKES_SPACE, folder, path, symlinkat, (const char *text, int folder, const char *path),
  SYS_symlinkat, text, folder, path)
CALL(CHANGES, AT_FDCWD, path, unlink, (const char *path), SYS_unlink, path)
CALL(CHANGES, folder, path, unlinkat, (int folder, const char *path, int flags), SYS_unlinkat, folder, path, flags)
CALL(CHANGES, AT_FDCWD, path, rmdir, (const char *path), SYS_rmdir, path)
CALL(CHANGES | TAKES_SPACE, AT_FDCWD, path, mkdir, (const char *path, mode_t mode), SYS_mkdir, path, mode)
CALL(CHANGES | TAKES_SPACE, folder, path, mkdirat, (int folder, const char *path, mode_t mode),
  SYS_mkdirat, folder, path, mode)
CALL(CHANGES, file, NULL, fchmod, (int file, mode_t mode), SYS_fchmod, file, mode)
CALL(TAKES_SPACE | WAITS, file, NULL, fsync, (int file), SYS_fsync, file)
CALL(TAKES_SPACE | WAITS, file, NULL, fdatasync, (int file), SYS_fdatasync, file)
CALL(TAKES_SPACE | WAITS, file, NULL, syncfs, (int file), SYS_syncfs, file)

// Looks: what is passed on goes to the C library, which knows the kernel's structures.
#define NEXT(type, function, parameters) \
  static type (*next) parameters; \
  if (!next) *(void **)&next = dlsym(RTLD_NEXT, #function);
#define LOOK(type, folder, name, function, parameters, ...) \
  type function parameters { \
    if (suffers(#function, READS, folder, name)) return -1; \
    NEXT(type, function, parameters) \
    return next(__VA_ARGS__); \
  }

LOOK(ssize_t, AT_FDCWD, path, readlink, (const char *path, char *text, size_t size), path, text, size)
LOOK(ssize_t, folder, path, readlinkat, (int folder, const char *path, char *text, size_t size), folder, path, text, size)
LOOK(int, AT_FDCWD, path, stat, (const char *path, struct stat *found), path, found)
LOOK(int, AT_FDCWD, path, stat64, (const char *path, struct stat64 *found), path, found)
LOOK(int, AT_FDCWD, path, lstat, (const char *path, struct stat *found), path, found)
LOOK(int, AT_FDCWD, path, lstat64, (const char *path, struct stat64 *found), path, found)
LOOK(int, file, NULL, fstat, (int file, struct stat *found), file, found)
LOOK(int, file, NULL, fstat64, (int file, struct stat64 *found), file, found)
LOOK(int, folder, path, fstatat, (int folder, const char *path, struct stat *found, int flags), folder, path, found, flags)
LOOK(int, folder, path, fstatat64, (int folder, const char *path, struct stat64 *found, int flags), folder, path, found, flags)

// The end of a folder's names and a failure look the same but for errno.
#define NAMES(type, function) \
  struct type *function(DIR *stream) { \
    if (suffers(#function, READS, dirfd(stream), NULL)) return NULL; \
    NEXT(struct type *, function, (DIR *)) \
    return next(stream); \
  }

NAMES(dirent, readdir)
NAMES(dirent64, readdir64)

int fchmodat(int folder, const char *path, mode_t mode, int flags) {
  if (suffers("fchmodat", CHANGES, folder, path)) return -1;
  int (*next)(int, const char *, mode_t, int);
  *(void **)&next = dlsym(RTLD_NEXT, "fchmodat");
  return next(folder, path, mode, flags);
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
  if (suffers("utimensat", CHANGES, folder, path)) return -1;
  return (int)kernel(SYS_utimensat, folder, path, times, flags);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  static const char *fixed;
  if (!fixed && !(fixed = getenv("EVIDENCE_TIME"))) fixed = "";
  if (clock != CLOCK_REALTIME || !*fixed) return (int)kernel(SYS_clock_gettime, clock, now);
  *now = (struct timespec){.tv_sec = strtol(fixed, NULL, 10)};
  return 0;
}

// Calls that the C library has no name for are made by number.
long syscall(long number, ...) {
  va_list rest;
  va_start(rest, number);
  long a = va_arg(rest, long), b = va_arg(rest, long), c = va_arg(rest, long), d = va_arg(rest, long),
    e = va_arg(rest, long), f = va_arg(rest, long);
  va_end(rest);
  if (number == SYS_openat2) {
    int flags = (int)((struct open_how *)c)->flags;
    if (suffers("openat2", opening(flags), (int)a, (const char *)b)) return -1;
  } else if (number == SYS_renameat2) {
    if (suffers("renameat2", CHANGES | TAKES_SPACE, (int)c, (const char *)d)) return -1;
  }
  return kernel(number, a, b, c, d, e, f);
}
