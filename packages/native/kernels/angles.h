/*
 * A histogram of the angles of pairs, found from their cosines, in one of two ways that count alike.
 *
 * Where few edges between bins lie among the cosines of a tile, as in more than a few dimensions, all of them are compared with each such
 * edge. Else cosines fall into narrow cells, most of which belong to one bin of the angle as a whole: a pair in such a cell costs one counter
 * more, and counters become bins in the end. Only in a cell with an edge between two bins is the cosine compared with it.
 */
#ifndef COMHE_ANGLES_H
#define COMHE_ANGLES_H

#include "pairs.h"

/* Where counters of cells with an edge begin: they stay below 0 for as long as a job lasts, which is how such cells are known. */
#define HAS_EDGE (-0x40000000)

struct angles {
  const struct statistics *s;
  /* Lanes take turns at two sets of counters, [2][CELLS], since pairs of one cell would wait for each other. */
  int32_t *counters;
  /* What the counters are of. */
  int64_t *histogram;
};

static void clear_counters(struct angles *a) {
  for (int cell = 0; cell < CELLS; cell++) {
    a->counters[cell] = a->counters[CELLS + cell] = a->s->cells[cell] < 0 ? HAS_EDGE : 0;
  }
}

/* Counters to bins. */
static void flush_angles(struct angles *a) {
  if (!a->histogram) return;
  for (int cell = 0; cell < CELLS; cell++) {
    const int bin = a->s->cells[cell];
    if (bin >= 0) a->histogram[bin] += (int64_t)a->counters[cell] + a->counters[CELLS + cell];
  }
  clear_counters(a);
}

/* From now on pairs are counted in this histogram. */
static void use_histogram(struct angles *a, int64_t *to) {
  if (to == a->histogram) return;
  if (a->histogram) flush_angles(a);
  else clear_counters(a);
  a->histogram = to;
}

/*
 * Cells of cosines. c + 3 lies between 2 and 4, where float32 numbers are spaced evenly: their highest bits are the number of a cell. What is
 * rounded beyond ±1 has cells on both sides.
 */
INLINE ivec cells_of(vec c) {
  const ivec cells = (((ivec)(c + 3.0f)) >> 11) + (CELLS_BEYOND - (0x40000000 >> 11));
  const ivec positive = cells & ~(cells < 0);
  const ivec beyond = positive > CELLS - 1;
  return (positive & ~beyond) | (beyond & (CELLS - 1));
}

/* Counts a cosine one by one. */
static void count_angle(const struct angles *a, int cell, float c, int by) {
  int bin = a->s->cells[cell];
  if (bin < 0) {
    bin = ~bin;
    while (bin < a->s->bins - 1 && c <= a->s->edges[bin]) bin++;
  }
  a->histogram[bin] += by;
}

/* Counts a cosine more, or less. */
APART void move_angle(const struct angles *a, float c, int by) { count_angle(a, cells_of(vec_spread(c))[0], c, by); }

/* Counts WIDTH cosines; below 0: some of them are in cells with an edge, and are to be told to `count_at_edges`. */
INLINE int32_t count_vector(const struct angles *a, vec c) {
  int32_t cells[WIDTH], found = 0;
  const ivec all = cells_of(c);
  memcpy(cells, &all, sizeof cells);
  for (int n = 0; n < WIDTH; n++) found |= ++a->counters[(n & 1) * CELLS + cells[n]];
  return found;
}

/* Of some cosines those in cells with an edge; of each vector `count` lanes. */
APART void count_at_edges(const struct angles *a, const float *cosines, int count) {
  for (int n = 0; n < count; n += WIDTH) {
    const ivec all = cells_of(load(cosines + n));
    int32_t cells[WIDTH], lanes[WIDTH], found = 0;
    memcpy(cells, &all, sizeof cells);
    /* Which lanes they are no processor could foresee, so that they are listed without a branch. */
    for (int lane = 0; lane < WIDTH; lane++) {
      lanes[found] = lane;
      found += a->s->cells[cells[lane]] < 0;
    }
    for (int at = 0; at < found; at++) count_angle(a, cells[lanes[at]], cosines[n + lanes[at]], 1);
  }
}

