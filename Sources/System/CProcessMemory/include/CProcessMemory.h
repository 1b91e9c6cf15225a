#ifndef CPROCESSMEMORY_H
#define CPROCESSMEMORY_H

/// Gives the kernel back what this process does not use just now: the free memory of the heap (malloc_trim(3)) and the
/// pages of code (madvise(2), MADV_DONTNEED), which come back from their files where they are run again.
void cprocess_memory_give_back(void);

#endif
