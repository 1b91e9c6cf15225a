#define _GNU_SOURCE
#include "CProcessMemory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int give_back_code(struct dl_phdr_info *object, size_t size, void *page_size) {
  (void)size;
  uintptr_t page = *(const uintptr_t *)page_size;
  for (int index = 0; index < object->dlpi_phnum; index++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[index];
    // What was ever written, were it by the loader, could not come back.
    if (segment->p_type != PT_LOAD || segment->p_flags != (PF_R | PF_X)) continue;
    uintptr_t start = object->dlpi_addr + segment->p_vaddr;
    uintptr_t first = start & ~(page - 1);
    uintptr_t end = (start + segment->p_memsz + page - 1) & ~(page - 1);
    madvise((void *)first, end - first, MADV_DONTNEED);
  }
  return 0;
}

void cprocess_memory_give_back(void) {
  malloc_trim(0);
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  dl_iterate_phdr(give_back_code, &page);
}
