/* How many multiply-adds the processor does at most: as many independent sums as hide their latency, nothing else. */
#ifndef COMHE_PEAK_H
#define COMHE_PEAK_H

#include "simd.h"

static double peak(int64_t rounds, float *sink) {
  /* Each sum begins elsewhere, so that no compiler takes two of them for one. */
  vec s0 = vec_spread(*sink), s1 = s0 + 1.0f, s2 = s0 + 2.0f, s3 = s0 + 3.0f, s4 = s0 + 4.0f, s5 = s0 + 5.0f;
  vec s6 = s0 + 6.0f, s7 = s0 + 7.0f, s8 = s0 + 8.0f, s9 = s0 + 9.0f, s10 = s0 + 10.0f, s11 = s0 + 11.0f;
  const vec x = vec_spread(1e-7f + *sink), y = vec_spread(0.999f + *sink);
  for (int64_t n = 0; n < rounds; n++) {
    s0 = s0 * y + x, s1 = s1 * y + x, s2 = s2 * y + x, s3 = s3 * y + x, s4 = s4 * y + x, s5 = s5 * y + x;
    s6 = s6 * y + x, s7 = s7 * y + x, s8 = s8 * y + x, s9 = s9 * y + x, s10 = s10 * y + x, s11 = s11 * y + x;
  }
  const vec sum = (((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))) + ((s8 + s9) + (s10 + s11));
  *sink = sum[0];
  return 2.0 * 12 * WIDTH * (double)rounds;
}

#endif
