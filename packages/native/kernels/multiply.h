/*
 * The inner products of everything: a micro-kernel that keeps ROWS×2 vectors of sums in registers, and what brings its operands into order.
 *
 * Sums live in tiles of at most SIDE×SIDE numbers with a fixed stride, so that the addresses of a tile's rows are constants of the code. The
 * left operand is such a tile, read by rows or by columns; the right one is packed in panels of 2·WIDTH columns.
 */
#ifndef COMHE_MULTIPLY_H
#define COMHE_MULTIPLY_H

#include "simd.h"

/* Rows and columns of the largest tile. */
#define SIDE 240
/* From one row of a tile to the next: no multiple of a large power of two, which would crowd a few sets of the cache. */
#define STRIDE 272
/* Columns that are multiplied at once. */
#define DEPTH 256
/* Columns of a panel. */
#define PANEL (2 * WIDTH)
/* Floats of a tile, and of a panel. */
#define TILE_SIZE (SIDE * STRIDE)
#define PANEL_SIZE (DEPTH * PANEL)

/* Rows whose sums fit into the registers. */
#if WIDTH == 16
#define FULL_ROWS 14
#elif WIDTH == 4 && !defined(WIDE)
#define FULL_ROWS 12
#else
#define FULL_ROWS 6
#endif

#define EACH_1(X) X(0)
#define EACH_2(X) EACH_1(X) X(1)
#define EACH_4(X) EACH_2(X) X(2) X(3)
#define EACH_6(X) EACH_4(X) X(4) X(5)
#define EACH_8(X) EACH_6(X) X(6) X(7)
#define EACH_12(X) EACH_8(X) X(8) X(9) X(10) X(11)
#define EACH_14(X) EACH_12(X) X(12) X(13)

/* Of a row of sums: two vectors, or the first alone. */
#define SUMS(r) vec s##r = {0}, t##r = {0};
#define STEP(r)                             \
  {                                         \
    const vec x = vec_spread(a[LEFT_AT(r)]); \
    s##r += x * b0;                         \
    t##r += x * b1;                         \
  }
