/*
 * Products of matrices: C_c = A_c B_c, or Σ_c A_c B_c. Matrices that share the left operand are one wide product, and sums over the batch one
 * long one, so that narrow matrices, as projections are, fill panels and tiles.
 */
#ifndef COMHE_PRODUCT_H
#define COMHE_PRODUCT_H

#include "pairwise.h"

/* Columns of a unit of work. */
#define UNIT_COLUMNS 224

/* Rows of a unit: few where there are few units, so that several threads share them. It depends on the sizes alone. */
static inline int64_t unit_rows(int64_t rows, int64_t column_units) {
  if (rows <= 256) return 56;
  return (rows + UNIT_COLUMNS - 1) / UNIT_COLUMNS * column_units < 16 ? 112 : UNIT_COLUMNS;
}

/* Rows i … of A, sums from k on, as a tile. */
APART void pack_left(const struct product *p, int64_t entry, int64_t i, int rows, int64_t k, int depth, float *to) {
  while (depth > 0) {
    const int64_t of = p->sum_batch ? k / p->inner : entry;
    const int64_t from = p->sum_batch ? k % p->inner : k;
    const int count = p->inner - from < depth ? (int)(p->inner - from) : depth;
    const float *a = p->a + (p->batch_a == 1 ? 0 : of) * p->rows * p->inner + i * p->row_stride_a + from * p->inner_stride_a;
    if (p->inner_stride_a == 1) {
      copy_rows(a, p->row_stride_a, rows, count, to);
    } else {
      for (int n = 0; n < count; n++) {
        for (int r = 0; r < rows; r++) to[(int64_t)r * STRIDE + n] = a[r * p->row_stride_a + n * p->inner_stride_a];
      }
    }
    to += count;
    k += count;
    depth -= count;
  }
}

/* Columns j … of B, or of all B side by side where `wide`, as a panel: [depth][PANEL]. */
APART void pack_right(const struct product *p, int64_t entry, int wide, int64_t j, int columns, int64_t k, int depth, float *to) {
  const int64_t size = p->inner * p->columns;
  if (wide && p->inner_stride_b == 1) {
    /* Transposed matrices, one after the other, have their columns at one distance. */
    pack_transposed(p->b + j * p->inner + k, p->inner, columns, depth, to);
    return;
  }
  if (wide) {
    /* Columns of several matrices, each of which has as many. */
    for (int n = 0; n < columns;) {
      const int64_t of = (j + n) / p->columns, column = (j + n) % p->columns;
      const float *b = p->b + of * size + k * p->inner_stride_b + column;
      int count = p->columns - column < columns - n ? (int)(p->columns - column) : columns - n;
      for (int d = 0; d < depth; d++) {
        for (int c = 0; c < count; c++) to[(int64_t)d * PANEL + n + c] = b[d * p->inner_stride_b + c];
      }
      n += count;
    }
    for (int n = columns; n < PANEL; n++) {
      for (int d = 0; d < depth; d++) to[(int64_t)d * PANEL + n] = 0;
    }
    return;
  }
  while (depth > 0) {
    const int64_t of = p->sum_batch ? k / p->inner : entry;
    const int64_t from = p->sum_batch ? k % p->inner : k;
    const int count = p->inner - from < depth ? (int)(p->inner - from) : depth;
    const float *b = p->b + (p->batch_b == 1 ? 0 : of) * size + from * p->inner_stride_b + j * p->column_stride_b;
    if (p->inner_stride_b == 1) pack_transposed(b, p->column_stride_b, columns, count, to);
    else pack_columns(b, p->inner_stride_b, count, columns, to);
    to += (int64_t)count * PANEL;
    k += count;
    depth -= count;
  }
}

static void product(const void *arguments, int thread, void *room) {
  const struct product *p = arguments;
  struct scratch *scratch = room;
  struct operands *operands = &scratch->operands;
  (void)thread;
  const int wide = p->batch_a == 1 && !p->sum_batch;
  const int64_t columns = wide ? p->columns * p->batch : p->columns, inner = p->sum_batch ? p->inner * p->batch : p->inner;
  const int64_t column_units = (columns + UNIT_COLUMNS - 1) / UNIT_COLUMNS, height = unit_rows(p->rows, column_units);
  const int64_t row_units = (p->rows + height - 1) / height;
  const int64_t entries = wide || p->sum_batch ? 1 : p->batch;
  for (int64_t unit = claim(p->claimed); unit < entries * row_units * column_units; unit = claim(p->claimed)) {
    const int64_t entry = unit / (row_units * column_units);
    const int64_t i = (int64_t)(unit / column_units % row_units) * height, j = (int64_t)(unit % column_units) * UNIT_COLUMNS;
    const int rows = p->rows - i < height ? (int)(p->rows - i) : (int)height;
    const int width = columns - j < UNIT_COLUMNS ? (int)(columns - j) : UNIT_COLUMNS;
    for (int64_t k = 0; k < inner; k += DEPTH) {
      const int depth = inner - k < DEPTH ? (int)(inner - k) : DEPTH;
      pack_left(p, entry, i, rows, k, depth, operands->left);
      for (int c = 0; c < width; c += PANEL) {
        const int panel = width - c < PANEL ? width - c : PANEL;
        pack_right(p, entry, wide, j + c, panel, k, depth, operands->panel);
        for (int r = 0, some; r < rows; r += some) {
          some = rows_at_once(rows - r);
          by_rows(some, operands->left + (int64_t)r * STRIDE, operands->panel, depth, scratch->slopes + (int64_t)r * STRIDE + c,
                  STRIDE, k > 0);
        }
      }
    }
    for (int c = 0; c < width;) {
      const int64_t of = wide ? (j + c) / p->columns : entry;
      const int64_t column = wide ? (j + c) % p->columns : j + c;
      const int count = p->columns - column < width - c ? (int)(p->columns - column) : width - c;
      float *to = p->to + (of * p->rows + i) * p->columns + column;
      for (int r = 0; r < rows; r++) {
        const float *from = scratch->slopes + (int64_t)r * STRIDE + c;
        if (inner == 0) memset(to + r * p->columns, 0, sizeof(float) * (size_t)count);
        else memcpy(to + r * p->columns, from, sizeof(float) * (size_t)count);
      }
      c += count;
    }
  }
}

#endif
