#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
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

const void *clinux_find(const void *text, size_t text_length, const void *pattern, size_t pattern_length) {
  return memmem(text, text_length, pattern, pattern_length);
}

int clinux_allowed_processors(void) {
  cpu_set_t processors;
  return sched_getaffinity(0, sizeof processors, &processors) == 0 ? CPU_COUNT(&processors) : 0;
}
