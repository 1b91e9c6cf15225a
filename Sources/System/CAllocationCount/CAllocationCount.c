#include "CAllocationCount.h"
#include <stdatomic.h>
#include <stddef.h>

// Initial-exec: a lazily allocated slot would be allocated by malloc itself.
static _Thread_local uint64_t of_thread __attribute__((tls_model("initial-exec")));
static _Atomic uint64_t of_process;
static _Atomic int counts_process;

uint64_t callocation_count_of_thread(void) { return of_thread; }

uint64_t callocation_count_of_process(void) { return atomic_load_explicit(&of_process, memory_order_relaxed); }

void callocation_count_all_threads(int is_on) { atomic_store_explicit(&counts_process, is_on, memory_order_relaxed); }

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define ALLOCATOR_IS_TAKEN 1
#endif
#endif

// A program may replace malloc (glibc manual, "Replacing malloc"); the `__libc_` names are glibc's own versions. `free`
// remains glibc's, because the memory is. Sanitizers replace all of them, so the counts stay 0 with them.
#if defined(__GLIBC__) && !defined(ALLOCATOR_IS_TAKEN)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static inline void count(void) {
  of_thread += 1;
  if (atomic_load_explicit(&counts_process, memory_order_relaxed)) {
    atomic_fetch_add_explicit(&of_process, 1, memory_order_relaxed);
  }
}

void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t elements, size_t size) {
  count();
  return __libc_calloc(elements, size);
}

void *realloc(void *memory, size_t size) {
  count();
  return __libc_realloc(memory, size);
}

#endif
