#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

void clinux_name_this_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int clinux_open_beneath(int folder, const char *path, int flags) {
  struct open_how how = {.flags = (unsigned)flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
  return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

int clinux_path_flag(void) { return O_PATH; }

bool clinux_is_missing_name(int error) {
  return error == EAI_NONAME || error == EAI_NODATA || error == EAI_ADDRFAMILY;
}
