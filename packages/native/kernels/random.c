/*
 * Random matrices from the stream of ChaCha8 that core draws from (packages/core/src/random), bit for bit: the same words, and the same
 * operations in the same order on each of them. So this part alone is compiled without fusing multiplications with additions
 * (scripts/sources.mjs). WIDTH blocks are made at once, one in each lane.
 */
#include <math.h>

#include "kernels.h"
#include "simd.h"
#include "tiles.h"

/* Numbers that a thread makes at once: their words lie on its stack. */
#define AT_ONCE 4096
#define WORDS_OF_BLOCK 16
/* Words that are made at once. */
#define GROUP (WORDS_OF_BLOCK * WIDTH)

#define HALF (WIDTH / 2)
typedef uint32_t words __attribute__((vector_size(4 * WIDTH), may_alias));
typedef uint32_t half_words __attribute__((vector_size(2 * WIDTH), may_alias));
typedef int64_t longs __attribute__((vector_size(4 * WIDTH), may_alias));

#define ROTATE(x, by) (((x) << (by)) | ((x) >> (32 - (by))))
#define QUARTER(a, b, c, d)                  \
  x[a] += x[b], x[d] = ROTATE(x[d] ^ x[a], 16); \
  x[c] += x[d], x[b] = ROTATE(x[b] ^ x[c], 12); \
  x[a] += x[b], x[d] = ROTATE(x[d] ^ x[a], 8);  \
  x[c] += x[d], x[b] = ROTATE(x[b] ^ x[c], 7);

/*
 * WIDTH blocks of 16 words of the keystream from block `counter` on. D. J. Bernstein, "ChaCha, a variant of Salsa20" (2008), with 8 rounds; a
 * counter of 32 bits and a nonce of 96 as in RFC 8439.
 */
static void blocks(const struct random *r, uint32_t counter, uint32_t *to) {
  words start[WORDS_OF_BLOCK], x[WORDS_OF_BLOCK];
  static const uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (int n = 0; n < 4; n++) start[n] = (words){0} + constants[n];
  for (int n = 0; n < 8; n++) start[4 + n] = (words){0} + r->key[n];
  start[12] = (words)lane_numbers() + counter;
  for (int n = 0; n < 3; n++) start[13 + n] = (words){0} + r->nonce[n];
  for (int n = 0; n < WORDS_OF_BLOCK; n++) x[n] = start[n];
  for (int twice = 0; twice < 4; twice++) {
    QUARTER(0, 4, 8, 12) QUARTER(1, 5, 9, 13) QUARTER(2, 6, 10, 14) QUARTER(3, 7, 11, 15)
    QUARTER(0, 5, 10, 15) QUARTER(1, 6, 11, 12) QUARTER(2, 7, 8, 13) QUARTER(3, 4, 9, 14)
  }
  for (int n = 0; n < WORDS_OF_BLOCK; n++) {
    uint32_t lanes[WIDTH];
    const words sum = x[n] + start[n];
    memcpy(lanes, &sum, sizeof lanes);
    for (int block = 0; block < WIDTH; block++) to[block * WORDS_OF_BLOCK + n] = lanes[block];
  }
}

/* Words `first` … `first + count` of the stream; returns where the first of them lies, in memory from `to` on. */
static const uint32_t *words_from(const struct random *r, int64_t first, int count, uint32_t *to) {
  const int64_t group = first / GROUP;
  for (int64_t n = group; n * GROUP < first + count; n++) blocks(r, (uint32_t)(n * WIDTH), to + (n - group) * GROUP);
  return to + (first - group * GROUP);
}

/* Coefficients of Wichura's AS 241, as in core's normal-quantile.ts, where they are explained. */

INLINE dvec central_ratio(dvec x) {
  const dvec numerator =
      ((((((2509.0809287301227 * x + 33430.57558358813) * x + 67265.7709270087) * x + 45921.95393154987) * x + 13731.69376550946) * x +
        1971.5909503065513) * x + 133.14166789178438) * x + 3.3871328727963665;
  const dvec denominator =
      ((((((5226.495278852854 * x + 28729.085735721943) * x + 39307.89580009271) * x + 21213.794301586597) * x + 5394.196021424751) * x +
        687.1870074920579) * x + 42.31333070160091) * x + 1.0;
  return numerator / denominator;
}

INLINE dvec tail_ratio(dvec x) {
  const dvec numerator =
      ((((((0.0007745450142783414 * x + 0.022723844989269184) * x + 0.2417807251774506) * x + 1.2704582524523684) * x +
         3.6478483247632045) * x + 5.769497221460691) * x + 4.630337846156546) * x + 1.4234371107496835;
  const dvec denominator =
      ((((((1.0507500716444169e-9 * x + 0.0005475938084995345) * x + 0.015198666563616457) * x + 0.14810397642748008) * x +
         0.6897673349851) * x + 1.6763848301838038) * x + 2.053191626637759) * x + 1.0;
  return numerator / denominator;
}

