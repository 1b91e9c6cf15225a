#ifndef CLINUX_H
#define CLINUX_H

// What Linux and glibc have and Swift's Glibc lacks.
#include <malloc.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// pthread_setname_np(3) of the calling thread; at most 15 bytes.
void clinux_name_this_thread(const char *name);

/// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS, which glibc has no function for: a relative path below
/// `folder`, out of which neither `..` nor any symbolic link leads (EXDEV). ENOSYS before Linux 5.6. Sets errno.
int clinux_open_beneath(int folder, const char *path, int flags);

/// O_PATH, which is hidden from programs that do not ask for the extensions of GNU.
int clinux_path_flag(void);

/// Whether getaddrinfo(3) says with this error that a name does not exist, or has no address: EAI_NONAME, and EAI_NODATA and
/// EAI_ADDRFAMILY, which are extensions of GNU too.
bool clinux_is_missing_name(int error);

#endif
