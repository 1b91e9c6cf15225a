#ifndef COPENBENEATH_H
#define COPENBENEATH_H

/// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS, which glibc has no function for: a relative path below
/// `folder`, out of which neither `..` nor any symbolic link leads (EXDEV). ENOSYS before Linux 5.6. Sets errno.
int copen_beneath(int folder, const char *path, int flags);

/// O_PATH, which is hidden from programs that do not ask for the extensions of GNU.
int copen_path_flag(void);

#endif
