#ifndef SCARCE_FILES_H
#define SCARCE_FILES_H

/// A library that a test has a program load (LD_PRELOAD): the program finds that it may open no more files for as long
/// as the file exists that $SCARCE_FILES names.
///
/// A limit of the process itself (RLIMIT_NOFILE) would also end it, now and then: Swift's libdispatch looks at its own
/// threads in /proc each second, and traps where it cannot.
extern const int scarce_files_loaded;

#endif
