/*
 * What pairs contribute: cosines of a tile to their slopes ψ′ in place, with the sum of ψ; by core's formulas, which the build writes to
 * generated/potentials.h.
 *
 * Near pairs, |c| > 0.995, where 2 ∓ 2c has lost digits, are taken from the difference of their rows. Rows of a tile without such go through
 * short forms on the cosine itself, without the clamps that far pairs don't need.
 */
#ifndef COMHE_PAIRS_H
#define COMHE_PAIRS_H

#include "../generated/potentials.h"
#include "kernels.h"
#include "multiply.h"
#include "tiles.h"

/* Squared chords below this are near. */
#define NEAR_SQUARED 0.01f
/* |c| there. */
#define NEAR_COSINE 0.995f

/* A near pair: i and j within the tile, and ±1: near x_j or −x_j. */
struct near {
  int i, j;
  float sign, slope, bend;
};

/* A tile at work, with the rows that it is of. */
struct work {
  const struct pair *pair;
  int mode; /* of the quick ways, or −1 */
  int64_t dim;
  double epsilon;
  const float *x_i, *x_j, *d_i, *d_j; /* d: Ẋ, for products alone */
  const double *inverses_i, *inverses_j;
  /* Whether x are rows that 1/ρ is still to be multiplied with. */
  int is_raw;
  int count_i, count_j, diagonal;
  float *slopes, *bends; /* of the tile */
  struct near *near;
  int near_count;
};

/* ψ, ψ′, ψ″: clamped at the floor, continued along the tangent, folded in half space. */
APART void psi(const struct pair *pair, vec u, vec v, struct terms *out) {
  if (pair->is_half) half_terms(pair->potential, u, v, pair->parameter, pair->floor, out);
  else full_terms(pair->potential, u, v, pair->parameter, pair->floor, out);
}

