/*
 * Σψ over the pairs of a tile, whose cosines stay as they are: for energies without their gradient, one product a tile in place of three, and
 * for several energies of the same cosines. Near pairs come from a list, with the chord that the difference of their rows gives.
 */
#ifndef COMHE_ENERGY_H
#define COMHE_ENERGY_H

#include "pairwise.h"

/* Lists the near pairs of a tile's cosines: `slope` holds the cosine as the product gave it, whose sign says near what the pair is. */
APART void find_near(struct work *w, double *chords) {
  w->near_count = 0;
  for (int i = 0; i < w->count_i; i++) {
    const int first = w->diagonal ? i + 1 : 0, begin = first & -WIDTH, end = w->count_j;
    const float *at = w->slopes + (int64_t)i * STRIDE;
    if (is_far_row(at, begin, first, end, 1)) continue;
    for (int j = first; j < end; j++) {
      const float product = at[j], size = fabsf(product), sign = product < 0 ? -1 : 1;
      if (!(2 - (size + size) < NEAR_SQUARED)) continue;
      chords[w->near_count] = near_chord(w, i, j, sign);
      w->near[w->near_count++] = (struct near){i, j, sign, product, 0};
    }
  }
}

/* Σψ of the list; what is near −x_j alone is no near pair where only x_j matters. */
APART double near_values(const struct work *w, const double *chords, float *values) {
  double sum = 0;
  for (int n = 0; n < w->near_count; n++) {
    const struct near *near = &w->near[n];
    const int is_opposite = near->sign < 0;
    if (is_opposite && !w->pair->is_two_sided) continue;
    const vec chord = vec_spread((float)chords[n]), other = vec_spread((float)(4 - chords[n]));
    struct terms terms;
    psi(w->pair, is_opposite ? other : chord, is_opposite ? chord : other, &terms);
    sum += terms.value[0];
    if (values) values[(int64_t)near->i * STRIDE + near->j] = terms.value[0];
  }
  return sum;
}

/* ψ of WIDTH columns of row i from j on; 0 where there is no pair, or one of the list. */
APART vec values_of(const struct work *w, int i, int j, ivec keep) {
  const vec c = load(w->slopes + (int64_t)i * STRIDE + j), size = vec_abs(c);
  ivec near = 2.0f - (size + size) < NEAR_SQUARED;
  if (!w->pair->is_two_sided) near &= c > 0;
  struct terms terms;
  psi(w->pair, 2.0f - (c + c), 2.0f + (c + c), &terms);
  return vec_keep(terms.value, keep & ~near);
}

/* Σψ of the work's pair energy; each ψ is kept at `values` where that is something, 0 where there is no pair. */
APART double sum_values(const struct work *w, const double *chords, float *values) {
  struct sums sums = {{0}, {0}, 0};
  for (int i = 0; i < w->count_i; i++) {
    const int first = w->diagonal ? i + 1 : 0, begin = first & -WIDTH, end = w->count_j;
    float *at = w->slopes + (int64_t)i * STRIDE, *to = values ? values + (int64_t)i * STRIDE : 0;
    vec row = {0};
    if (to && begin > 0) memset(to, 0, sizeof(float) * (size_t)(begin < end ? begin : end));
    if (w->mode >= 0 && is_far_row(at, begin, first, end, 1)) {
      row = quick_row(w->mode, at, begin, first, end, 0, to);
    } else {
      for (int j = begin; j < end; j += WIDTH) {
        const vec value = values_of(w, i, j, columns_within(j, first, end));
        row += value;
        if (to) store(to + j, value);
      }
    }
    add_row(&sums, row);
  }
  return total_of(&sums) + near_values(w, chords, values);
}

static void pairwise_energy(const void *arguments, int thread, void *room) {
  const struct pairwise *a = arguments;
  struct scratch *scratch = room;
  struct work w = {.pair = &a->pair, .mode = quick_mode(&a->pair), .slopes = scratch->slopes, .near = scratch->near};
  struct tile at;
  (void)thread;
  const int64_t tiles = a->tiles.blocks + (int64_t)(((a->tiles.blocks + 1) & ~1) - 1) * ((a->tiles.blocks + 1) / 2);
  while (next_tile(&a->tiles, &at)) {
    use_rows(&w, &a->rows, &a->tiles, &at);
    multiply_rows(w.x_i, w.count_i, w.x_j, w.count_j, w.dim, w.slopes, w.diagonal, 0, &scratch->operands);
    find_near(&w, scratch->near_chords);
    a->energies[at.entry * tiles + at.number] = sum_values(&w, scratch->near_chords, 0);
    tile_done(&a->tiles, &at);
  }
}

#endif
