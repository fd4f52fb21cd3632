#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <unistd.h>

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK); }

int clinux_become(unsigned uid, unsigned gid) {
  if (setresgid(gid, gid, gid) != 0) return -1;
  return setresuid(uid, uid, uid);
}