/* Which quick way a pair energy has, or −1. With a floor beyond near pairs, other pairs are clamped too. */
static inline int quick_mode(const struct pair *pair) {
  if (!pair->takes_differences || pair->floor >= NEAR_SQUARED) return -1;
#define FIND(mode, name, function, half) \
  if (pair->potential == POTENTIAL_##name && pair->is_half == (half)) return mode;
  EACH_QUICK(FIND)
#undef FIND
  return -1;
}

/* Σ (a − sign·b)² in float64. */
APART double squared_chord(const float *a, const float *b, int64_t dim, float sign) {
  dvec first = {0}, second = {0};
  int64_t k = 0;
  for (; k + WIDTH <= dim; k += WIDTH) {
    const vec difference = load(a + k) - load(b + k) * sign;
    const dvec low = low_half(difference), high = high_half(difference);
    first += low * low;
    second += high * high;
  }
  double sum = total(first + second);
  for (; k < dim; k++) {
    const double difference = a[k] - sign * b[k];
    sum += difference * difference;
  }
  return sum;
}

/* The same of rows that are scaled first, each rounded to float32. */
APART double squared_chord_scaled(const float *a, double scale_a, const float *b, double scale_b, int64_t dim, float sign) {
  dvec sum = {0};
  int64_t k = 0;
  for (; k + WIDTH / 2 <= dim; k += WIDTH / 2) {
    const hvec x = narrowed(widened(*(const loose_hvec *)(a + k)) * scale_a);
    const hvec y = narrowed(widened(*(const loose_hvec *)(b + k)) * scale_b);
    const dvec difference = widened(x - y * sign);
    sum += difference * difference;
  }
  double square = total(sum);
  for (; k < dim; k++) {
    const double difference = (float)(scale_a * (double)a[k]) - sign * (float)(scale_b * (double)b[k]);
    square += difference * difference;
  }
  return square;
}

/* to += scale·(a − sign·b) */
APART void add_difference(float *to, float scale, const float *a, const float *b, int64_t dim, float sign) {
  for (int64_t k = 0; k < dim; k++) to[k] += scale * (a[k] - sign * b[k]);
}

/* 1 − x_iᵀx_i = ε/ρ², without cancellation; a row without direction has x = 0. */
static inline double deficit_of(double epsilon, double inverse) {
  return inverse == 0 ? 1 : epsilon * inverse * inverse;
}

/* With ε > 0: 2 − 2c = (1 − |x_i|²) + (1 − |x_j|²) + |x_i − x_j|², without cancellation (2 + 2c for sign −1). */
APART double near_chord(const struct work *w, int i, int j, float sign) {
  const float *x = w->x_i + i * w->dim, *y = w->x_j + j * w->dim;
  const double a = w->inverses_i[i], b = w->inverses_j[j];
  const double chord = w->is_raw ? squared_chord_scaled(x, a, y, b, w->dim, sign) : squared_chord(x, y, w->dim, sign);
  if (w->epsilon == 0) return chord;
  return w->epsilon * a * a + w->epsilon * b * b + chord;
}

/* Lists a near pair: its chord, and ċ, from differences. Returns ψ. */
APART double list_near(struct work *w, int i, int j, float u, float v) {
  const float sign = u < v ? 1 : -1;
  const float *a = w->x_i + i * w->dim, *b = w->x_j + j * w->dim;
  const float chord = (float)squared_chord(a, b, w->dim, sign);
  struct terms terms;
  psi(w->pair, vec_spread(sign > 0 ? chord : u), vec_spread(sign > 0 ? v : chord), &terms);
  double along = 0;
  if (w->d_i) {
    const float *da = w->d_i + i * w->dim, *db = w->d_j + j * w->dim;
    for (int64_t k = 0; k < w->dim; k++) along -= (double)(a[k] - sign * b[k]) * (double)(da[k] - sign * db[k]);
  }
  w->near[w->near_count++] = (struct near){i, j, sign, terms.slope[0], terms.curvature[0] * sign * (float)along};
  return terms.value[0];
}

/* A near pair pulls along x_j − sign·x_i, whose difference keeps its digits. */
APART void add_near_pairs(const struct work *w, float *to_i, float *to_j) {
  const int64_t dim = w->dim;
  for (int n = 0; n < w->near_count; n++) {
    const struct near *near = &w->near[n];
    const int64_t i = near->i * dim, j = near->j * dim;
    const float scale = w->d_i ? near->bend : near->slope;
    add_difference(to_i + i, scale, w->x_j + j, w->x_i + i, dim, near->sign);
    add_difference(to_j + j, scale, w->x_i + i, w->x_j + j, dim, near->sign);
    if (!w->d_i) continue;
    add_difference(to_i + i, near->slope, w->d_j + j, w->d_i + i, dim, near->sign);
    add_difference(to_j + j, near->slope, w->d_i + i, w->d_j + j, dim, near->sign);
  }
}

/* Sums of a tile in float64, vectors of them: the rows' own sums are short. */
struct sums {
  dvec low, high;
  double near;
};
INLINE void add_row(struct sums *sums, vec row) {
  sums->low += low_half(row);
  sums->high += high_half(row);
}
INLINE double total_of(const struct sums *sums) { return total(sums->low + sums->high) + sums->near; }

/* WIDTH columns of row i from j on: ψ′ and ψ″∘ċ in place; adds ψ to `row`. What is no pair gets 0. */
APART void slopes_of(struct work *w, int i, int j, ivec keep, vec *row, struct sums *sums) {
  float *at = w->slopes + (int64_t)i * STRIDE + j;
  const vec c = load(at);
  vec u = 2.0f - (c + c), v = 2.0f + (c + c);
  ivec near = u < NEAR_SQUARED;
  if (w->pair->is_two_sided) near |= v < NEAR_SQUARED;
  near &= keep;
  if (any(near)) {
    for (int n = 0; n < WIDTH; n++) {
      if (!near[n]) continue;
      if (w->pair->takes_differences) {
        sums->near += list_near(w, i, j + n, u[n], v[n]);
        keep[n] = 0;
      } else if (u[n] < v[n]) {
        u[n] = (float)near_chord(w, i, j + n, 1);
      } else {
        v[n] = (float)near_chord(w, i, j + n, -1);
      }
    }
  }
  struct terms terms;
  psi(w->pair, u, v, &terms);
  *row += vec_keep(terms.value, keep);
  store(at, vec_keep(terms.slope, keep));
  if (!w->d_i) return;
  float *bend = w->bends + (int64_t)i * STRIDE + j;
  store(bend, vec_keep(terms.curvature * load(bend), keep));
}

/*
 * Columns first … end − 1 of a row without near pairs, by the quick way of one potential: Σψ, with ψ′ in place of the cosines where `slopes`
 * is set, and each ψ at `values` where that is something. Vectors begin at `begin`, at most a vector before `first`.
 */
#define QUICK_VECTOR(function, c, mask)                                       \
  {                                                                           \
    const vec value = mask(far_value_##function(c));                          \
    sum += value;                                                             \
    if (slopes) store(at + j, mask(far_slope_##function(c)));                 \
    if (values) store(values + j, value);                                     \
  }
#define ALL_LANES(x) (x)
#define KEPT_LANES(x) vec_keep(x, keep)
#define QUICK_ROW(mode, name, function, half)                                                              \
  APART vec quick_row_##function(float *at, int begin, int first, int end, int slopes, float *values) {    \
    vec sum = {0};                                                                                         \
    int j = begin;                                                                                         \
    if (j < first && j < end) {                                                                            \
      const ivec keep = columns_within(j, first, end);                                                     \
      const vec c = vec_keep(load(at + j), keep);                                                          \
      QUICK_VECTOR(function, c, KEPT_LANES)                                                                \
      j += WIDTH;                                                                                          \
    }                                                                                                      \
    for (; j + WIDTH <= end; j += WIDTH) {                                                                 \
      const vec c = load(at + j);                                                                          \
      QUICK_VECTOR(function, c, ALL_LANES)                                                                 \
    }                                                                                                      \
    if (j < end) {                                                                                         \
      const ivec keep = columns_within(j, first, end);                                                     \
      const vec c = vec_keep(load(at + j), keep);                                                          \
      QUICK_VECTOR(function, c, KEPT_LANES)                                                                \
    }                                                                                                      \
    return sum;                                                                                            \
  }
EACH_QUICK(QUICK_ROW)

INLINE vec quick_row(int of, float *at, int begin, int first, int end, int slopes, float *values) {
#define CHOOSE(mode, name, function, half) \
  case mode: return quick_row_##function(at, begin, first, end, slopes, values);
  switch (of) { EACH_QUICK(CHOOSE) }
#undef CHOOSE
  return (vec){0};
}

/* Whether a row's pairs are all far; where not `two_sided`, closeness to −x_j doesn't matter. */
INLINE int is_far_row(const float *at, int begin, int first, int end, int two_sided) {
  vec most = {0};
  int j = begin;
  for (; j < end; j += WIDTH) {
    vec c = load(at + j);
    if (j < first || j + WIDTH > end) c = vec_keep(c, columns_within(j, first, end));
    most = vec_max(most, two_sided ? vec_abs(c) : c);
  }
  return !any(most >= NEAR_COSINE);
}

/* Cosines to slopes (and bends) in place, those of the diagonal tile mirrored below it; near pairs are listed instead. Returns Σψ. */
APART double to_slopes(struct work *w) {
  struct sums sums = {{0}, {0}, 0};
  w->near_count = 0;
  for (int i = 0; i < w->count_i; i++) {
    const int first = w->diagonal ? i + 1 : 0, begin = first & -WIDTH, end = w->count_j;
    float *at = w->slopes + (int64_t)i * STRIDE;
    vec row = {0};
    if (w->mode >= 0 && !w->d_i && is_far_row(at, begin, first, end, w->pair->is_two_sided)) {
      row = quick_row(w->mode, at, begin, first, end, 1, 0);
    } else {
      for (int j = begin; j < end; j += WIDTH) slopes_of(w, i, j, columns_within(j, first, end), &row, &sums);
    }
    add_row(&sums, row);
  }
  return total_of(&sums);
}

/* The lower triangle from the upper one, and nothing on the diagonal. */
APART void mirror(float *tile, int count) {
  int beyond = 0;
#if WIDTH == 16
  /* Whole blocks beside the diagonal ones, whose rows end where `beyond` begins. */
  for (; beyond + 16 <= count; beyond += 16) {
    for (int j = 0; j < beyond; j += 16) transpose(tile + (int64_t)j * STRIDE + beyond, STRIDE, tile + (int64_t)beyond * STRIDE + j, STRIDE);
  }
#endif
  for (int i = 0; i < count; i++) {
    const int end = i < beyond ? (i & -16) + 16 : count;
    tile[(int64_t)i * STRIDE + i] = 0;
    for (int j = i + 1; j < end; j++) tile[(int64_t)j * STRIDE + i] = tile[(int64_t)i * STRIDE + j];
    for (int j = end > beyond ? end : beyond; j < count; j++) tile[(int64_t)j * STRIDE + i] = tile[(int64_t)i * STRIDE + j];
  }
}

#endif
