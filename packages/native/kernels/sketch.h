/*
 * Structured random projections of rows, without dense matrices; see packages/core/src/random/sketch.ts. A thread takes a row at a time, whose
 * transform lies in its scratch memory.
 */
#ifndef COMHE_SKETCH_H
#define COMHE_SKETCH_H

#include "pairwise.h"

/* Two numbers each that are `half` apart become their sum and their difference. */
#define BUTTERFLIES(TYPE, x, size, half)                                \
  for (int64_t start = 0; start < (size); start += 2 * (half)) {        \
    for (int64_t k = start; k < start + (half); k += (int64_t)(sizeof(TYPE) / sizeof(float))) { \
      const TYPE a = *(const TYPE *)((x) + k), b = *(const TYPE *)((x) + k + (half)); \
      *(TYPE *)((x) + k) = a + b;                                       \
      *(TYPE *)((x) + k + (half)) = a - b;                              \
    }                                                                   \
  }

/* In place, unnormalized: x ← H x with H entries ±1; `size` a power of two. */
APART void walsh_hadamard(float *x, int64_t size) {
  if (size >= 4) {
    /* The first two rounds within vectors of four. */
    for (int64_t k = 0; k < size; k += 4) {
      const quad a = *(const quad *)(x + k);
      const quad pairs = SHUFFLE(a, a, 1, 0, 3, 2) + a * (quad){1, -1, 1, -1};
      *(quad *)(x + k) = SHUFFLE(pairs, pairs, 2, 3, 0, 1) + pairs * (quad){1, 1, -1, -1};
    }
  } else if (size == 2) {
    BUTTERFLIES(float, x, size, 1)
  }
  int64_t half = 4;
  for (; half < WIDTH && half < size; half *= 2) BUTTERFLIES(quad, x, size, half)
  for (; half < size; half *= 2) BUTTERFLIES(vec, x, size, half)
}

static void hadamard_row(const struct sketch *s, int64_t i, float *work) {
  const int64_t dim = s->dim, k = s->dimension;
  float *row = s->rows + i * dim;
  for (int64_t first = 0, t = 0; first < s->count; first += s->shared, t++) {
    const int64_t last = first + s->shared < s->count ? first + s->shared : s->count;
    const float *signs = s->signs + t * s->padded;
    memset(work, 0, sizeof(float) * (size_t)s->padded);
    if (!s->is_back) {
      for (int64_t n = 0; n < dim; n++) work[n] = signs[n] * row[n];
      walsh_hadamard(work, s->padded);
    }
    for (int64_t c = first; c < last; c++) {
      float *projected = s->projected + (c * s->count_rows + i) * k;
      const int32_t *chosen = s->index + c * k;
      if (s->is_back) for (int64_t r = 0; r < k; r++) work[chosen[r]] += projected[r];
      else for (int64_t r = 0; r < k; r++) projected[r] = work[chosen[r]];
    }
    if (!s->is_back) continue;
    walsh_hadamard(work, s->padded);
    if (t == 0) for (int64_t n = 0; n < dim; n++) row[n] = signs[n] * work[n];
    else for (int64_t n = 0; n < dim; n++) row[n] += signs[n] * work[n];
  }
}

static void count_row_of(const struct sketch *s, int64_t i) {
  const int64_t dim = s->dim, k = s->dimension;
  float *row = s->rows + i * dim;
  if (s->is_back) memset(row, 0, sizeof(float) * (size_t)dim);
  for (int64_t c = 0; c < s->count; c++) {
    float *projected = s->projected + (c * s->count_rows + i) * k;
    const float *signs = s->signs + c * dim;
    const int32_t *bucket = s->index + c * dim;
    if (s->is_back) {
      for (int64_t n = 0; n < dim; n++) row[n] += signs[n] * projected[bucket[n]];
      continue;
    }
    memset(projected, 0, sizeof(float) * (size_t)k);
    for (int64_t n = 0; n < dim; n++) projected[bucket[n]] += signs[n] * row[n];
  }
}

/* Y_c = W P_cᵀ, or back: W = Σ_c Y_c P_c. */
static void sketch(const void *arguments, int thread, void *room) {
  const struct sketch *s = arguments;
  struct scratch *scratch = room;
  (void)thread;
  for (int64_t i = claim(s->claimed); i < s->count_rows; i = claim(s->claimed)) {
    if (s->is_hadamard) hadamard_row(s, i, scratch->slopes);
    else count_row_of(s, i);
  }
}

#endif
