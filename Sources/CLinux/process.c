#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <unistd.h>

int clinux_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  // The writer is a stranger: it must not find that its output fails for a moment.
  return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int clinux_become(unsigned uid, unsigned gid) {
  if (setresgid(gid, gid, gid) != 0) return -1;
  return setresuid(uid, uid, uid);
}

int clinux_spawn_in(posix_spawn_file_actions_t *actions, const char *folder) {
  return posix_spawn_file_actions_addchdir_np(actions, folder);
}

int clinux_spawn_close_from(posix_spawn_file_actions_t *actions, int first) {
  return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

enum { this_process = 1, this_thread = 0 };

int clinux_get_io_priority(void) { return (int)syscall(SYS_ioprio_get, this_process, this_thread); }

int clinux_set_io_priority(int priority) {
  return (int)syscall(SYS_ioprio_set, this_process, this_thread, priority);
}
