#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int clinux_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  // Only the end that is read: a program whose output doesn't block loses what it prints.
  if (fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0) return 0;
  int code = errno;
  close(ends[0]);
  close(ends[1]);
  errno = code;
  return -1;
}

int clinux_become(unsigned uid, unsigned gid) {
  if (setresgid(gid, gid, gid) != 0) return -1;
  return setresuid(uid, uid, uid);
}
