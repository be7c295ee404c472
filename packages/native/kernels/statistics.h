/*
 * Statistics of all pairs in one pass over their cosines, tile by tile; nothing of size N×N lives. Sums in float64 go to the accumulators of a
 * tile's first block, whose tiles come in the same order whatever the number of threads; counts, and maxima in a total order, may be
 * taken by each thread for itself. So the results are the same bits on any number of threads.
 *
 * Within a tile: first the sums that every statistic needs, with the largest |c| of each row and of each column. Only where that beats what a
 * row has already is the row looked at again. Near pairs come last and one by one, from their chords.
 */
#ifndef COMHE_STATISTICS_H
#define COMHE_STATISTICS_H

#include "about.h"
#include "angles.h"
#include "energy.h"
#include "similar.h"

struct look {
  const struct statistics *s;
  struct work w;
  struct heap heap;
  float *row_largest, *column_largest;
  struct angles angles;
  int64_t entry_row; /* where the first row of the batch entry lies in arrays of all rows */
  int first_i, first_j;
  float largest, least_within;
  double cosine_sum, absolute_sum, square_sum, within;
};

INLINE float maximum(vec x) {
  float most = x[0];
  for (int n = 1; n < WIDTH; n++) most = x[n] > most ? x[n] : most;
  return most;
}

INLINE int is_far(float c) { return !(2 - (fabsf(c) + fabsf(c)) < NEAR_SQUARED); }

/* Σc, Σ|c|, Σc², and the largest |c| of each row and column; what is no pair counts as −1 there. */
APART void add_moments(struct look *k) {
  const struct work *w = &k->w;
  struct sums cosines = {{0}, {0}, 0}, sizes = cosines, squares = cosines;
  for (int j = 0; j < w->count_j; j += WIDTH) store(k->column_largest + j, vec_spread(-1));
  k->largest = -1;
  for (int i = 0; i < w->count_i; i++) {
    const int first = w->diagonal ? i + 1 : 0, end = w->count_j;
    const float *at = w->slopes + (int64_t)i * STRIDE;
    vec sum = {0}, size = {0}, square = {0}, most = vec_spread(-1);
    for (int j = first & -WIDTH; j < end; j += WIDTH) {
      vec c = load(at + j), ranked;
      if (j < first || j + WIDTH > end) {
        const ivec keep = columns_within(j, first, end);
        c = vec_keep(c, keep);
        ranked = vec_select(keep, vec_abs(c), vec_spread(-1));
      } else {
        ranked = vec_abs(c);
      }
      sum += c;
      size += vec_abs(c);
      square += c * c;
      most = vec_max(most, ranked);
      store(k->column_largest + j, vec_max(load(k->column_largest + j), ranked));
    }
    add_row(&cosines, sum);
    add_row(&sizes, size);
    add_row(&squares, square);
    k->row_largest[i] = maximum(most);
    if (k->row_largest[i] > k->largest) k->largest = k->row_largest[i];
  }
  k->cosine_sum = total_of(&cosines);
  k->absolute_sum = total_of(&sizes);
  k->square_sum = total_of(&squares);
}

/* Of equals the first row is the nearest. */
static inline void meet(struct look *k, int row, int other, double rank, double cosine) {
  const struct statistics *s = k->s;
  const int64_t at = k->entry_row + row;
  const double best = s->nearest_ranks[at];
  if (rank < best || (rank == best && other > s->nearest_rows[at])) return;
  s->nearest_ranks[at] = rank;
  s->nearest_rows[at] = other;
  s->nearest_cosines[at] = cosine;
}

static inline void meet_far(struct look *k, int row, int other, float c) {
  if (is_far(c)) meet(k, row, other, k->s->is_nearest_half ? fabsf(c) : c, c);
}

/* u = 2 − 2c of a pair with column j of the tile. */
static inline void count_within(struct look *k, int j, double u) {
  const struct statistics *s = k->s;
  if (!(u <= s->chord_squared || (s->is_within_half && 4 - u <= s->chord_squared))) return;
  k->within++;
  s->is_within[k->entry_row + k->first_j + j] = 1;
}

APART void look_at_row(struct look *k, int i) {
  const struct work *w = &k->w;
  for (int j = w->diagonal ? i + 1 : 0; j < w->count_j; j++) {
    const float c = w->slopes[(int64_t)i * STRIDE + j];
    if (!is_far(c)) continue;
    const double rank = k->s->is_similar_half ? fabsf(c) : c;
    if (rank >= k->heap.threshold) keep_similar(&k->heap, (struct similar){rank, c, k->first_i + i, k->first_j + j});
    if (fabsf(c) >= k->least_within) count_within(k, j, 2 - 2 * (double)c);
  }
}

/* Rows and columns that may have found somebody nearer; and rows with pairs that may be among the most similar, or within the chord. */
APART void look_again(struct look *k) {
  const struct work *w = &k->w;
  const double *ranks = k->s->nearest_ranks;
  for (int i = 0; i < w->count_i; i++) {
    const float largest = k->row_largest[i];
    if (ranks && largest >= ranks[k->entry_row + k->first_i + i]) {
      const float *at = w->slopes + (int64_t)i * STRIDE;
      for (int j = w->diagonal ? i + 1 : 0; j < w->count_j; j++) meet_far(k, k->first_i + i, k->first_j + j, at[j]);
    }
    if (largest >= k->heap.threshold || largest >= k->least_within) look_at_row(k, i);
  }
  if (!ranks) return;
  for (int j = 0; j < w->count_j; j++) {
    if (k->column_largest[j] < ranks[k->entry_row + k->first_j + j]) continue;
    for (int i = 0, last = w->diagonal ? j : w->count_i; i < last; i++) {
      meet_far(k, k->first_j + j, k->first_i + i, w->slopes[(int64_t)i * STRIDE + j]);
    }
  }
}

