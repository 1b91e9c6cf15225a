#define _GNU_SOURCE
#include "ScarceFiles.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const int scarce_files_loaded = 1;

static int is_scarce(void) {
  const char *path = getenv("SCARCE_FILES");
  int before = errno;
  int is_there = path && access(path, F_OK) == 0;
  errno = is_there ? EMFILE : before;
  return is_there;
}

/// libdispatch's view of its own threads, which it must not lack.
static int is_spared(const char *path) { return strncmp(path, "/proc/", 6) == 0; }

static mode_t mode_of(int flags, va_list rest) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; }

#define NEXT(name) __typeof__(name) *next = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                          \
  int name(const char *path, int flags, ...) {              \
    NEXT(name);                                             \
    va_list rest;                                           \
    va_start(rest, flags);                                  \
    mode_t mode = mode_of(flags, rest);                     \
    va_end(rest);                                           \
    if (!is_spared(path) && is_scarce()) return -1;         \
    return next(path, flags, mode);                         \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                        \
  int name(int folder, const char *path, int flags, ...) {  \
    NEXT(name);                                             \
    va_list rest;                                           \
    va_start(rest, flags);                                  \
    mode_t mode = mode_of(flags, rest);                     \
    va_end(rest);                                           \
    if (!is_spared(path) && is_scarce()) return -1;         \
    return next(folder, path, flags, mode);                 \
  }
OPENAT(openat)
OPENAT(openat64)

FILE *fopen(const char *path, const char *mode) {
  NEXT(fopen);
  return is_scarce() ? NULL : next(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
  NEXT(fopen64);
  return is_scarce() ? NULL : next(path, mode);
}

int socket(int domain, int type, int protocol) {
  NEXT(socket);
  return is_scarce() ? -1 : next(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int ends[2]) {
  NEXT(socketpair);
  return is_scarce() ? -1 : next(domain, type, protocol, ends);
}

int pipe2(int ends[2], int flags) {
  NEXT(pipe2);
  return is_scarce() ? -1 : next(ends, flags);
}

/// As glibc does where it cannot open its hosts file.
int getaddrinfo(
    const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
    struct addrinfo **restrict found) {
  NEXT(getaddrinfo);
  int needs_files = !hints || !(hints->ai_flags & AI_NUMERICHOST);
  return needs_files && is_scarce() ? EAI_NONAME : next(name, service, hints, found);
}
