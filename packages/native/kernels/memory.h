/* Memory as kernels like it: on lines of the cache, and in large pages where the system has them. */
#ifndef COMHE_MEMORY_H
#define COMHE_MEMORY_H

#include <stddef.h>

/* 0: there is none. What is larger than a large page begins with one. */
void *aligned_memory(size_t bytes);
void free_aligned_memory(void *memory);

/*
 * Asks the system for large pages where these bytes haven't been touched yet. A result of some megabytes is memory that the program sees for the
 * first time, and a fault for each 4 KiB of it takes a tenth of what a projected energy does. What is in the bytes stays. NumPy asks for its arrays in
 * the same way. Nothing happens where a system has no such call, or refuses.
 */
void prefer_large_pages(void *memory, size_t bytes);

#endif