/* A near pair: what the passes above took from its product is put right, and the rest done that they left to this. */
static void add_near(struct look *k, const struct near *near, double chord) {
  const struct statistics *s = k->s;
  const float product = near->slope;
  const double size = 1 - 0.5 * chord, cosine = product < 0 ? -size : size;
  const int i = k->first_i + near->i, j = k->first_j + near->j;
  k->cosine_sum += cosine - product;
  k->absolute_sum += size - fabsf(product);
  k->square_sum += size * size - (double)product * product;
  if (s->bins > 0) {
    move_angle(&k->angles, product, -1);
    move_angle(&k->angles, (float)cosine, 1);
  }
  if (s->nearest_ranks) {
    const double rank = s->is_nearest_half ? size : cosine;
    meet(k, i, j, rank, cosine);
    meet(k, j, i, rank, cosine);
  }
  const double rank = s->is_similar_half ? size : cosine;
  if (rank >= k->heap.threshold) keep_similar(&k->heap, (struct similar){rank, cosine, i, j});
  if (s->chord_squared >= 0) count_within(k, near->j, product < 0 ? 4 - chord : chord);
}

/* Adds the tile's ψ, as `sum_values` kept them, to the shares of its rows and of its columns. */
APART void add_shares(struct look *k, const float *values) {
  const struct work *w = &k->w;
  double *shares = k->s->shares + k->entry_row;
  for (int i = 0; i < w->count_i; i++) {
    struct sums row = {{0}, {0}, 0};
    vec sum = {0};
    int j = 0;
    for (; j + WIDTH <= w->count_j; j += WIDTH) sum += load(values + (int64_t)i * STRIDE + j);
    for (; j < w->count_j; j++) row.near += values[(int64_t)i * STRIDE + j];
    add_row(&row, sum);
    shares[k->first_i + i] += total_of(&row);
  }
  for (int j = 0; j < w->count_j; j += WIDTH) {
    struct sums columns = {{0}, {0}, 0};
    for (int i = 0; i < w->count_i;) {
      vec sum = {0};
      for (int last = i + 16 < w->count_i ? i + 16 : w->count_i; i < last; i++) sum += load(values + (int64_t)i * STRIDE + j);
      add_row(&columns, sum);
    }
    for (int n = 0; n < WIDTH && j + n < w->count_j; n++) {
      shares[k->first_j + j + n] += n < WIDTH / 2 ? columns.low[n] : columns.high[n - WIDTH / 2];
    }
  }
}

static void statistics(const void *arguments, int thread, void *room) {
  const struct statistics *s = arguments;
  struct scratch *scratch = room;
  struct look look = {.s = s, .row_largest = scratch->row_largest, .column_largest = scratch->column_largest}, *k = &look;
  struct tile at;
  k->w.slopes = scratch->slopes;
  k->w.near = scratch->near;
  k->w.is_raw = !s->is_scaled;
  k->angles = (struct angles){s, scratch->counters, 0};
  /* A little less, for the rounding of c; who is really within is decided by 2 − 2c. */
  k->least_within = s->chord_squared >= 0.009 ? (float)(1 - 0.5 * s->chord_squared - 1e-6) : 4;
  while (next_tile(&s->tiles, &at)) {
    struct work *w = &k->w;
    use_rows(w, &s->rows, &s->tiles, &at);
    k->entry_row = (int64_t)at.entry * s->tiles.rows;
    k->first_i = at.row_i;
    k->first_j = at.row_j;
    const int64_t part = (int64_t)thread * s->tiles.batch + at.entry;
    if (s->bins > 0) use_histogram(&k->angles, s->histogram + part * s->bins);
    k->heap = (struct heap){s->similar + part * s->similar_limit, s->similar_counts + part, s->similar_limit, 0};
    set_threshold(&k->heap);
    k->within = 0;
    if (w->is_raw) {
      multiply_raw_rows(
          w->x_i, w->inverses_i, w->count_i, w->x_j, w->inverses_j, w->count_j, w->dim, w->slopes, w->diagonal, &scratch->operands,
          scratch->cross);
    } else {
      multiply_rows(w->x_i, w->count_i, w->x_j, w->count_j, w->dim, w->slopes, w->diagonal, 0, &scratch->operands);
    }
    add_moments(k);
    w->near_count = 0;
    if (!is_far(k->largest)) find_near(w, scratch->near_chords);
    look_again(k);
    if (s->bins > 0) count_angles(&k->angles, w, k->largest, scratch->cross);
    for (int n = 0; n < w->near_count; n++) add_near(k, &w->near[n], scratch->near_chords[n]);
    double *sums = s->sums + block_at(&s->tiles, &at, at.block_i) * SUMS_OF_BLOCK;
    sums[0] += k->cosine_sum;
    sums[1] += k->absolute_sum;
    sums[2] += k->square_sum;
    sums[3] += k->within;
    if (s->own) add_about(s, w, k->entry_row + at.row_i, k->entry_row + at.row_j, sums + 8);
    for (int n = 0; n < s->energies; n++) {
      w->pair = &s->pairs[n];
      w->mode = quick_mode(w->pair);
      const int keep = n == s->share_of;
      sums[4 + n] += sum_values(w, scratch->near_chords, keep ? scratch->bends : 0);
      if (keep) add_shares(k, scratch->bends);
    }
    tile_done(&s->tiles, &at);
  }
  flush_angles(&k->angles);
}

#endif