/* All pairs of a row, from column `first` on. */
APART void count_row(const struct angles *a, const float *row, int first, int end, float *pending) {
  float *at = pending;
  int j = first;
  for (; j + WIDTH <= end; j += WIDTH) {
    const vec c = load(row + j);
    store(at, c);
    /* Those in cells with an edge wait in a list, without a branch either. */
    at += (count_vector(a, c) >> 31) & WIDTH;
  }
  count_at_edges(a, pending, (int)(at - pending));
  for (; j < end; j++) count_angle(a, cells_of(vec_spread(row[j]))[0], row[j], 1);
}

/* Edges that are compared at once, and up to how many it is the faster way. */
#define EDGES_AT_ONCE 8
#define MOST_COMPARED (3 * WIDTH)

/* How many of the tile's cosines are above each of EDGES_AT_ONCE edges. */
APART void count_above(const struct work *w, const float *edges, int64_t *above) {
  vec edge[EDGES_AT_ONCE];
  ivec counts[EDGES_AT_ONCE] = {{0}};
  for (int n = 0; n < EDGES_AT_ONCE; n++) edge[n] = vec_spread(edges[n]);
  for (int i = 0; i < w->count_i; i++) {
    const int first = w->diagonal ? i + 1 : 0, end = w->count_j;
    const float *row = w->slopes + (int64_t)i * STRIDE;
    int j = first & -WIDTH;
    /* A lane that is no pair is below every edge. */
    if (j < first && j < end) {
      const vec c = vec_select(columns_within(j, first, end), load(row + j), vec_spread(-4));
      for (int n = 0; n < EDGES_AT_ONCE; n++) counts[n] -= c > edge[n];
      j += WIDTH;
    }
    for (; j + WIDTH <= end; j += WIDTH) {
      const vec c = load(row + j);
      for (int n = 0; n < EDGES_AT_ONCE; n++) counts[n] -= c > edge[n];
    }
    if (j < end) {
      const vec c = vec_select(columns_within(j, first, end), load(row + j), vec_spread(-4));
      for (int n = 0; n < EDGES_AT_ONCE; n++) counts[n] -= c > edge[n];
    }
  }
  for (int n = 0; n < EDGES_AT_ONCE; n++) {
    above[n] = 0;
    for (int lane = 0; lane < WIDTH; lane++) above[n] += counts[n][lane];
  }
}

/* How many edges are at least so large; they descend. */
static int edges_from(const struct statistics *s, float least) {
  int low = 0, high = s->bins - 1;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (s->edges[middle] >= least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* All pairs of a tile, none of whose |c| is above `largest`. */
APART void count_angles(const struct angles *a, const struct work *w, float largest, float *pending) {
  const struct statistics *s = a->s;
  /* No cosine is above the first edges, all are above the last ones. */
  const int first = edges_from(s, largest), end = edges_from(s, -largest);
  if (end - first > MOST_COMPARED) {
    for (int i = 0; i < w->count_i; i++) {
      count_row(a, w->slopes + (int64_t)i * STRIDE, w->diagonal ? i + 1 : 0, w->count_j, pending);
    }
    return;
  }
  const int64_t pairs = w->diagonal ? (int64_t)w->count_i * (w->count_i - 1) / 2 : (int64_t)w->count_i * w->count_j;
  int64_t above = 0;
  for (int bin = first; bin < end; bin += EDGES_AT_ONCE) {
    float edges[EDGES_AT_ONCE];
    int64_t counts[EDGES_AT_ONCE];
    const int some = end - bin < EDGES_AT_ONCE ? end - bin : EDGES_AT_ONCE;
    for (int n = 0; n < EDGES_AT_ONCE; n++) edges[n] = n < some ? s->edges[bin + n] : 4;
    count_above(w, edges, counts);
    for (int n = 0; n < some; n++) {
      a->histogram[bin + n] += counts[n] - above;
      above = counts[n];
    }
  }
  a->histogram[end] += pairs - above;
}

#endif
