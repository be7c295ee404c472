/*
 * The commands, in the order in which src/kernels/commands.ts names them: each reads its numbers and arrays at the door (door.h), makes
 * what room it needs, and runs one kernel after the other. Sums over tiles are added up here, in the order of the tiles, so that the bits
 * don't depend on the number of threads.
 */
#include <math.h>
#include <string.h>

#include "arguments.h"
#include "statistics-state.h"

/* What passes over rows cost a number, measured in what products of matrices do in the same time, which is how costs are told. */
#define FINITE_COST 10.0
#define DIRECTIONS_COST 60.0
#define PULLBACK_COST 100.0
#define PRODUCT_ROWS_COST 200.0
#define RANDOM_COST 500.0
#define SKETCH_COST 100.0

static double sum_of(const double *terms, int64_t count) {
  double sum = 0;
  for (int64_t n = 0; n < count; n++) sum += terms[n];
  return sum;
}

/* Not `finite`, which macOS has in math.h. Number: how many. Arrays: the numbers; whether some aren't finite (int32). */
static void all_finite(struct call *call) {
  atomic_llong claimed = 0;
  atomic_int found = 0;
  struct finite f = {.claimed = &claimed, .found = &found};
  f.count = whole_number(call, 0, 0, INT64_C(1) << 44);
  f.numbers = array_of(call, 0, FLOAT32_ARRAY, f.count);
  int32_t *to = array_of(call, 1, INT32_ARRAY, 1);
  run_kernel(call, call->kernels->finite, &f, FINITE_COST * (double)f.count);
  if (!call->problem) *to = atomic_load(&found);
}

static void directions(struct call *call) {
  atomic_llong claimed = 0;
  struct directions d = {.claimed = &claimed};
  d.count = whole_number(call, 0, 0, MOST_ROWS);
  d.dim = (int64_t)whole_number(call, 1, 1, MOST_ROWS);
  d.epsilon = real_number(call, 2, 0);
  const int64_t size = times(call, d.count, d.dim);
  d.from = array_of(call, 0, FLOAT32_ARRAY, size);
  d.unit = optional_array(call, 1, FLOAT32_ARRAY, size);
  d.inverses = array_of(call, 2, FLOAT64_ARRAY, d.count);
  run_kernel(call, call->kernels->directions, &d, DIRECTIONS_COST * (double)size);
}

/* Of each batch entry: weight·Σψ of its tiles, and selfWeight·Σφ(−x_iᵀx_i). */
static void add_up(const struct tiles *tiles, const double *energies, double weight, const double *self, double self_weight, float *to) {
  const int64_t count = tiles_of_entry(tiles);
  for (int64_t b = 0; b < tiles->batch; b++) {
    double energy = weight * sum_of(energies + b * count, count);
    if (self) energy += self_weight * sum_of(self + b * tiles->rows, tiles->rows);
    to[b] = (float)energy;
  }
}

/* Directions of a set of rows, and 1/ρ, which take the place of the rows. */
static void make_directions(struct call *call, struct set *set, float *unit) {
  atomic_llong claimed = 0;
  const int64_t count = times(call, set->batch, set->count);
  double *inverses = room_for(call, count, sizeof(double));
  const struct directions d = {
      .claimed = &claimed, .count = count, .dim = set->dim, .from = set->rows.x, .unit = unit, .inverses = inverses, .epsilon = set->rows.epsilon};
  run_kernel(call, call->kernels->directions, &d, DIRECTIONS_COST * (double)set->size);
  set->rows.x = unit;
  set->rows.inverses = inverses;
}

/* A set whose arrays are the rows themselves, and nothing, where the number says that they are no directions yet. */
static struct set read_set_or_rows(struct call *call, int is_raw_at) {
  if (!flag(call, is_raw_at)) return read_set(call, 0, 0);
  struct set set = read_rows(call, 0, 0);
  make_directions(call, &set, kept_room_for(call, set.size, sizeof(float)));
  return set;
}

/* A single tile is nothing to share. */
static double flops_of(const struct tiles *tiles, double flops) { return tiles->batch > 1 || tiles->blocks > 1 ? flops : 0; }