/* ln x for 0 < x < 1, x = m·2^−e with m in [√½, √2): what doubling x until it is large enough gives, in one step. */
INLINE dvec natural_log(dvec x) {
  const longs bits = (longs)x, fraction = bits & INT64_C(0xfffffffffffff);
  /* In [½, 1), by the exponent of ½. */
  dvec m = (dvec)(fraction | INT64_C(0x3fe0000000000000));
  dvec exponent = __builtin_convertvector(INT64_C(1022) - (bits >> 52), dvec);
  const longs small = m < 0.7071067811865476;
  m = (dvec)(((longs)(m * 2.0) & small) | ((longs)m & ~small));
  exponent += (dvec)((longs)((dvec){0} + 1.0) & small);
  const dvec s = (m - 1.0) / (m + 1.0), square = s * s;
  const dvec series =
      (((((((((0.047619047619047616 * square + 0.05263157894736842) * square + 0.058823529411764705) * square + 0.06666666666666667) *
                square + 0.07692307692307693) * square + 0.09090909090909091) * square + 0.1111111111111111) * square +
          0.14285714285714285) * square + 0.2) * square + 0.3333333333333333) * square + 1.0;
  return 2.0 * s * series - exponent * 0.6931471805599453;
}

/* Of a word, p = (word + ½)/2³² and q = p − ½. */
INLINE dvec uniform(half_words drawn) { return (__builtin_convertvector(drawn, dvec) + 0.5) * 2.3283064365386963e-10; }

static inline double root(double x) { return sqrt(x); }

/* Numbers of the tails, |q| > 0.425: HALF of them together, by their places. */
static void tails(const uint32_t *from, const int *places, int count, float *to) {
  for (int n = 0; n < count; n += HALF) {
    half_words drawn;
    for (int lane = 0; lane < HALF; lane++) drawn[lane] = from[places[n + lane < count ? n + lane : n]];
    const dvec p = uniform(drawn), q = p - 0.5;
    const longs below = q < 0.0;
    const dvec outer = (dvec)(((longs)p & below) | ((longs)(1.0 - p) & ~below));
    dvec r = -natural_log(outer);
    for (int lane = 0; lane < HALF; lane++) r[lane] = root(r[lane]);
    const dvec z = tail_ratio(r - 1.6);
    const dvec signed_z = (dvec)(((longs)-z & below) | ((longs)z & ~below));
    for (int lane = 0; lane < HALF && n + lane < count; lane++) to[places[n + lane]] = (float)signed_z[lane];
  }
}

/* Normal numbers, a word each: those between the tails together, and then the others. `from` has words for a whole vector. */
static void normals(const uint32_t *from, float *to, int count) {
  int places[AT_ONCE], outside = 0;
  for (int n = 0; n < count; n += HALF) {
    half_words drawn;
    memcpy(&drawn, from + n, sizeof drawn);
    const dvec q = uniform(drawn) - 0.5;
    const dvec z = q * central_ratio(0.180625 - q * q);
    const hvec rounded = __builtin_convertvector(z, hvec);
    const int some = count - n < HALF ? count - n : HALF;
    memcpy(to + n, &rounded, sizeof(float) * (size_t)some);
    /* 0.425·2³² words to each side of the middle, of which no processor could foresee who is beyond. */
    for (int lane = 0; lane < some; lane++) {
      places[outside] = n + lane;
      outside += !(fabs(q[lane]) <= 0.425);
    }
  }
  tails(from, places, outside, to);
}

void JOIN(random_, KERNELS)(const void *arguments, int thread, void *room) {
  const struct random *r = arguments;
  uint32_t drawn[AT_ONCE + 2 * GROUP];
  (void)thread, (void)room;
  for (int64_t n = claim(r->claimed) * AT_ONCE; n < r->count; n = claim(r->claimed) * AT_ONCE) {
    const int size = r->count - n < AT_ONCE ? (int)(r->count - n) : AT_ONCE;
    float *to = r->to + n;
    if (!r->is_signs) {
      normals(words_from(r, r->first_word + n, size, drawn), to, size);
      continue;
    }
    /* A bit each, 32 to a word. */
    const uint32_t *from = words_from(r, r->first_word + n / 32, (size + 31) / 32, drawn);
    for (int k = 0; k < size; k++) to[k] = (from[k >> 5] >> (k & 31)) & 1 ? 1 : -1;
  }
}
