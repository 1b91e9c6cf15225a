#ifndef CLINUX_H
#define CLINUX_H

// Functions of Linux and glibc that Swift's Glibc module lacks.
#include <malloc.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// pthread_setname_np(3) for the calling thread; at most 15 bytes.
void clinux_name_this_thread(const char *name);

/// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS, for which glibc has no function: opens a relative path
/// below `folder`; neither `..` nor a symbolic link can lead outside (EXDEV). ENOSYS before Linux 5.6. Sets errno.
int clinux_open_beneath(int folder, const char *path, int flags);

/// O_PATH, which is only visible with the GNU extensions.
int clinux_path_flag(void);

/// Whether this error of getaddrinfo(3) means that a name does not exist or has no address: EAI_NONAME, or the GNU
/// extensions EAI_NODATA and EAI_ADDRFAMILY.
bool clinux_is_missing_name(int error);

/// memmem(3), which is only visible with the GNU extensions: the first place of the pattern in the text, or null. Its time
/// is linear, whatever the bytes are.
const void *clinux_find(const void *text, size_t text_length, const void *pattern, size_t pattern_length);

/// The number of processors that the calling thread may run on (sched_getaffinity(2)): an affinity mask or a cpuset, which
/// the number of the machine's processors does not reflect. 0 if it is unknown.
int clinux_allowed_processors(void);

#endif