/* Σψ and its gradient on the raw rows of a set's directions; along is what a product needs besides, or nothing. */
static void pairs_of(struct call *call, const struct set *set, float *gradient, double *along, float *energy) {
  atomic_llong claimed = 0, claimed_rows = 0;
  struct pairwise p = {.rows = set->rows, .pair = read_pair(call, 4, set->rows.epsilon), .gradient = gradient};
  const double weight = real_number(call, 9, 0), self_weight = real_number(call, 10, 0);
  const int64_t rows = times(call, set->batch, set->count);
  make_tiles(call, &p.tiles, set->batch, set->count, &claimed);
  p.energies = room_for(call, times(call, set->batch, tiles_of_entry(&p.tiles)), sizeof(double));
  double *self = p.pair.is_half ? room_for(call, rows, sizeof(double)) : 0;
  run_kernel(call, call->kernels->pairwise, &p, flops_of(&p.tiles, 3.0 * (double)set->size * (double)set->count));
  const struct pulled pulled = {
      .claimed = &claimed_rows, .count = rows, .per_entry = set->count, .rows = set->rows, .scale = weight, .from = gradient,
      .self_weight = 2 * self_weight, .pair = p.pair, .self_energies = self, .to = gradient, .along = along};
  run_kernel(call, call->kernels->pullback, &pulled, PULLBACK_COST * (double)set->size);
  if (!call->problem) add_up(&p.tiles, p.energies, weight, self, self_weight, energy);
}

/*
 * Numbers: the set (4), the pair (5), the weights of pairs and of self terms, whether the set's rows are no directions yet. Arrays: the set (2),
 * then gradient, along, energy.
 */
static void pairwise(struct call *call) {
  const struct set set = read_set_or_rows(call, 11);
  float *gradient = result_array(call, 2, FLOAT32_ARRAY, set.size);
  double *along = array_of(call, 3, FLOAT64_ARRAY, times(call, set.batch, set.count));
  float *energy = array_of(call, 4, FLOAT32_ARRAY, set.batch);
  pairs_of(call, &set, gradient, along, energy);
}

/*
 * The same of a single set as it lies in a layer's kernel. Numbers: as above, but the last says whether neurons are columns of the array, [d][N],
 * and another what the gradient is multiplied with. Arrays: the numbers, then the gradient as they lie, energy.
 */
static void pairwise_of_kernel(struct call *call) {
  struct set set = read_rows(call, 0, 0);
  const int is_columns = flag(call, 11);
  const double by = real_number(call, 12, 0);
  if (set.batch != 1) problem(call, "a kernel is a single set", 0);
  float *to = array_of(call, 1, FLOAT32_ARRAY, set.size);
  float *energy = array_of(call, 2, FLOAT32_ARRAY, 1);
  float *unit = kept_room_for(call, times(call, is_columns ? 3 : 1, set.size), sizeof(float));
  if (call->problem) return;
  float *gradient = to;
  if (is_columns) {
    float *rows = unit + set.size;
    gradient = unit + 2 * set.size;
    const struct turned turned = {.from = set.rows.x, .to = rows, .rows = set.dim, .columns = set.count};
    call->kernels->turn(&turned);
    set.rows.x = rows;
  }
  make_directions(call, &set, unit);
  pairs_of(call, &set, gradient, 0, energy);
  const struct scaled scaled = {.numbers = gradient, .count = set.size, .times = by};
  if (!call->problem && by != 1) call->kernels->scale(&scaled);
  const struct turned back = {.from = gradient, .to = to, .rows = set.count, .columns = set.dim};
  if (!call->problem && is_columns) call->kernels->turn(&back);
}

/* The same without gradient and along: arrays are the set (2), then energy. */
static void pairwise_energy(struct call *call) {
  atomic_llong claimed = 0, claimed_rows = 0;
  const struct set set = read_set_or_rows(call, 11);
  struct pairwise p = {.rows = set.rows, .pair = read_pair(call, 4, set.rows.epsilon)};
  const double weight = real_number(call, 9, 0), self_weight = real_number(call, 10, 0);
  const int64_t rows = times(call, set.batch, set.count);
  float *energy = array_of(call, 2, FLOAT32_ARRAY, set.batch);
  make_tiles(call, &p.tiles, set.batch, set.count, &claimed);
  p.energies = room_for(call, times(call, set.batch, tiles_of_entry(&p.tiles)), sizeof(double));
  double *self = p.pair.is_half ? room_for(call, rows, sizeof(double)) : 0;
  run_kernel(call, call->kernels->pairwise_energy, &p, flops_of(&p.tiles, (double)set.size * (double)set.count));
  const struct pulled pulled = {
      .claimed = &claimed_rows, .count = rows, .per_entry = set.count, .rows = set.rows, .pair = p.pair, .self_energies = self};
  if (self) run_kernel(call, call->kernels->self_energies, &pulled, 100.0 * (double)rows);
  if (!call->problem) add_up(&p.tiles, p.energies, weight, self, self_weight, energy);
}

