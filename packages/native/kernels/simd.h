/*
 * Vectors of WIDTH floats, by the compilers' vector extensions: arithmetic is written with operators, and what has none (roots, maxima, whether
 * any lane is set) by the instruction set's own functions. Each instruction set compiles the kernels once, with its WIDTH.
 */
#ifndef COMHE_SIMD_H
#define COMHE_SIMD_H

#include <stdint.h>
#include <string.h>

#if defined(__AVX512F__)
#include <immintrin.h>
#define WIDTH 16
#define WIDE(name) _mm512_##name
typedef __m512 native_vec;
#elif defined(__AVX2__)
#include <immintrin.h>
#define WIDTH 8
#define WIDE(name) _mm256_##name
typedef __m256 native_vec;
#elif defined(__SSE2__)
#include <emmintrin.h>
#define WIDTH 4
#define WIDE(name) _mm_##name
typedef __m128 native_vec;
#elif defined(__aarch64__) || defined(_M_ARM64)
#include <arm_neon.h>
#define WIDTH 4
typedef float32x4_t native_vec;
#else
#error "kernels: no instruction set that they are written for"
#endif

typedef float vec __attribute__((vector_size(4 * WIDTH), may_alias));
typedef int32_t ivec __attribute__((vector_size(4 * WIDTH), may_alias));
/* Of half as many numbers, and the same in float64, which fill a register. */
typedef float hvec __attribute__((vector_size(2 * WIDTH), may_alias));
typedef double dvec __attribute__((vector_size(4 * WIDTH), may_alias));
/* The same in memory, aligned as floats are. */
typedef float loose_vec __attribute__((vector_size(4 * WIDTH), may_alias, aligned(4)));
typedef float loose_hvec __attribute__((vector_size(2 * WIDTH), may_alias, aligned(4)));
/* Four floats, for transposing. */
typedef float quad __attribute__((vector_size(16), may_alias));
typedef float loose_quad __attribute__((vector_size(16), may_alias, aligned(4)));

#define INLINE static inline __attribute__((always_inline, unused))
#define APART static __attribute__((noinline, unused))

INLINE vec load(const float *at) { return *(const loose_vec *)at; }
INLINE void store(float *at, vec x) { *(loose_vec *)at = x; }

INLINE vec vec_select(ivec mask, vec yes, vec no) { return (vec)(((ivec)yes & mask) | ((ivec)no & ~mask)); }
INLINE vec vec_keep(vec x, ivec mask) { return (vec)((ivec)x & mask); }
INLINE vec vec_abs(vec x) { return (vec)((ivec)x & 0x7fffffff); }

#if defined(WIDE)
INLINE vec vec_spread(float x) { return (vec)WIDE(set1_ps)(x); }
INLINE vec vec_max(vec a, vec b) { return (vec)WIDE(max_ps)((native_vec)a, (native_vec)b); }
INLINE vec vec_min(vec a, vec b) { return (vec)WIDE(min_ps)((native_vec)a, (native_vec)b); }
INLINE vec vec_sqrt(vec x) { return (vec)WIDE(sqrt_ps)((native_vec)x); }
#else
INLINE vec vec_spread(float x) { return (vec)vdupq_n_f32(x); }
INLINE vec vec_max(vec a, vec b) { return (vec)vmaxq_f32((native_vec)a, (native_vec)b); }
INLINE vec vec_min(vec a, vec b) { return (vec)vminq_f32((native_vec)a, (native_vec)b); }
INLINE vec vec_sqrt(vec x) { return (vec)vsqrtq_f32((native_vec)x); }
#endif

/* Whether any lane of a mask is set; all bits of a set lane are. */
INLINE int any(ivec mask) {
#if WIDTH == 16
  return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif WIDTH == 8
  return _mm256_movemask_ps((__m256)mask) != 0;
#elif defined(WIDE)
  return _mm_movemask_ps((__m128)mask) != 0;
#else
  return vmaxvq_u32((uint32x4_t)mask) != 0;
#endif
}

/* 0, 1, 2, … */
INLINE ivec lane_numbers(void) {
#if WIDTH == 16
  return (ivec){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#elif WIDTH == 8
  return (ivec){0, 1, 2, 3, 4, 5, 6, 7};
#else
  return (ivec){0, 1, 2, 3};
#endif
}

/* Lanes of columns j, j + 1, … that are at least `first` and below `end`. */
INLINE ivec columns_within(int j, int first, int end) {
  const ivec column = lane_numbers() + j;
  return (column >= first) & (column < end);
}

/* To float64 and back. */
INLINE dvec widened(hvec x) {
#if WIDTH == 16
  /* One instruction, of which GCC's conversion makes five. */
  return (dvec)_mm512_cvtps_pd((__m256)x);
#else
  return __builtin_convertvector(x, dvec);
#endif
}
INLINE hvec narrowed(dvec x) {
#if WIDTH == 16
  return (hvec)_mm512_cvtpd_ps((__m512d)x);
#else
  return __builtin_convertvector(x, hvec);
#endif
}

/* Both halves in float64. */
INLINE dvec low_half(vec x) {
  hvec half;
  memcpy(&half, &x, sizeof half);
  return widened(half);
}
INLINE dvec high_half(vec x) {
  hvec half;
  memcpy(&half, (const char *)&x + sizeof half, sizeof half);
  return widened(half);
}
/* In pairs of halves, so that no sum waits for more than a few others. */
INLINE double total(dvec x) {
  for (int half = WIDTH / 4; half > 0; half /= 2) {
    for (int n = 0; n < half; n++) x[n] += x[n + half];
  }
  return x[0];
}

#if defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#endif
#endif
#ifndef SHUFFLE
typedef int32_t iquad __attribute__((vector_size(16)));
#define SHUFFLE(a, b, ...) __builtin_shuffle(a, b, (iquad){__VA_ARGS__})
#endif

#endif
