/* How many multiply-adds the processor does at most: as many independent sums as hide their latency, nothing else. */
#ifndef COMHE_PEAK_H
#define COMHE_PEAK_H

#include "simd.h"

static double peak(int64_t rounds, float *sink) {
  vec s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0}, s5 = {0}, s6 = {0}, s7 = {0}, s8 = {0}, s9 = {0};
  vec x = vec_spread(1e-7f + *sink), y = vec_spread(0.999f + *sink);
  for (int64_t n = 0; n < rounds; n++) {
    s0 = s0 * y + x, s1 = s1 * y + x, s2 = s2 * y + x, s3 = s3 * y + x, s4 = s4 * y + x;
    s5 = s5 * y + x, s6 = s6 * y + x, s7 = s7 * y + x, s8 = s8 * y + x, s9 = s9 * y + x;
  }
  const vec sum = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)) + (s8 + s9);
  *sink = sum[0];
  return 2.0 * 10 * WIDTH * (double)rounds;
}

#endif
