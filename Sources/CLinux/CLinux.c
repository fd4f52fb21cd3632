#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#endif

int clinux_o_path(void) { return O_PATH; }

int clinux_o_direct(void) { return O_DIRECT; }

int clinux_open_beneath(int directory, const char *path, int flags) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = (uint64_t)(unsigned int)(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int clinux_open_unnamed(int directory, mode_t mode) {
  return openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
}

// By number: older C libraries have the kernel's call but not the wrapper.
int clinux_rename_exclusively(int from, const char *name, int to, const char *new_name) {
  return (int)syscall(SYS_renameat2, from, name, to, new_name, RENAME_NOREPLACE);
}

int clinux_rename_exchange(int from, const char *name, int to, const char *new_name) {
  return (int)syscall(SYS_renameat2, from, name, to, new_name, RENAME_EXCHANGE);
}

int clinux_lock(int descriptor, int type) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = (short)type;
  lock.l_whence = SEEK_SET;
  return fcntl(descriptor, F_OFD_SETLK, &lock);
}

int clinux_clone(int to, int from) { return ioctl(to, FICLONE, from); }

int clinux_set_direct(int descriptor, int on) {
  int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0) return -1;
  return fcntl(descriptor, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT);
}

int clinux_allocate(int descriptor, int64_t bytes, int extend) {
  return fallocate(descriptor, extend ? 0 : FALLOC_FL_KEEP_SIZE, 0, bytes);
}

int clinux_link_open_file(int descriptor, int directory, const char *name) {
  return linkat(descriptor, "", directory, name, AT_EMPTY_PATH);
}

int clinux_start_writeback(int descriptor, int64_t offset, int64_t count) {
  return sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

int clinux_sync_file_system(int descriptor) { return syncfs(descriptor); }

int clinux_file_system_magic(int descriptor, uint64_t *magic) {
  struct statfs about;
  if (fstatfs(descriptor, &about) != 0) return -1;
  // The field is signed and as wide as a word; magic numbers have 32 bits.
  *magic = (uint32_t)about.f_type;
  return 0;
}

const char *clinux_entry_name(const struct dirent *entry) { return entry->d_name; }
