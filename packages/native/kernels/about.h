/*
 * Cosines about another point than the origin, of a tile's pairs: rows w − o instead of w. Their cosine is a combination of that about the
 * origin with a few numbers of either row, c′_ij = p_i p_j c_ij − q_i b_j − b_i q_j, so that one product of rows serves both.
 */
#ifndef COMHE_ABOUT_H
#define COMHE_ABOUT_H

#include "pairs.h"

/* Adds the tile's Σ|c′| and Σc′² to two sums. @param row, column where the tile's rows and columns lie among all rows */
APART void add_about(const struct statistics *s, const struct work *w, int64_t row, int64_t column, double *to) {
  struct sums sizes = {{0}, {0}, 0}, squares = sizes;
  for (int i = 0; i < w->count_i; i++) {
    const int first = w->diagonal ? i + 1 : 0, end = w->count_j;
    const float *at = w->slopes + (int64_t)i * STRIDE;
    const vec p = vec_spread(s->own[row + i]), q = vec_spread(s->other[row + i]), b = vec_spread(s->offset[row + i]);
    vec size = {0}, square = {0};
    for (int j = first & -WIDTH; j < end; j += WIDTH) {
      const vec across = q * load(s->offset + column + j) + b * load(s->other + column + j);
      vec c = (p * load(s->own + column + j)) * load(at + j) - across;
      if (j < first || j + WIDTH > end) c = vec_keep(c, columns_within(j, first, end));
      size += vec_abs(c);
      square += c * c;
    }
    add_row(&sizes, size);
    add_row(&squares, square);
  }
  to[0] += total_of(&sizes);
  to[1] += total_of(&squares);
}

#endif