/* Numbers as of `pairwise`. Arrays: the set (2), then the gradient on the raw rows, along, V, and what H[V] goes to. */
static void pairwise_product(struct call *call) {
  atomic_llong claimed = 0, claimed_turned = 0, claimed_rows = 0;
  const struct set set = read_set(call, 0, 0);
  struct pairwise p = {.rows = set.rows, .pair = read_pair(call, 4, set.rows.epsilon)};
  const double weight = real_number(call, 9, 0), self_weight = real_number(call, 10, 0);
  const int64_t rows = times(call, set.batch, set.count);
  const float *gradient = array_of(call, 2, FLOAT32_ARRAY, set.size);
  double *along = array_of(call, 3, FLOAT64_ARRAY, rows);
  const float *vector = array_of(call, 4, FLOAT32_ARRAY, set.size);
  p.gradient = result_array(call, 5, FLOAT32_ARRAY, set.size);
  make_tiles(call, &p.tiles, set.batch, set.count, &claimed);
  float *turned = room_for(call, set.size, sizeof(float));
  const struct pulled turn = {
      .claimed = &claimed_turned, .count = rows, .per_entry = set.count, .rows = set.rows, .scale = 1, .from = vector, .to = turned};
  run_kernel(call, call->kernels->pullback, &turn, PULLBACK_COST * (double)set.size);
  p.turned = turned;
  run_kernel(call, call->kernels->pairwise_product, &p, 7.0 * (double)set.size * (double)set.count);
  const struct pulled pulled = {
      .claimed = &claimed_rows, .count = rows, .per_entry = set.count, .rows = set.rows, .scale = weight, .self_weight = 2 * self_weight,
      .pair = p.pair, .to = p.gradient, .along = along, .vector = vector, .gradient = gradient};
  run_kernel(call, call->kernels->product_rows, &pulled, PRODUCT_ROWS_COST * (double)set.size);
}

/* Both sets of a mismatch: four numbers and two arrays each, Z before X; then isAngle, floor, withDiagonal, isRoot, weight. */
static struct mismatch read_mismatch(struct call *call, struct set *z, struct set *x, int *is_root, double *weight, atomic_llong *claimed) {
  *z = read_set(call, 0, 0);
  *x = read_set(call, 4, 2);
  if (z->count != x->count || (x->batch != 1 && x->batch != z->batch)) problem(call, "two sets differ in their rows", -1);
  struct mismatch m = {.projected_batch = (int)z->batch, .projected = z->rows, .reference = x->rows};
  m.is_angle = flag(call, 8);
  m.floor = (float)real_number(call, 9, 0);
  m.with_diagonal = flag(call, 10);
  *is_root = flag(call, 11);
  *weight = real_number(call, 12, 0);
  make_tiles(call, &m.tiles, x->batch, x->count, claimed);
  return m;
}

/* Arrays: the sets (4), then gradient, along, losses and scales (float64, [batch]), and the loss. */
static void mismatch(struct call *call) {
  atomic_llong claimed = 0, claimed_rows = 0;
  struct set z, x;
  int is_root;
  double weight;
  struct mismatch m = read_mismatch(call, &z, &x, &is_root, &weight, &claimed);
  const int64_t rows = times(call, z.batch, z.count), tiles = tiles_of_entry(&m.tiles);
  m.gradient = result_array(call, 4, FLOAT32_ARRAY, z.size);
  double *along = array_of(call, 5, FLOAT64_ARRAY, rows), *losses = array_of(call, 6, FLOAT64_ARRAY, z.batch);
  double *scales = array_of(call, 7, FLOAT64_ARRAY, z.batch);
  float *loss = array_of(call, 8, FLOAT32_ARRAY, z.batch);
  m.losses = room_for(call, times(call, z.batch, tiles), sizeof(double));
  const double pairs = (double)z.batch * (double)z.count * (double)z.count;
  run_kernel(call, call->kernels->mismatch, &m, pairs * (3.0 * (double)z.dim + (double)x.dim));
  if (call->problem) return;
  for (int64_t b = 0; b < z.batch; b++) {
    const double sum = weight * sum_of(m.losses + b * tiles, tiles);
    losses[b] = is_root ? sqrt(sum) : sum;
    scales[b] = !is_root ? 1 : losses[b] == 0 ? 0 : 0.5 / losses[b];
    loss[b] = (float)losses[b];
  }
  const struct pulled pulled = {
      .claimed = &claimed_rows, .count = rows, .per_entry = z.count, .rows = z.rows, .scale = weight, .scales = scales, .from = m.gradient,
      .to = m.gradient, .along = along};
  run_kernel(call, call->kernels->pullback, &pulled, PULLBACK_COST * (double)z.size);
}

