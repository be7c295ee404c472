/* The transpose of a matrix: neurons that are the columns of a kernel, as rows, and their gradients back. By the caller's thread alone. */
#ifndef COMHE_TURN_H
#define COMHE_TURN_H

#include "multiply.h"

static void turn(const struct turned *t) {
  const int64_t rows = t->rows, columns = t->columns;
  int64_t r = 0;
#if WIDTH == 16
  for (; r + 16 <= rows && columns >= 16; r += 16) {
    const float *from = t->from + r * columns;
    int64_t c = 0;
    for (; c + 16 <= columns; c += 16) transpose(from + c, columns, t->to + c * rows + r, rows);
    /* The rest by a block that overlaps: the same numbers once more. */
    if (c < columns) transpose(from + columns - 16, columns, t->to + (columns - 16) * rows + r, rows);
  }
#endif
  for (; r + 4 <= rows; r += 4) {
    const float *from = t->from + r * columns;
    int64_t c = 0;
    for (; c + 4 <= columns; c += 4) transpose_quad(from + c, columns, t->to + c * rows + r, rows);
    for (; c < columns; c++) {
      for (int n = 0; n < 4; n++) t->to[c * rows + r + n] = from[n * columns + c];
    }
  }
  for (; r < rows; r++) {
    for (int64_t c = 0; c < columns; c++) t->to[c * rows + r] = t->from[r * columns + c];
  }
}

/* x ← s·x, in float64, rounded once. */
static void scale(const struct scaled *s) {
  for (int64_t n = 0; n < s->count; n++) s->numbers[n] = (float)(s->times * (double)s->numbers[n]);
}

#endif
