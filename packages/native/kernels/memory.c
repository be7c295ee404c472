/* See memory.h. */
#if defined(__linux__)
#define _DEFAULT_SOURCE
#include <sys/mman.h>
#elif !defined(_WIN32)
#define _POSIX_C_SOURCE 200809L
#endif
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>

#define CACHE_LINE ((size_t)64)
/* Of x86-64, and of arm64 with pages of 4 KiB. */
#define LARGE_PAGE ((size_t)2 << 20)

void *aligned_memory(size_t bytes) {
#if defined(_WIN32)
  return _aligned_malloc(bytes, CACHE_LINE);
#else
  void *memory = 0;
  if (posix_memalign(&memory, bytes > LARGE_PAGE ? LARGE_PAGE : CACHE_LINE, bytes)) return 0;
  if (bytes > LARGE_PAGE) prefer_large_pages(memory, bytes);
  return memory;
#endif
}

void free_aligned_memory(void *memory) {
#if defined(_WIN32)
  _aligned_free(memory);
#else
  free(memory);
#endif
}

void prefer_large_pages(void *memory, size_t bytes) {
#if defined(MADV_HUGEPAGE)
  const uintptr_t begin = ((uintptr_t)memory + LARGE_PAGE - 1) & -LARGE_PAGE, end = ((uintptr_t)memory + bytes) & -LARGE_PAGE;
  if (begin < end) madvise((void *)begin, end - begin, MADV_HUGEPAGE);
#else
  (void)memory, (void)bytes;
#endif
}
