/* A pass of statistics: see statistics-state.h. */
#include "statistics-state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_BINS 4096
#define MOST_SIMILAR 65536
#define MOST_THREADS 1024
/* How far beyond the end kernels read vectors of rows' numbers. */
#define BEYOND_ROWS 16

struct statistics_state {
  int64_t batch, count, dim;
  double epsilon;
  int threads;
  struct statistics s;
  int32_t cells[CELLS];
  float edges[MOST_BINS];
};

static void *zeros(struct call *call, int64_t count, size_t bytes) {
  void *memory = call->problem ? 0 : calloc((size_t)(count > 0 ? count : 1), bytes);
  if (!memory) problem(call, "there is no memory for the statistics", -1);
  return memory;
}

/* How many edges aren't below a cosine: the number of its bin. They descend. */
static int bin_of(const struct statistics_state *state, double cosine) {
  int bin = 0;
  while (bin < state->s.bins - 1 && cosine <= (double)state->edges[bin]) bin++;
  return bin;
}

/* Of each cell its bin, or where comparing begins; a little wider than it is, since a cosine may be rounded into it. */
static void read_edges(struct call *call, struct statistics_state *state) {
  const float *edges = array_of(call, 0, FLOAT32_ARRAY, state->s.bins - 1);
  if (call->problem) return;
  if (state->s.bins > 1) memcpy(state->edges, edges, sizeof(float) * (size_t)(state->s.bins - 1));
  for (int cell = 0; cell < CELLS; cell++) {
    const double width = 2.0 / (CELLS - 2 * CELLS_BEYOND), least = -1 + (cell - CELLS_BEYOND) * width;
    /* What lies farther beyond is in the outermost cells too. */
    const int lowest = cell == 0 ? state->s.bins - 1 : bin_of(state, least - 1e-6);
    const int highest = cell == CELLS - 1 ? 0 : bin_of(state, least + width + 1e-6);
    state->cells[cell] = lowest == highest ? lowest : ~highest;
  }
  state->s.cells = state->cells;
  state->s.edges = state->edges;
}

/* Of each row p, q and b, where the call has them: copied, so that they stay as they are. */
static void read_about(struct call *call, struct statistics_state *state, int64_t rows) {
  const float **to[] = {&state->s.own, &state->s.other, &state->s.offset};
  for (int n = 0; n < 3; n++) {
    const float *from = array_of(call, 1 + n, FLOAT32_ARRAY, rows);
    float *copy = zeros(call, rows + BEYOND_ROWS, sizeof(float));
    if (copy && from) memcpy(copy, from, sizeof(float) * (size_t)rows);
    *to[n] = copy;
  }
}

struct statistics_state *statistics_open(struct call *call) {
  struct statistics_state *state = zeros(call, 1, sizeof *state);
  if (!state) return 0;
  struct statistics *s = &state->s;
  state->batch = whole_number(call, 0, 1, MOST_ROWS);
  state->count = whole_number(call, 1, 0, MOST_ROWS);
  state->dim = whole_number(call, 2, 1, MOST_ROWS);
  state->epsilon = real_number(call, 3, 0);
  state->threads = (int)whole_number(call, 4, 1, MOST_THREADS);
  s->energies = (int)whole_number(call, 5, 0, 4);
  for (int n = 0; n < s->energies; n++) s->pairs[n] = read_pair(call, 6 + 5 * n, state->epsilon);
  s->share_of = (int)whole_number(call, 26, -1, s->energies - 1);
  s->bins = (int)whole_number(call, 27, 0, MOST_BINS);
  const int nearest = (int)whole_number(call, 28, 0, 2), similar = (int)whole_number(call, 29, 0, 2);
  s->is_nearest_half = nearest == 2;
  s->is_similar_half = similar == 2;
  s->similar_limit = (int)whole_number(call, 30, 0, similar ? MOST_SIMILAR : 0);
  s->chord_squared = real_number(call, 31, -1);
  s->is_within_half = flag(call, 32);
  if (s->bins > 0) read_edges(call, state);
  const int64_t rows = times(call, state->batch, state->count), parts = times(call, state->threads, state->batch);
  struct tiles tiles;
  make_tiles(call, &tiles, state->batch, state->count, 0);
  s->sums = zeros(call, times(call, tiles.blocks, state->batch * SUMS_OF_BLOCK), sizeof(double));
  if (flag(call, 33)) read_about(call, state, rows);
  if (s->share_of >= 0) s->shares = zeros(call, rows, sizeof(double));
  s->histogram = zeros(call, times(call, parts, s->bins), sizeof(int64_t));
  if (nearest) {
    s->nearest_ranks = zeros(call, rows, sizeof(double));
    s->nearest_cosines = zeros(call, rows, sizeof(double));
    s->nearest_rows = zeros(call, rows, sizeof(int32_t));
    for (int64_t n = 0; !call->problem && n < rows; n++) {
      s->nearest_ranks[n] = -INFINITY;
      s->nearest_rows[n] = -1;
    }
  }
  s->similar = zeros(call, times(call, parts, s->similar_limit), sizeof(struct similar));
  s->similar_counts = zeros(call, parts, sizeof(int32_t));
  s->is_within = zeros(call, rows, 1);
  if (!call->problem) return state;
  statistics_close(state);
  return 0;
}

void statistics_close(struct statistics_state *state) {
  if (!state) return;
  struct statistics *s = &state->s;
  void *const all[] = {s->sums, (void *)s->own, (void *)s->other, (void *)s->offset, s->shares, s->histogram, s->nearest_ranks, s->nearest_cosines,
                       s->nearest_rows, s->similar, s->similar_counts, s->is_within};
  for (size_t n = 0; n < sizeof all / sizeof *all; n++) free(all[n]);
  free(state);
}