#define WRITE(r)                                      \
  store(to + (r) * stride, s##r);                     \
  store(to + (r) * stride + WIDTH, t##r);
#define ADD(r)                                                             \
  store(to + (r) * stride, load(to + (r) * stride) + s##r);                \
  store(to + (r) * stride + WIDTH, load(to + (r) * stride + WIDTH) + t##r);

#define NARROW_SUMS(r) vec s##r = {0};
#define NARROW_STEP(r) s##r += vec_spread(a[(r) * STRIDE]) * b0;
#define NARROW_WRITE(r) store(to + (r) * stride, s##r);
#define NARROW_ADD(r) store(to + (r) * stride, load(to + (r) * stride) + s##r);

/*
 * Of `left` rows so many at once: two rows would leave the processor waiting, so that sixteen are halved, and 24, 36 or 48, a width of many
 * layers, are dozens, in as many rounds as there would be with a rest.
 */
INLINE int rows_at_once(int left) {
  if (FULL_ROWS == 14 && left == 16) return 8;
  if (FULL_ROWS == 14 && left <= 48 && left % 12 == 0) return 12;
  return left < FULL_ROWS ? left : FULL_ROWS;
}

/* to[r][0 … PANEL) = Σ_p left(r, p)·panel[p][…], or added to what is there. */
#define MICRO(NAME, ROWS)                                                                                          \
  APART void NAME(const float *restrict a, const float *restrict panel, int64_t count, float *restrict to, int64_t stride, \
                  int add) {                                                                                       \
    EACH_##ROWS(SUMS) for (int64_t p = 0; p < count; p++) {                                                           \
      const vec b0 = load(panel), b1 = load(panel + WIDTH);                                                        \
      panel += PANEL;                                                                                              \
      LEFT_AHEAD(a)                                                                                                \
      EACH_##ROWS(STEP) a += LEFT_STEP;                                                                            \
    }                                                                                                              \
    if (add) {                                                                                                     \
      EACH_##ROWS(ADD)                                                                                             \
    } else {                                                                                                       \
      EACH_##ROWS(WRITE)                                                                                           \
    }                                                                                                              \
  }

#define MICROS(KIND)                                                                                    \
  MICRO(KIND##_1, 1)                                                                                    \
  MICRO(KIND##_2, 2)                                                                                    \
  MICRO(KIND##_4, 4)                                                                                    \
  MICRO(KIND##_6, 6)                                                                                    \
  MICRO(KIND##_8, 8)                                                                                    \
  MICRO(KIND##_12, 12)                                                                                  \
  MICRO(KIND##_14, 14)                                                                                  \
  /* `rows` of them, at most FULL_ROWS. */                                                              \
  INLINE void KIND(int rows, const float *a, const float *panel, int64_t count, float *to, int64_t stride, int add) { \
    if (FULL_ROWS == 14 && rows == 14) KIND##_14(a, panel, count, to, stride, add);                     \
    else if (FULL_ROWS >= 12 && rows == 12) KIND##_12(a, panel, count, to, stride, add);                \
    else if (FULL_ROWS == 6 && rows == 6) KIND##_6(a, panel, count, to, stride, add);                   \
    else KIND##_rest(rows, a, panel, count, to, stride, add);                                           \
  }

#define REST(KIND)                                                                                      \
  APART void KIND##_rest(int rows, const float *a, const float *panel, int64_t count, float *to, int64_t stride, int add) { \
    while (rows > 0) {                                                                                  \
      const int done = FULL_ROWS > 8 && rows >= 8 ? 8 : rows >= 4 ? 4 : rows >= 2 ? 2 : 1;              \
      if (FULL_ROWS > 8 && done == 8) KIND##_8(a, panel, count, to, stride, add);                       \
      else if (done == 4) KIND##_4(a, panel, count, to, stride, add);                                   \
      else if (done == 2) KIND##_2(a, panel, count, to, stride, add);                                   \
      else KIND##_1(a, panel, count, to, stride, add);                                                  \
      rows -= done;                                                                                     \
      a += done * LEFT_ROW;                                                                             \
      to += done * stride;                                                                              \
    }                                                                                                   \
  }

/* The left operand is a tile: its row r, column p. */
#define LEFT_ROW STRIDE
#define LEFT_STEP 1
#define LEFT_AT(r) ((r) * STRIDE)
#define LEFT_AHEAD(a)
static void by_rows_rest(int, const float *, const float *, int64_t, float *, int64_t, int);
MICROS(by_rows)
REST(by_rows)
#undef LEFT_ROW
#undef LEFT_STEP
#undef LEFT_AT
#undef LEFT_AHEAD

#if WIDTH == 16
/* The same of a panel that is half empty, where only WIDTH columns are wanted: a last one, in layers as wide as 48. */
#define NARROW(ROWS)                                                                                              \
  APART void narrow_##ROWS(const float *restrict a, const float *restrict panel, int64_t count, float *restrict to, int64_t stride, \
                           int add) {                                                                             \
    EACH_##ROWS(NARROW_SUMS) for (int64_t p = 0; p < count; p++) {                                                \
      const vec b0 = load(panel);                                                                                 \
      panel += PANEL;                                                                                             \
      EACH_##ROWS(NARROW_STEP) a++;                                                                               \
    }                                                                                                             \
    if (add) {                                                                                                    \
      EACH_##ROWS(NARROW_ADD)                                                                                     \
    } else {                                                                                                      \
      EACH_##ROWS(NARROW_WRITE)                                                                                   \
    }                                                                                                             \
  }
NARROW(12)
NARROW(14)
#undef NARROW
#endif

/* Whether so many rows and columns are done by half a panel; then they are. */
INLINE int by_narrow_rows(int rows, int columns, const float *a, const float *panel, int64_t count, float *to, int64_t stride, int add) {
#if WIDTH == 16
  if (columns <= WIDTH && rows == 12) narrow_12(a, panel, count, to, stride, add);
  else if (columns <= WIDTH && rows == 14) narrow_14(a, panel, count, to, stride, add);
  else return 0;
  return 1;
#else
  (void)rows, (void)columns, (void)a, (void)panel, (void)count, (void)to, (void)stride, (void)add;
  return 0;
#endif
}

/* The left operand is a tile's transpose: its column r, row p. */
#define LEFT_ROW 1
#define LEFT_STEP STRIDE
#define LEFT_AT(r) (r)
/* Every step is on another line of the cache, at a distance that no processor expects. */
#define LEFT_AHEAD(a)                         \
  __builtin_prefetch((a) + 8 * STRIDE);       \
  __builtin_prefetch((a) + 8 * STRIDE + 13);
static void by_columns_rest(int, const float *, const float *, int64_t, float *, int64_t, int);
MICROS(by_columns)
REST(by_columns)
#undef LEFT_ROW
#undef LEFT_STEP
#undef LEFT_AT
#undef LEFT_AHEAD

/* A thread's room for operands. */
struct operands {
  float left[TILE_SIZE] __attribute__((aligned(64)));
  float panel[PANEL_SIZE] __attribute__((aligned(64)));
};

/* Rows of numbers, `stride` floats apart, as a tile. */
INLINE void copy_rows(const float *from, int64_t stride, int rows, int count, float *to) {
  for (int i = 0; i < rows; i++) memcpy(to + (int64_t)i * STRIDE, from + i * stride, sizeof(float) * (size_t)count);
}

#if WIDTH == 16
/* 16 rows of 16 numbers to 16 columns, in four rounds in which pairs of rows exchange halves of their blocks. */
INLINE void transpose(const float *from, int64_t stride, float *to, int64_t to_stride) {
#define EXCHANGE(distance, low, high)                       \
  for (int r = 0; r < 16; r++) {                            \
    if (r & (distance)) continue;                           \
    const vec a = rows[r], b = rows[r + (distance)];        \
    rows[r] = SHUFFLE_ALL(a, b, low);                       \
    rows[r + (distance)] = SHUFFLE_ALL(a, b, high);         \
  }
#define SHUFFLE_ALL(a, b, order) (vec)_mm512_permutex2var_ps((__m512)(a), (__m512i)(order), (__m512)(b))
  vec rows[16];
  for (int r = 0; r < 16; r++) rows[r] = load(from + r * stride);
  EXCHANGE(8, ((ivec){0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23}),
           ((ivec){8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31}))
  EXCHANGE(4, ((ivec){0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27}),
           ((ivec){4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31}))
  EXCHANGE(2, ((ivec){0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29}),
           ((ivec){2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31}))
  EXCHANGE(1, ((ivec){0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30}),
           ((ivec){1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31}))
  for (int r = 0; r < 16; r++) store(to + r * to_stride, rows[r]);
#undef EXCHANGE
#undef SHUFFLE_ALL
}
#endif

/* Four rows of four numbers to four columns. */
INLINE void transpose_quad(const float *from, int64_t stride, float *to, int64_t to_stride) {
  const quad a = *(const loose_quad *)from, b = *(const loose_quad *)(from + stride);
  const quad c = *(const loose_quad *)(from + 2 * stride), d = *(const loose_quad *)(from + 3 * stride);
  const quad ab = SHUFFLE(a, b, 0, 4, 1, 5), cd = SHUFFLE(c, d, 0, 4, 1, 5);
  const quad AB = SHUFFLE(a, b, 2, 6, 3, 7), CD = SHUFFLE(c, d, 2, 6, 3, 7);
  *(loose_quad *)to = SHUFFLE(ab, cd, 0, 1, 4, 5);
  *(loose_quad *)(to + to_stride) = SHUFFLE(ab, cd, 2, 3, 6, 7);
  *(loose_quad *)(to + 2 * to_stride) = SHUFFLE(AB, CD, 0, 1, 4, 5);
  *(loose_quad *)(to + 3 * to_stride) = SHUFFLE(AB, CD, 2, 3, 6, 7);
}

/* PANEL rows of numbers as one panel: [count][PANEL]; what is missing is 0. */
APART void pack_transposed(const float *from, int64_t stride, int rows, int count, float *to) {
  int j = 0;
#if WIDTH == 16
  for (; j + 16 <= rows && count % 16 == 0; j += 16) {
    for (int k = 0; k < count; k += 16) transpose(from + j * stride + k, stride, to + (int64_t)k * PANEL + j, PANEL);
  }
#endif
  for (; j + 4 <= rows; j += 4) {
    const float *r0 = from + j * stride, *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride;
    int k = 0;
    for (; k + 4 <= count; k += 4) transpose_quad(r0 + k, stride, to + (int64_t)k * PANEL + j, PANEL);
    for (; k < count; k++) {
      float *at = to + (int64_t)k * PANEL + j;
      at[0] = r0[k];
      at[1] = r1[k];
      at[2] = r2[k];
      at[3] = r3[k];
    }
  }
  for (; j < PANEL; j++) {
    const float *row = from + j * stride;
    for (int k = 0; k < count; k++) to[(int64_t)k * PANEL + j] = j < rows ? row[k] : 0;
  }
}

/* `columns` of PANEL columns as one panel: [rows][PANEL]; what is missing is 0. */
INLINE void pack_columns(const float *from, int64_t stride, int rows, int columns, float *to) {
  if (columns >= PANEL) {
    for (int j = 0; j < rows; j++) {
      store(to + (int64_t)j * PANEL, load(from + j * stride));
      store(to + (int64_t)j * PANEL + WIDTH, load(from + j * stride + WIDTH));
    }
    return;
  }
  for (int j = 0; j < rows; j++) {
    for (int k = 0; k < PANEL; k++) to[(int64_t)j * PANEL + k] = k < columns ? from[j * stride + k] : 0;
  }
}

/* The panels of one set of rows times the tile that is the left operand; see `multiply_rows`. */
INLINE void multiply_panels(int count_a, const float *b, int64_t stride, int count_b, int depth, float *tile, int diagonal, int add,
                            struct operands *room) {
  for (int j = 0; j < count_b; j += PANEL) {
    const int columns = count_b - j < PANEL ? count_b - j : PANEL;
    pack_transposed(b + j * stride, stride, columns, depth, room->panel);
    for (int i = 0, rows; i < count_a; i += rows) {
      if (diagonal && i >= j + PANEL - 1) break;
      rows = rows_at_once(count_a - i);
      const float *left = room->left + (int64_t)i * STRIDE;
      float *to = tile + (int64_t)i * STRIDE + j;
      if (by_narrow_rows(rows, columns, left, room->panel, depth, to, STRIDE, add)) continue;
      by_rows(rows, left, room->panel, depth, to, STRIDE, add);
    }
  }
}

/*
 * tile = A Bᵀ of two sets of rows, or added to what is there. `diagonal`: only what has a column beyond its row is wanted, and panels without
 * such are left as they are.
 */
APART void multiply_rows(const float *a, int count_a, const float *b, int count_b, int64_t dim, float *tile, int diagonal,
                         int add, struct operands *room) {
  for (int64_t k = 0; k < dim; k += DEPTH) {
    const int depth = dim - k < DEPTH ? (int)(dim - k) : DEPTH;
    copy_rows(a + k, dim, count_a, depth, room->left);
    multiply_panels(count_a, b + k, dim, count_b, depth, tile, diagonal, add || k > 0, room);
  }
}

/*
 * A row times a number in float64, by the float32 number nearest to it and what that leaves out: but for 2^-48 of it, rounded once where
 * multiply-adds are fused, twice elsewhere. Where the second number would lose its digits, in float64.
 */
INLINE void scale_row(const float *row, double scale, int count, float *to) {
  int k = 0;
  if (scale > 1e-25 && scale < 1e25) {
    const float most = (float)scale, rest = (float)(scale - (double)most);
    for (; k + WIDTH <= count; k += WIDTH) {
      const vec x = load(row + k), small = x * rest;
      store(to + k, x * most + small);
    }
  } else {
    for (; k + WIDTH / 2 <= count; k += WIDTH / 2) {
      const dvec x = widened(*(const loose_hvec *)(row + k));
      *(loose_hvec *)(to + k) = narrowed(x * scale);
    }
  }
  for (; k < count; k++) to[k] = (float)(scale * (double)row[k]);
}

INLINE void scale_rows(const float *from, int64_t stride, const double *scales, int rows, int count, float *to) {
  for (int i = 0; i < rows; i++) scale_row(from + i * stride, scales[i], count, to + (int64_t)i * STRIDE);
}

/* The same of rows as they come, scaled on the way: `spare` has room for a tile. */
APART void multiply_raw_rows(const float *a, const double *scales_a, int count_a, const float *b, const double *scales_b, int count_b,
                                int64_t dim, float *tile, int diagonal, struct operands *room, float *spare) {
  for (int64_t k = 0; k < dim; k += DEPTH) {
    const int depth = dim - k < DEPTH ? (int)(dim - k) : DEPTH;
    scale_rows(a + k, dim, scales_a, count_a, depth, room->left);
    if (!diagonal) scale_rows(b + k, dim, scales_b, count_b, depth, spare);
    multiply_panels(count_a, diagonal ? room->left : spare, STRIDE, count_b, depth, tile, diagonal, k > 0, room);
  }
}

/* to = S·X, or Sᵀ·X where `turned`, or added to what is there; S is a tile whose other side counts `inner` rows of X. */
APART void multiply_tile(const float *tile, int turned, const float *x, int inner, float *to, int count, int64_t dim, int add,
                         struct operands *room) {
  float edge[FULL_ROWS * PANEL];
  for (int64_t k = 0; k < dim; k += PANEL) {
    const int columns = dim - k < PANEL ? (int)(dim - k) : PANEL;
    pack_columns(x + k, dim, inner, columns, room->panel);
    for (int i = 0, rows; i < count; i += rows) {
      rows = rows_at_once(count - i);
      const float *left = turned ? tile + i : tile + (int64_t)i * STRIDE;
      float *at = to + i * dim + k;
      if (columns == PANEL) {
        if (turned) by_columns(rows, left, room->panel, inner, at, dim, add);
        else by_rows(rows, left, room->panel, inner, at, dim, add);
        continue;
      }
      if (columns == WIDTH && !turned && by_narrow_rows(rows, columns, left, room->panel, inner, at, dim, add)) continue;
      if (turned) by_columns(rows, left, room->panel, inner, edge, PANEL, 0);
      else by_rows(rows, left, room->panel, inner, edge, PANEL, 0);
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          const float sum = edge[r * PANEL + c];
          at[r * dim + c] = add ? at[r * dim + c] + sum : sum;
        }
      }
    }
  }
}

#endif
