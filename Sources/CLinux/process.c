#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
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
