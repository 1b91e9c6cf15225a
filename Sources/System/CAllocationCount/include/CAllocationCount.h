#ifndef CALLOCATION_COUNT_H
#define CALLOCATION_COUNT_H

#include <stdint.h>

/// The number of the calling thread's allocations through malloc, calloc or realloc.
///
/// Linking this target replaces those three in the whole program, including shared libraries. Requests for more than
/// malloc's own alignment (aligned_alloc, posix_memalign) are not counted.
uint64_t callocation_count_of_thread(void);

/// The same for all threads together; it only changes after `callocation_count_all_threads(1)`.
uint64_t callocation_count_of_process(void);

/// Starts or stops counting across all threads. It costs a shared atomic per request, so it is initially off.
void callocation_count_all_threads(int is_on);

#endif
