// A disk that writes down what it is told: a FUSE file system with one file, `disk`, for a loop device to stand on.
//
//   blocklog SIZE LOG MOUNTPOINT
//
// LOG gets, in the order of their completion, a record for each request: a byte for its kind, the offset and the length as
// little-endian 64-bit numbers, and for a write its bytes.
//
//   W  bytes were written      Z  bytes became zeros (a discard)      F  the cache was flushed: all before it is durable
//
// A loop device passes every flush of its file system on as an fsync of the file below it, and turns writes that must be
// durable by themselves (FUA) into a write and a flush.
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fuse3/fuse.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static char *disk;
static off_t size;
static int log_file;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void note(char kind, uint64_t offset, uint64_t length, const void *bytes) {
  char head[17] = {kind};
  memcpy(head + 1, &offset, 8);
  memcpy(head + 9, &length, 8);
  struct iovec parts[2] = {{head, sizeof head}, {(void *)bytes, bytes ? length : 0}};
  ssize_t all = (ssize_t)(parts[0].iov_len + parts[1].iov_len);
  if (writev(log_file, parts, 2) != all) {
    perror("blocklog: the log can't be written");
    _exit(1);
  }
}

static int is_disk(const char *path) { return !strcmp(path, "/disk"); }

static int get_attributes(const char *path, struct stat *found, struct fuse_file_info *file) {
  (void)file;
  memset(found, 0, sizeof *found);
  found->st_mode = is_disk(path) ? S_IFREG | 0600 : S_IFDIR | 0700;
  found->st_nlink = 1;
  if (is_disk(path)) found->st_size = size;
  return is_disk(path) || !strcmp(path, "/") ? 0 : -ENOENT;
}

static int open_file(const char *path, struct fuse_file_info *file) {
  file->keep_cache = 1;
  return is_disk(path) ? 0 : -ENOENT;
}

static int read_bytes(const char *path, char *bytes, size_t count, off_t offset, struct fuse_file_info *file) {
  (void)path, (void)file;
  if (offset >= size) return 0;
  if ((off_t)count > size - offset) count = (size_t)(size - offset);
  memcpy(bytes, disk + offset, count);
  return (int)count;
}

static int write_bytes(const char *path, const char *bytes, size_t count, off_t offset, struct fuse_file_info *file) {
  (void)path, (void)file;
  if (offset + (off_t)count > size) return -ENOSPC;
  pthread_mutex_lock(&lock);
  memcpy(disk + offset, bytes, count);
  note('W', (uint64_t)offset, count, bytes);
  pthread_mutex_unlock(&lock);
  return (int)count;
}

static int flush(const char *path, int only_data, struct fuse_file_info *file) {
  (void)path, (void)only_data, (void)file;
  pthread_mutex_lock(&lock);
  note('F', 0, 0, NULL);
  pthread_mutex_unlock(&lock);
  return 0;
}

static int allocate(const char *path, int mode, off_t offset, off_t length, struct fuse_file_info *file) {
  (void)path, (void)file;
  if (!(mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))) return -EOPNOTSUPP;
  if (offset + length > size) return -EINVAL;
  pthread_mutex_lock(&lock);
  memset(disk + offset, 0, (size_t)length);
  note('Z', (uint64_t)offset, (uint64_t)length, NULL);
  pthread_mutex_unlock(&lock);
  return 0;
}

static const struct fuse_operations operations = {
  .getattr = get_attributes, .open = open_file, .read = read_bytes, .write = write_bytes, .fsync = flush,
  .fallocate = allocate,
};

int main(int count, char **words) {
  if (count != 4) {
    fprintf(stderr, "usage: blocklog SIZE LOG MOUNTPOINT\n");
    return 64;
  }
  size = (off_t)strtoll(words[1], NULL, 10);
  disk = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  log_file = open(words[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (disk == MAP_FAILED || log_file < 0) {
    perror("blocklog");
    return 1;
  }
  char *arguments[] = {words[0], "-f", "-o", "fsname=blocklog", words[3], NULL};
  return fuse_main(5, arguments, &operations, NULL);
}