/*
 * Arrays: the sets (4), then the gradient on the raw rows, along, losses, scales, V, and what goes to Z and across to X. What the root adds:
 * with P_c = ⟨gradient, V⟩, P/L turns the gradient; what goes across is scaled by 1/(2L), and by P/(2L²).
 */
static void mismatch_product(struct call *call) {
  atomic_llong claimed = 0, claimed_turned = 0, claimed_rows = 0, claimed_across = 0;
  struct set z, x;
  int is_root;
  double weight;
  struct mismatch m = read_mismatch(call, &z, &x, &is_root, &weight, &claimed);
  const int64_t rows = times(call, z.batch, z.count), size = times(call, z.count, z.dim);
  const float *gradient = array_of(call, 4, FLOAT32_ARRAY, z.size);
  double *along = array_of(call, 5, FLOAT64_ARRAY, rows);
  const double *losses = array_of(call, 6, FLOAT64_ARRAY, z.batch), *scales = array_of(call, 7, FLOAT64_ARRAY, z.batch);
  const float *vector = array_of(call, 8, FLOAT32_ARRAY, z.size);
  m.gradient = result_array(call, 9, FLOAT32_ARRAY, z.size);
  m.across = result_array(call, 10, FLOAT32_ARRAY, x.size);
  double *turns = room_for(call, z.batch, sizeof(double)), *cross = room_for(call, 2 * z.batch, sizeof(double));
  float *turned = room_for(call, z.size, sizeof(float));
  if (call->problem) return;
  for (int64_t b = 0; b < z.batch; b++) {
    double inner = 0;
    for (int64_t n = b * size; n < (b + 1) * size; n++) inner += (double)gradient[n] * (double)vector[n];
    const int counts = is_root && losses[b] != 0;
    turns[b] = counts ? inner / losses[b] : 0;
    cross[2 * b] = !is_root ? 1 : losses[b] == 0 ? 0 : 0.5 / losses[b];
    cross[2 * b + 1] = counts ? 0.5 * inner / losses[b] / losses[b] : 0;
  }
  const struct pulled turn = {
      .claimed = &claimed_turned, .count = rows, .per_entry = z.count, .rows = z.rows, .scale = 1, .from = vector, .to = turned};
  run_kernel(call, call->kernels->pullback, &turn, PULLBACK_COST * (double)z.size);
  m.turned = turned;
  m.cross_scales = cross;
  const double pairs = (double)z.batch * (double)z.count * (double)z.count;
  run_kernel(call, call->kernels->mismatch_product, &m, pairs * (7.0 * (double)z.dim + 3.0 * (double)x.dim));
  const struct pulled pulled = {
      .claimed = &claimed_rows, .count = rows, .per_entry = z.count, .rows = z.rows, .scale = weight, .scales = scales, .to = m.gradient,
      .along = along, .vector = vector, .gradient = gradient, .turns = turns};
  run_kernel(call, call->kernels->product_rows, &pulled, PRODUCT_ROWS_COST * (double)z.size);
  const struct pulled across = {
      .claimed = &claimed_across, .count = times(call, x.batch, x.count), .per_entry = x.count, .rows = x.rows, .scale = weight,
      .from = m.across, .to = m.across};
  run_kernel(call, call->kernels->pullback, &across, PULLBACK_COST * (double)x.size);
}

/* Numbers: rows, columns, inner, batchA, batchB, transposeA, transposeB, sumBatch. Arrays: A, B, the product. */
static void product(struct call *call) {
  atomic_llong claimed = 0;
  struct product p = {.claimed = &claimed};
  p.rows = (int64_t)whole_number(call, 0, 0, MOST_ROWS);
  p.columns = (int64_t)whole_number(call, 1, 0, MOST_ROWS);
  p.inner = (int64_t)whole_number(call, 2, 0, MOST_ROWS);
  p.batch_a = (int)whole_number(call, 3, 1, MOST_ROWS);
  p.batch_b = (int)whole_number(call, 4, 1, MOST_ROWS);
  p.batch = p.batch_a > p.batch_b ? p.batch_a : p.batch_b;
  if (p.batch_a != p.batch_b && p.batch_a != 1 && p.batch_b != 1) problem(call, "two batches differ", -1);
  const int transpose_a = flag(call, 5), transpose_b = flag(call, 6);
  p.sum_batch = flag(call, 7);
  p.row_stride_a = transpose_a ? 1 : p.inner;
  p.inner_stride_a = transpose_a ? p.rows : 1;
  p.inner_stride_b = transpose_b ? 1 : p.columns;
  p.column_stride_b = transpose_b ? p.inner : 1;
  p.a = array_of(call, 0, FLOAT32_ARRAY, times(call, times(call, p.rows, p.inner), p.batch_a));
  p.b = array_of(call, 1, FLOAT32_ARRAY, times(call, times(call, p.inner, p.columns), p.batch_b));
  p.to = result_array(call, 2, FLOAT32_ARRAY, times(call, times(call, p.rows, p.columns), p.sum_batch ? 1 : p.batch));
  times(call, times(call, p.inner, p.batch), p.columns);
  run_kernel(call, call->kernels->product, &p, 2.0 * (double)p.batch * (double)p.rows * (double)p.columns * (double)p.inner);
}

