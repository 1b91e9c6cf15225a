#ifndef CALLOCATION_COUNT_H
#define CALLOCATION_COUNT_H

#include <stdint.h>

/// How often the calling thread has asked for memory through malloc, calloc or realloc.
///
/// Linking this target replaces those three in the whole program, the shared libraries included. Requests for more than
/// malloc's own alignment (aligned_alloc, posix_memalign) are not counted.
uint64_t callocation_count_of_thread(void);

/// The same of all threads together; it stands still unless `callocation_count_all_threads(1)` was called.
uint64_t callocation_count_of_process(void);

/// Begins or ends counting over all threads. It costs a shared atomic per request, so it is off at the start.
void callocation_count_all_threads(int is_on);

#endif