int64_t statistics_tasks(const struct statistics_state *state) {
  struct tiles tiles = {0};
  cut_tiles(&tiles, state->batch, state->count);
  return state->batch * tiles_of_entry(&tiles);
}

double statistics_task_flops(const struct statistics_state *state) {
  struct tiles tiles = {0};
  cut_tiles(&tiles, state->batch, state->count);
  return (double)tiles.side * (double)tiles.side * (2.0 * (double)state->dim + 60);
}

void statistics_step(struct call *call) {
  struct statistics_state *state = call->state;
  if (!state) {
    problem(call, "statistics are missing", -1);
    return;
  }
  atomic_llong claimed = 0;
  struct statistics s = state->s;
  s.rows = (struct rows){.epsilon = state->epsilon, .dim = (int64_t)state->dim};
  const int64_t rows = times(call, state->batch, state->count);
  s.rows.x = array_of(call, 0, FLOAT32_ARRAY, times(call, rows, state->dim));
  s.rows.inverses = array_of(call, 1, FLOAT64_ARRAY, rows);
  make_tiles(call, &s.tiles, state->batch, state->count, &claimed);
  const int64_t tasks = statistics_tasks(state);
  s.tiles.first_task = whole_number(call, 0, 0, tasks);
  s.tiles.last_task = whole_number(call, 1, 0, tasks);
  s.is_scaled = flag(call, 2);
  if (crew_threads(call->crew) > state->threads) problem(call, "statistics are of fewer threads", -1);
  if (call->problem) return;
  count_done(&s.tiles);
  run_kernel(call, call->kernels->statistics, &s, (double)(s.tiles.last_task - s.tiles.first_task) * statistics_task_flops(state));
}

static int by_rank(const void *a, const void *b) {
  const struct similar *x = a, *y = b;
  if (x->rank != y->rank) return x->rank > y->rank ? -1 : 1;
  return x->i != y->i ? (x->i < y->i ? -1 : 1) : (x->j > y->j) - (x->j < y->j);
}

/* The most similar pairs of all threads together. */
static void read_similar(struct call *call, const struct statistics_state *state) {
  const struct statistics *s = &state->s;
  const int64_t limit = s->similar_limit;
  double *cosines = array_of(call, 5, FLOAT64_ARRAY, times(call, state->batch, limit));
  int32_t *rows = array_of(call, 6, INT32_ARRAY, times(call, state->batch, 2 * limit)), *counts = array_of(call, 7, INT32_ARRAY, state->batch);
  struct similar *all = room_for(call, times(call, state->threads, limit), sizeof *all);
  if (call->problem) return;
  for (int64_t b = 0; b < state->batch; b++) {
    int64_t count = 0;
    for (int64_t thread = 0; thread < state->threads; thread++) {
      const int64_t part = thread * state->batch + b;
      memcpy(all + count, s->similar + part * limit, sizeof *all * (size_t)s->similar_counts[part]);
      count += s->similar_counts[part];
    }
    qsort(all, (size_t)count, sizeof *all, by_rank);
    counts[b] = (int32_t)(count < limit ? count : limit);
    for (int64_t n = 0; n < counts[b]; n++) {
      cosines[b * limit + n] = all[n].cosine;
      rows[2 * (b * limit + n)] = all[n].i;
      rows[2 * (b * limit + n) + 1] = all[n].j;
    }
  }
}

void statistics_read(struct call *call) {
  const struct statistics_state *state = call->state;
  if (!state) {
    problem(call, "statistics are missing", -1);
    return;
  }
  const struct statistics *s = &state->s;
  const int64_t rows = times(call, state->batch, state->count);
  double *sums = array_of(call, 0, FLOAT64_ARRAY, state->batch * SUMS_OF_BLOCK);
  double *shares = s->shares ? array_of(call, 1, FLOAT64_ARRAY, rows) : 0;
  double *angles = s->bins > 0 ? array_of(call, 2, FLOAT64_ARRAY, times(call, state->batch, s->bins)) : 0;
  double *cosines = s->nearest_ranks ? array_of(call, 3, FLOAT64_ARRAY, rows) : 0;
  int32_t *nearest = s->nearest_ranks ? array_of(call, 4, INT32_ARRAY, rows) : 0;
  double *within = array_of(call, 8, FLOAT64_ARRAY, state->batch);
  if (s->similar_limit > 0) read_similar(call, state);
  if (call->problem) return;
  struct tiles tiles = {0};
  cut_tiles(&tiles, state->batch, state->count);
  memset(sums, 0, sizeof(double) * SUMS_OF_BLOCK * (size_t)state->batch);
  for (int64_t block = 0; block < state->batch * tiles.blocks; block++) {
    for (int n = 0; n < SUMS_OF_BLOCK; n++) sums[block / tiles.blocks * SUMS_OF_BLOCK + n] += s->sums[block * SUMS_OF_BLOCK + n];
  }
  if (shares) memcpy(shares, s->shares, sizeof(double) * (size_t)rows);
  if (cosines) memcpy(cosines, s->nearest_cosines, sizeof(double) * (size_t)rows);
  if (nearest) memcpy(nearest, s->nearest_rows, sizeof(int32_t) * (size_t)rows);
  for (int64_t n = 0; n < state->batch * s->bins; n++) {
    angles[n] = 0;
    for (int64_t thread = 0; thread < state->threads; thread++) angles[n] += (double)s->histogram[thread * state->batch * s->bins + n];
  }
  for (int64_t b = 0; b < state->batch; b++) {
    within[b] = 0;
    for (int64_t i = 0; i < state->count; i++) within[b] += s->is_within[b * state->count + i];
  }
}
