/*
 * What the processor and the system offer: see processor.h. A processor may have registers that the system doesn't save when it switches
 * threads; whether it does, xgetbv says.
 */
#include "processor.h"

#if defined(__x86_64__) || defined(_M_X64)

#include <cpuid.h>

/* XCR0: which states the system saves. */
static uint64_t saved_states(void) {
  uint32_t low, high;
  __asm__ __volatile__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

enum { SSE_AND_AVX_STATE = 0x6, AVX512_STATE = 0xe6 };

const struct kernels *const *usable_kernels(int *count) {
  static const struct kernels *const all[] = {&kernels_sse2, &kernels_avx2, &kernels_avx512};
  unsigned a, b, c, d;
  *count = 1;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return all;
  const int has_xgetbv = (c >> 27) & 1, has_avx = (c >> 28) & 1, has_fma = (c >> 12) & 1;
  if (!has_xgetbv || !has_avx || !has_fma) return all;
  const uint64_t saved = saved_states();
  if ((saved & SSE_AND_AVX_STATE) != SSE_AND_AVX_STATE || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return all;
  const int has_avx2 = (b >> 5) & 1;
  if (!has_avx2) return all;
  *count = 2;
  const int has_avx512 = (b >> 16) & (b >> 17) & (b >> 30) & (b >> 31) & 1; /* F, DQ, BW, VL */
  if (has_avx512 && (saved & AVX512_STATE) == AVX512_STATE) *count = 3;
  return all;
}

#else

const struct kernels *const *usable_kernels(int *count) {
  static const struct kernels *const all[] = {&kernels_neon};
  *count = 1;
  return all;
}

#endif
