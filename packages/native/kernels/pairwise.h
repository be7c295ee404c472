/* The pairwise energy with its gradient on the directions, and its Hessian product, tile by tile. Nothing of size N×N lives. */
#ifndef COMHE_PAIRWISE_H
#define COMHE_PAIRWISE_H

#include "pairs.h"

/* A thread's room, for every kernel that works on tiles. */
struct scratch {
  struct operands operands;
  float slopes[TILE_SIZE] __attribute__((aligned(64)));
  float bends[TILE_SIZE] __attribute__((aligned(64)));
  float cross[TILE_SIZE] __attribute__((aligned(64)));
  float row_largest[STRIDE], column_largest[STRIDE];
  /* Of the cells of a cosine, twice. */
  int32_t counters[2 * CELLS];
  /* Touched only as far as there are near pairs. */
  struct near near[SIDE * SIDE];
  double near_chords[SIDE * SIDE];
};

static inline void use_rows(struct work *w, const struct rows *rows, const struct tiles *tiles, const struct tile *at) {
  const int64_t first = (int64_t)at->entry * tiles->rows;
  w->dim = rows->dim;
  w->epsilon = rows->epsilon;
  w->x_i = rows->x + (first + at->row_i) * rows->dim;
  w->x_j = rows->x + (first + at->row_j) * rows->dim;
  w->inverses_i = rows->inverses + first + at->row_i;
  w->inverses_j = rows->inverses + first + at->row_j;
  w->count_i = at->count_i;
  w->count_j = at->count_j;
  w->diagonal = at->block_i == at->block_j;
}

static void pairwise(const void *arguments, int thread, void *room) {
  const struct pairwise *a = arguments;
  struct scratch *scratch = room;
  struct operands *operands = &scratch->operands;
  struct work w = {.pair = &a->pair, .mode = quick_mode(&a->pair), .slopes = scratch->slopes, .near = scratch->near};
  struct tile at;
  (void)thread;
  const int64_t tiles = a->tiles.blocks + (int64_t)(((a->tiles.blocks + 1) & ~1) - 1) * ((a->tiles.blocks + 1) / 2);
  while (next_tile(&a->tiles, &at)) {
    use_rows(&w, &a->rows, &a->tiles, &at);
    float *to_i = a->gradient + (w.x_i - a->rows.x), *to_j = a->gradient + (w.x_j - a->rows.x);
    multiply_rows(w.x_i, w.count_i, w.x_j, w.count_j, w.dim, w.slopes, w.diagonal, 0, operands);
    a->energies[at.entry * tiles + at.number] = to_slopes(&w);
    if (w.diagonal) mirror(w.slopes, w.count_i);
    multiply_tile(w.slopes, 0, w.x_j, w.count_j, to_i, w.count_i, w.dim, !w.diagonal, operands);
    if (!w.diagonal) multiply_tile(w.slopes, 1, w.x_i, w.count_i, to_j, w.count_j, w.dim, 1, operands);
    add_near_pairs(&w, to_i, to_j);
    tile_done(&a->tiles, &at);
  }
}

/* Ġ = (ψ″∘ċ)X + KẊ, ċ = ẊXᵀ + XẊᵀ */
static void pairwise_product(const void *arguments, int thread, void *room) {
  const struct pairwise *a = arguments;
  struct scratch *scratch = room;
  struct operands *operands = &scratch->operands;
  struct work w = {.pair = &a->pair, .mode = -1, .slopes = scratch->slopes, .bends = scratch->bends, .near = scratch->near};
  struct tile at;
  (void)thread;
  while (next_tile(&a->tiles, &at)) {
    use_rows(&w, &a->rows, &a->tiles, &at);
    const int64_t dim = w.dim, at_i = w.x_i - a->rows.x, at_j = w.x_j - a->rows.x;
    float *to_i = a->gradient + at_i, *to_j = a->gradient + at_j;
    w.d_i = a->turned + at_i;
    w.d_j = a->turned + at_j;
    multiply_rows(w.x_i, w.count_i, w.x_j, w.count_j, dim, w.slopes, w.diagonal, 0, operands);
    multiply_rows(w.d_i, w.count_i, w.x_j, w.count_j, dim, w.bends, w.diagonal, 0, operands);
    multiply_rows(w.x_i, w.count_i, w.d_j, w.count_j, dim, w.bends, w.diagonal, 1, operands);
    to_slopes(&w);
    if (w.diagonal) {
      mirror(w.slopes, w.count_i);
      mirror(w.bends, w.count_i);
    }
    multiply_tile(w.bends, 0, w.x_j, w.count_j, to_i, w.count_i, dim, !w.diagonal, operands);
    multiply_tile(w.slopes, 0, w.d_j, w.count_j, to_i, w.count_i, dim, 1, operands);
    if (!w.diagonal) {
      multiply_tile(w.bends, 1, w.x_i, w.count_i, to_j, w.count_j, dim, 1, operands);
      multiply_tile(w.slopes, 1, w.d_i, w.count_i, to_j, w.count_j, dim, 1, operands);
    }
    add_near_pairs(&w, to_i, to_j);
    tile_done(&a->tiles, &at);
  }
}

#endif
