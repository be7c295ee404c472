/*
 * The mismatch of the angles of two sets with its gradient on the projected set, and its Hessian products, tile by tile. A reference set that
 * all batch entries share is the work of one thread per tile, entries in turn, since what goes across adds up there.
 */
#ifndef COMHE_MISMATCH_H
#define COMHE_MISMATCH_H

#include "pairwise.h"

/* One of both sets in a tile. */
struct side {
  const float *i, *j;
  const double *inverses;
  double epsilon;
  int64_t dim;
};

struct comparison {
  const struct mismatch *a;
  struct side x, z; /* reference, projected */
  float *reference, *projected, *changes; /* cosines of both, and ḃ */
  int count_i, count_j, diagonal;
  float cross_scale, direct_scale;
};

/* m, m′ = dm/dc, m″ at the squared chords (u, v). The angle is continued linearly past the floor. */
APART void measure(const struct mismatch *a, vec u, vec v, struct terms *out) {
  if (a->is_angle) {
    angle_terms(u, v, a->floor, out);
    return;
  }
  /* Whichever chord is the shorter holds the digits. */
  out->value = vec_select(u < v, 1.0f - 0.5f * u, 0.5f * v - 1.0f);
  out->slope = vec_spread(1);
  out->curvature = (vec){0};
}

/* Chords of row i with WIDTH columns; of near pairs (unit rows) from differences, of a row with itself from its deficit. */
APART void chords_of(const struct comparison *w, const float *tile, const struct side *side, int i, int j, ivec keep,
                     struct terms *out) {
  const vec c = load(tile + (int64_t)i * STRIDE + j);
  vec u = 2.0f - (c + c), v = 2.0f + (c + c);
  if (side->epsilon == 0) {
    const ivec near = ((u < NEAR_SQUARED) | (v < NEAR_SQUARED)) & keep;
    if (any(near)) {
      for (int n = 0; n < WIDTH; n++) {
        if (!near[n] || (w->diagonal && j + n == i)) continue;
        const float sign = u[n] < v[n] ? 1 : -1;
        const float chord = (float)squared_chord(side->i + i * side->dim, side->j + (j + n) * side->dim, side->dim, sign);
        if (sign > 0) u[n] = chord;
        else v[n] = chord;
      }
    }
  }
  if (w->diagonal && w->a->with_diagonal && j <= i && i < j + WIDTH) {
    const double deficit = deficit_of(side->epsilon, side->inverses[i]);
    u[i - j] = (float)(2 * deficit);
    v[i - j] = (float)(4 - 2 * deficit);
  }
  measure(w->a, u, v, out);
}

/* WIDTH columns of row i from j on: f_b in place of the projected cosines, f_bb∘ḃ of ḃ, what goes across of the reference's. Returns f. */
APART vec compare(struct comparison *w, int i, int j, ivec keep) {
  const int64_t at = (int64_t)i * STRIDE + j;
  struct terms a, b;
  chords_of(w, w->reference, &w->x, i, j, keep, &a);
  chords_of(w, w->projected, &w->z, i, j, keep, &b);
  /* Half of the diagonal here, since both triangles get it. */
  vec weight = vec_keep(vec_spread(1), keep);
  if (w->diagonal && w->a->with_diagonal && j <= i && i < j + WIDTH) weight[i - j] = 0.5f;
  const vec error = a.value - b.value, minus_twice = -2.0f * weight;
  store(w->projected + at, vec_keep(minus_twice * error * b.slope, keep));
  if (w->a->turned) {
    const vec change = load(w->changes + at), inner = error * b.curvature - b.slope * b.slope;
    store(w->changes + at, vec_keep(minus_twice * inner * change, keep));
    const vec across = b.slope * change * w->cross_scale + error * w->direct_scale;
    store(w->reference + at, vec_keep(minus_twice * a.slope * across, keep));
  }
  return vec_keep(error * error * weight, keep);
}

/* As `mirror`, with the diagonal doubled, half of which stands for each triangle. */
APART void mirror_with_diagonal(float *tile, int count, int with_diagonal) {
  for (int i = 0; i < count; i++) {
    const float itself = tile[(int64_t)i * STRIDE + i];
    tile[(int64_t)i * STRIDE + i] = with_diagonal ? 2 * itself : 0;
    for (int j = i + 1; j < count; j++) tile[(int64_t)j * STRIDE + i] = tile[(int64_t)i * STRIDE + j];
  }
}

