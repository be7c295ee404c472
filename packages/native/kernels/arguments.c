/* What several commands read from a call: see arguments.h. */
#include "arguments.h"

#include "../generated/potential-names.h"
#include "tiles.h"

void run_kernel(struct call *call, kernel *kernel, const void *arguments, double flops) {
  if (call->problem) return;
  if (!crew_run(call->crew, kernel, arguments, flops >= call->least_shared)) {
    problem(call, "there is no memory to work in", -1);
  }
}

/*
 * Rows of a tile depend on N alone, never on the number of threads, so that results don't either: few where there are few, so that threads
 * share them; else whole multiples of what the micro-kernels take.
 */
static int side_for(int64_t rows) {
  if (rows <= 96) return rows < 1 ? 1 : (int)rows;
  if (rows <= 512) return 96;
  return rows <= 1024 ? 128 : 224;
}

int64_t tiles_of_entry(const struct tiles *tiles) {
  const int64_t even = (tiles->blocks + 1) & ~1;
  return tiles->blocks + (even - 1) * (even / 2);
}

void cut_tiles(struct tiles *tiles, int64_t batch, int64_t rows) {
  tiles->batch = (int)batch;
  tiles->rows = (int)rows;
  tiles->side = side_for(rows);
  tiles->blocks = (int)((rows + tiles->side - 1) / tiles->side);
  tiles->first_task = 0;
  tiles->last_task = INT64_MAX;
}

void make_tiles(struct call *call, struct tiles *tiles, int64_t batch, int64_t rows, atomic_llong *claimed) {
  cut_tiles(tiles, batch, rows);
  tiles->claimed = claimed;
  tiles->progress = room_for(call, times(call, batch, tiles->blocks), sizeof(atomic_int));
}

void count_done(const struct tiles *tiles) {
  struct tile at;
  struct tiles before = *tiles;
  atomic_llong claimed = 0;
  const int64_t diagonal = (int64_t)tiles->blocks * tiles->batch, even = (tiles->blocks + 1) & ~1, per_round = even / 2 * tiles->batch;
  before.claimed = &claimed;
  before.first_task = 0;
  before.last_task = tiles->first_task;
  if (even > 0 && tiles->first_task > diagonal) {
    /* Whole rounds at once: in each, a block met another one, or rested. */
    const int64_t rounds = (tiles->first_task - diagonal) / per_round;
    for (int64_t n = 0; n < diagonal; n++) {
      const int64_t block = n % tiles->blocks;
      const int rested = (tiles->blocks & 1) && block < rounds;
      atomic_store(&tiles->progress[n], (int)(1 + rounds - rested));
    }
    before.first_task = diagonal + rounds * per_round;
  }
  while (next_tile(&before, &at)) tile_done(&before, &at);
}

struct set read_rows(struct call *call, int number, int array) {
  struct set set;
  set.batch = whole_number(call, number, 1, MOST_ROWS);
  set.count = whole_number(call, number + 1, 0, MOST_ROWS);
  set.dim = whole_number(call, number + 2, 1, MOST_ROWS);
  set.size = times(call, times(call, set.batch, set.count), set.dim);
  set.rows.dim = (int64_t)set.dim;
  set.rows.epsilon = real_number(call, number + 3, 0);
  set.rows.x = array_of(call, array, FLOAT32_ARRAY, set.size);
  set.rows.inverses = 0;
  return set;
}

struct set read_set(struct call *call, int number, int array) {
  struct set set = read_rows(call, number, array);
  set.rows.inverses = array_of(call, array + 1, FLOAT64_ARRAY, times(call, set.batch, set.count));
  return set;
}

struct pair read_pair(struct call *call, int at, double epsilon) {
  struct pair pair;
  pair.potential = (int)whole_number(call, at, 0, POTENTIAL_COUNT - 1);
  pair.parameter = (float)real_number(call, at + 1, -1e30);
  pair.is_half = flag(call, at + 2);
  pair.is_two_sided = flag(call, at + 3);
  pair.floor = (float)real_number(call, at + 4, 0);
  pair.takes_differences = epsilon == 0;
  return pair;
}