/* Numbers: isSigns, count, words before it, the key (8), the nonce (3). Array: the numbers. */
static void random_numbers(struct call *call) {
  atomic_llong claimed = 0;
  struct random r = {.claimed = &claimed};
  r.is_signs = flag(call, 0);
  r.count = whole_number(call, 1, 0, INT64_C(1) << 44);
  r.first_word = whole_number(call, 2, 0, INT64_C(1) << 52);
  for (int n = 0; n < 8; n++) r.key[n] = (uint32_t)whole_number(call, 3 + n, 0, UINT32_MAX);
  for (int n = 0; n < 3; n++) r.nonce[n] = (uint32_t)whole_number(call, 11 + n, 0, UINT32_MAX);
  r.to = result_array(call, 0, FLOAT32_ARRAY, r.count);
  run_kernel(call, call->kernels->random, &r, RANDOM_COST * (double)r.count);
}

/* A copy of numbers of rows or columns, which kernels follow: each from 0 to below `end`, whatever happens to the original meanwhile. */
static const int32_t *read_index(struct call *call, int at, int64_t count, int64_t end) {
  const int32_t *from = array_of(call, at, INT32_ARRAY, count);
  int32_t *copy = room_for(call, count, sizeof(int32_t));
  if (call->problem) return 0;
  memcpy(copy, from, sizeof(int32_t) * (size_t)count);
  for (int64_t n = 0; n < count; n++) {
    if (copy[n] < 0 || copy[n] >= end) problem(call, "an index is out of range", at);
  }
  return copy;
}

/* Numbers: isHadamard, isBack, rows, dim, count, dimension. Arrays: rows, projected rows, signs, index (int32). */
static void sketch(struct call *call) {
  atomic_llong claimed = 0;
  struct sketch s = {.claimed = &claimed, .padded = 1};
  s.is_hadamard = flag(call, 0);
  s.is_back = flag(call, 1);
  s.count_rows = whole_number(call, 2, 0, MOST_ROWS);
  s.dim = whole_number(call, 3, 1, s.is_hadamard ? LARGEST_TRANSFORM : MOST_ROWS);
  s.count = whole_number(call, 4, 1, MOST_ROWS);
  while (s.padded < s.dim) s.padded *= 2;
  s.dimension = whole_number(call, 5, 1, s.is_hadamard ? s.padded : MOST_ROWS);
  s.shared = s.padded / s.dimension;
  const int64_t transforms = s.is_hadamard ? (s.count + s.shared - 1) / s.shared : s.count, length = s.is_hadamard ? s.padded : s.dim;
  s.rows = array_of(call, 0, FLOAT32_ARRAY, times(call, s.count_rows, s.dim));
  s.projected = array_of(call, 1, FLOAT32_ARRAY, times(call, times(call, s.count, s.count_rows), s.dimension));
  s.signs = array_of(call, 2, FLOAT32_ARRAY, times(call, transforms, length));
  s.index = read_index(call, 3, times(call, s.count, s.is_hadamard ? s.dimension : s.dim), s.is_hadamard ? s.padded : s.dimension);
  run_kernel(call, call->kernels->sketch, &s, SKETCH_COST * (double)s.count_rows * (double)transforms * (double)length);
}

void run_command(struct call *call, int command) {
  static void (*const all[])(struct call *) = {all_finite, directions, pairwise, pairwise_energy, pairwise_product,
                                               mismatch, mismatch_product, product, random_numbers, sketch, statistics_step,
                                               statistics_read, pairwise_of_kernel};
  if (command >= 0 && command < (int)(sizeof all / sizeof *all)) all[command](call);
  else problem(call, "there is no such command", command);
  free_room(call);
}