/* The whole upper triangle with the diagonal: products of a tile on the diagonal leave nothing out that has a column from its row on. */
APART double compare_tile(struct comparison *w) {
  struct sums sums = {{0}, {0}, 0};
  for (int i = 0; i < w->count_i; i++) {
    const int first = !w->diagonal ? 0 : w->a->with_diagonal ? i : i + 1;
    vec row = {0};
    for (int j = first & -WIDTH; j < w->count_j; j += WIDTH) row += compare(w, i, j, columns_within(j, first, w->count_j));
    add_row(&sums, row);
  }
  if (w->diagonal) {
    mirror_with_diagonal(w->projected, w->count_i, w->a->with_diagonal);
    if (w->a->turned) {
      mirror_with_diagonal(w->changes, w->count_i, w->a->with_diagonal);
      mirror_with_diagonal(w->reference, w->count_i, w->a->with_diagonal);
    }
  }
  return total_of(&sums);
}

static void mismatch(const void *arguments, int thread, void *room) {
  const struct mismatch *a = arguments;
  struct scratch *scratch = room;
  struct operands *operands = &scratch->operands;
  const int is_product = a->turned != 0;
  const int64_t dim = a->projected.dim, reference_dim = a->reference.dim;
  const int64_t tiles = a->tiles.blocks + (int64_t)(((a->tiles.blocks + 1) & ~1) - 1) * ((a->tiles.blocks + 1) / 2);
  struct comparison w = {.a = a, .reference = scratch->cross, .projected = scratch->slopes, .changes = scratch->bends};
  struct tile at;
  (void)thread;
  while (next_tile(&a->tiles, &at)) {
    const int64_t reference_row = (int64_t)at.entry * a->tiles.rows;
    const int count_i = w.count_i = at.count_i, count_j = w.count_j = at.count_j;
    const int diagonal = w.diagonal = at.block_i == at.block_j;
    w.x = (struct side){a->reference.x + (reference_row + at.row_i) * reference_dim,
                        a->reference.x + (reference_row + at.row_j) * reference_dim,
                        a->reference.inverses + reference_row + at.row_i, a->reference.epsilon, reference_dim};
    const int each = a->tiles.batch == 1 ? a->projected_batch : 1;
    for (int n = 0; n < each; n++) {
      const int64_t entry = at.entry + n, first = entry * a->tiles.rows;
      const int64_t at_i = (int64_t)(first + at.row_i) * dim, at_j = (int64_t)(first + at.row_j) * dim;
      w.z = (struct side){a->projected.x + at_i, a->projected.x + at_j, a->projected.inverses + first + at.row_i,
                          a->projected.epsilon, dim};
      /* Of the diagonal tile all is multiplied: a row with itself may count. A product overwrites them with what goes across. */
      if (is_product || n == 0) multiply_rows(w.x.i, count_i, w.x.j, count_j, reference_dim, w.reference, 0, 0, operands);
      multiply_rows(w.z.i, count_i, w.z.j, count_j, dim, w.projected, 0, 0, operands);
      if (is_product) {
        multiply_rows(a->turned + at_i, count_i, w.z.j, count_j, dim, w.changes, 0, 0, operands);
        multiply_rows(w.z.i, count_i, a->turned + at_j, count_j, dim, w.changes, 0, 1, operands);
        w.cross_scale = (float)a->cross_scales[2 * entry];
        w.direct_scale = (float)a->cross_scales[2 * entry + 1];
      }
      const double loss = compare_tile(&w);
      if (a->losses) a->losses[entry * tiles + at.number] = loss;
      float *to_i = a->gradient + at_i, *to_j = a->gradient + at_j;
      if (!is_product) {
        multiply_tile(w.projected, 0, w.z.j, count_j, to_i, count_i, dim, !diagonal, operands);
        if (!diagonal) multiply_tile(w.projected, 1, w.z.i, count_i, to_j, count_j, dim, 1, operands);
        continue;
      }
      float *across_i = a->across + (w.x.i - a->reference.x), *across_j = a->across + (w.x.j - a->reference.x);
      multiply_tile(w.changes, 0, w.z.j, count_j, to_i, count_i, dim, !diagonal, operands);
      multiply_tile(w.projected, 0, a->turned + at_j, count_j, to_i, count_i, dim, 1, operands);
      multiply_tile(w.reference, 0, w.x.j, count_j, across_i, count_i, reference_dim, !diagonal || n > 0, operands);
      if (diagonal) continue;
      multiply_tile(w.changes, 1, w.z.i, count_i, to_j, count_j, dim, 1, operands);
      multiply_tile(w.projected, 1, a->turned + at_i, count_i, to_j, count_j, dim, 1, operands);
      multiply_tile(w.reference, 1, w.x.i, count_i, across_j, count_j, reference_dim, 1, operands);
    }
    tile_done(&a->tiles, &at);
  }
}

#endif
