/*
 * The commands without JavaScript around them, for the sanitizers: every command at awkward sizes, on one thread and on several, which must
 * give the same bits; and hostile calls, which must be refused or do no harm. Arrays end exactly where they are said to end, so that
 * AddressSanitizer sees whatever is read or written beyond.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kernels/door.h"
#include "../kernels/processor.h"
#include "../kernels/statistics-state.h"

enum { FINITE, DIRECTIONS, PAIRWISE, PAIRWISE_ENERGY, PAIRWISE_PRODUCT, MISMATCH, MISMATCH_PRODUCT, PRODUCT, RANDOM, SKETCH, STATISTICS_STEP, STATISTICS_READ, PAIRWISE_OF_KERNEL, COMMANDS };
/* That a pass of statistics is opened with. */
#define STATISTICS_NUMBERS 34

static uint64_t state = 88172645463325252u;
static uint32_t word(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (uint32_t)(state >> 16);
}
static float unit(void) { return (float)(word() % 20001) / 10000.0f - 1.0f; }

static size_t bytes_of(enum array_type type) { return type == FLOAT64_ARRAY ? 8 : type == UINT8_ARRAY ? 1 : 4; }

static void add_array(struct call *call, enum array_type type, size_t length) {
  struct array *array = &call->arrays[call->array_count++];
  *array = (struct array){type, calloc(length ? length : 1, bytes_of(type)), length};
  if (type == FLOAT32_ARRAY) for (size_t n = 0; n < length; n++) ((float *)array->data)[n] = unit();
}

static void add_given(struct call *call, struct array array) { call->arrays[call->array_count++] = array; }

static void fail(const char *what) {
  fprintf(stderr, "harness: %s\n", what);
  exit(1);
}

static void set_numbers(struct call *call, const double *numbers, size_t count) {
  memcpy(call->numbers, numbers, sizeof *numbers * count);
  call->number_count = count;
}

static uint64_t digest(uint64_t hash, const struct array *array) {
  const unsigned char *bytes = array->data;
  for (size_t n = 0; n < array->length * bytes_of(array->type); n++) hash = (hash ^ bytes[n]) * 1099511628211u;
  return hash;
}

static void free_from(struct call *call, size_t first) {
  while (call->array_count > first) free(call->arrays[--call->array_count].data);
}

static void run_or_fail(struct call *call, int command) {
  run_command(call, command);
  if (call->problem) {
    fprintf(stderr, "command %d: ", command);
    fail(call->problem);
  }
}

#define NUMBERS(call, ...) set_numbers(call, (const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

/* Every command once; a digest of all results. */
static uint64_t everything(const struct kernels *kernels, int threads, int batch, int rows, int dim, double epsilon, int potential) {
  struct call call = {.kernels = kernels, .crew = crew_open(threads, kernels->scratch_bytes)};
  const size_t all = (size_t)batch * (size_t)rows, size = all * (size_t)dim;
  uint64_t hash = 14695981039346656037u;
  state = 88172645463325252u + (uint64_t)(rows * 31 + dim);
  add_array(&call, FLOAT32_ARRAY, size);
  float *w = call.arrays[0].data;
  /* Some rows coincide, some are opposite, one is zero. */
  for (int k = 0; k < dim && rows > 6; k++) w[dim + k] = w[k], w[3 * dim + k] = -w[2 * dim + k], w[5 * dim + k] = 0;
  add_array(&call, FLOAT32_ARRAY, size);
  add_array(&call, FLOAT64_ARRAY, all);
  NUMBERS(&call, (double)all, dim, epsilon);
  run_or_fail(&call, DIRECTIONS);
  const struct array raw = call.arrays[0], x = call.arrays[1], inverses = call.arrays[2];

  call.array_count = 0;
  add_given(&call, x), add_given(&call, inverses);
  add_array(&call, FLOAT32_ARRAY, size), add_array(&call, FLOAT64_ARRAY, all), add_array(&call, FLOAT32_ARRAY, (size_t)batch);
  NUMBERS(&call, batch, rows, dim, epsilon, potential, 2, 1, 1, 1e-4, 1e-3, 1e-3, 0);
  run_or_fail(&call, PAIRWISE);
  const struct array gradient = call.arrays[2], along = call.arrays[3], energy = call.arrays[4];
  hash = digest(digest(hash, &gradient), &energy);

  /* The same of the rows themselves: the same bits. */
  call.array_count = 0;
  add_given(&call, raw), add_given(&call, (struct array){NO_ARRAY, 0, 0});
  add_array(&call, FLOAT32_ARRAY, size), add_array(&call, FLOAT64_ARRAY, all), add_array(&call, FLOAT32_ARRAY, (size_t)batch);
  call.numbers[11] = 1;
  run_or_fail(&call, PAIRWISE);
  if (digest(1, &call.arrays[2]) != digest(1, &gradient) || digest(1, &call.arrays[4]) != digest(1, &energy)) {
    fail("directions made in passing give other bits");
  }
  free_from(&call, 2);

  /* The first set of the batch once more, where it lies and with rows for columns, which makes another set of as many numbers. */
  for (int is_columns = 0; is_columns < 2; is_columns++) {
    call.array_count = 0;
    add_given(&call, (struct array){FLOAT32_ARRAY, raw.data, (size_t)(rows * dim)});
    add_array(&call, FLOAT32_ARRAY, (size_t)(rows * dim)), add_array(&call, FLOAT32_ARRAY, 1);
    struct call kernel = call;
    kernel.numbers[0] = 1, kernel.numbers[11] = is_columns, kernel.numbers[12] = 3, kernel.number_count = 13;
    run_or_fail(&kernel, PAIRWISE_OF_KERNEL);
    hash = digest(digest(hash, &kernel.arrays[1]), &kernel.arrays[2]);
    if (!is_columns && memcmp(kernel.arrays[2].data, energy.data, sizeof(float)) != 0) fail("a kernel where it lies gives other bits");
    free_from(&call, 1);
  }
  call.numbers[11] = 0;

  call.array_count = 0;
  add_given(&call, raw), add_array(&call, INT32_ARRAY, 1);
  struct call look = call;
  NUMBERS(&look, (double)size);
  for (int n = 0; n < 3; n++) {
    const size_t at = size / 2;
    const float kept = w[at];
    if (n > 0) w[at] = n == 1 ? INFINITY : NAN;
    run_or_fail(&look, FINITE);
    if (((int32_t *)look.arrays[1].data)[0] != (n > 0)) fail("which numbers are finite isn't seen");
    w[at] = kept;
  }
  free_from(&call, 1);

  call.array_count = 0;
  add_given(&call, x), add_given(&call, inverses), add_given(&call, gradient), add_given(&call, along);
  add_given(&call, raw), add_array(&call, FLOAT32_ARRAY, size);
  run_or_fail(&call, PAIRWISE_PRODUCT);
  hash = digest(hash, &call.arrays[5]);
  free_from(&call, 5);

  call.array_count = 2;
  add_array(&call, FLOAT32_ARRAY, (size_t)batch);
  run_or_fail(&call, PAIRWISE_ENERGY);
  hash = digest(hash, &call.arrays[2]);
  free_from(&call, 2);

  call.array_count = 2;
  add_given(&call, x), add_given(&call, inverses);
  add_array(&call, FLOAT32_ARRAY, size), add_array(&call, FLOAT64_ARRAY, all), add_array(&call, FLOAT64_ARRAY, (size_t)batch);
  add_array(&call, FLOAT64_ARRAY, (size_t)batch), add_array(&call, FLOAT32_ARRAY, (size_t)batch);
  NUMBERS(&call, batch, rows, dim, epsilon, batch, rows, dim, epsilon, 1, 1e-4, epsilon > 0, 1, 2);
  run_or_fail(&call, MISMATCH);
  hash = digest(hash, &call.arrays[4]);
  free_from(&call, 8);
  add_given(&call, raw);
  add_array(&call, FLOAT32_ARRAY, size), add_array(&call, FLOAT32_ARRAY, size);
  run_or_fail(&call, MISMATCH_PRODUCT);
  hash = digest(digest(hash, &call.arrays[9]), &call.arrays[10]);
  free_from(&call, 9);
  call.array_count = 8;
  free_from(&call, 4);

  for (int flags = 0; flags < 8; flags++) {
    const int sum = flags >> 2;
    call.array_count = 0;
    add_given(&call, x), add_given(&call, raw);
    const int a = flags & 1, b = flags >> 1 & 1;
    /* (N×d)(d×N) either way, or (d×N)(N×d). */
    const double r = a ? dim : rows, inner = a ? rows : dim;
    if (a == b) {
      call.array_count = 0;
      add_given(&call, x);
      add_array(&call, FLOAT32_ARRAY, (size_t)(inner * r) * (size_t)batch);
    }
    add_array(&call, FLOAT32_ARRAY, (size_t)(r * r) * (size_t)(sum ? 1 : batch));
    NUMBERS(&call, r, r, inner, batch, batch, a, b, sum);
    run_or_fail(&call, PRODUCT);
    hash = digest(hash, &call.arrays[2]);
    free(call.arrays[2].data);
    if (a == b) free(call.arrays[1].data);
  }

  for (int is_signs = 0; is_signs < 2; is_signs++) {
    call.array_count = 0;
    add_array(&call, FLOAT32_ARRAY, size + 5000);
    NUMBERS(&call, is_signs, (double)size + 5000, rows + 68719476736.0 - 3000, 1, 2, 3, 4, 5, 6, 7, 4294967295.0, 1, 2, 3);
    run_or_fail(&call, RANDOM);
    hash = digest(hash, &call.arrays[0]);
    free_from(&call, 0);
  }

  for (int kind = 0; kind < 4; kind++) {
    const int is_hadamard = kind & 1, projections = 5, k = (dim + 2) / 3;
    size_t padded = 1;
    while (padded < (size_t)dim) padded *= 2;
    const size_t shared = padded / (size_t)k, transforms = (projections + shared - 1) / shared;
    call.array_count = 0;
    add_array(&call, FLOAT32_ARRAY, size), add_array(&call, FLOAT32_ARRAY, (size_t)projections * all * (size_t)k);
    add_array(&call, FLOAT32_ARRAY, is_hadamard ? transforms * padded : (size_t)(projections * dim));
    add_array(&call, INT32_ARRAY, (size_t)(projections * (is_hadamard ? k : dim)));
    for (size_t n = 0; n < call.arrays[3].length; n++) ((int32_t *)call.arrays[3].data)[n] = (int32_t)(word() % (is_hadamard ? padded : (unsigned)k));
    NUMBERS(&call, is_hadamard, kind >> 1, (double)all, dim, projections, k);
    run_or_fail(&call, SKETCH);
    hash = digest(digest(hash, &call.arrays[0]), &call.arrays[1]);
    free_from(&call, 0);
  }

  call.array_count = 0;
  add_array(&call, FLOAT32_ARRAY, 35);
  for (int n = 0; n < 35; n++) ((float *)call.arrays[0].data)[n] = 1 - (float)(n + 1) / 18;
  double numbers[STATISTICS_NUMBERS] = {batch, rows, dim, epsilon, threads, 2, potential, 2, 1, 1, 1e-4, 3, 2, 0, 0, 1e-4};
  numbers[26] = 0, numbers[27] = 36, numbers[28] = 2, numbers[29] = 1, numbers[30] = 7, numbers[31] = 0.5, numbers[32] = 1, numbers[33] = 1;
  for (int n = 0; n < 3; n++) add_array(&call, FLOAT32_ARRAY, all);
  set_numbers(&call, numbers, STATISTICS_NUMBERS);
  call.state = statistics_open(&call);
  free_room(&call);
  free_from(&call, 0);
  if (!call.state) fail("statistics");
  const int64_t tasks = statistics_tasks(call.state), third = tasks / 3 + 1;
  for (int64_t first = 0; first < tasks; first += third) {
    /* Of the directions, and of the rows themselves. */
    const int is_scaled = first / third % 2;
    call.array_count = 0;
    add_given(&call, is_scaled ? x : raw), add_given(&call, inverses);
    NUMBERS(&call, (double)first, (double)(first + third < tasks ? first + third : tasks), is_scaled);
    run_or_fail(&call, STATISTICS_STEP);
  }
  call.array_count = 0;
  const size_t each = (size_t)batch;
  add_array(&call, FLOAT64_ARRAY, each * 10), add_array(&call, FLOAT64_ARRAY, all), add_array(&call, FLOAT64_ARRAY, each * 36);
  add_array(&call, FLOAT64_ARRAY, all), add_array(&call, INT32_ARRAY, all), add_array(&call, FLOAT64_ARRAY, each * 7);
  add_array(&call, INT32_ARRAY, each * 14), add_array(&call, INT32_ARRAY, each), add_array(&call, FLOAT64_ARRAY, each);
  run_or_fail(&call, STATISTICS_READ);
  for (size_t n = 0; n < call.array_count; n++) hash = digest(hash, &call.arrays[n]);
  free_from(&call, 0);
  statistics_close(call.state);

  free(raw.data), free(x.data), free(inverses.data), free(gradient.data), free(along.data), free(energy.data);
  crew_close(call.crew);
  return hash;
}

static const double nasty[] = {0, 1, 2, 3, 5, 8, 17, 33, 100, -1, 0.5, 1e300, -1e300, 2147483647, 2147483648.0, 9007199254740992.0, 0.0 / 1.0};
#define NASTY nasty[word() % (sizeof nasty / sizeof *nasty)]

/* Numbers and arrays of all kinds, which no command may follow out of an array. */
static void hostile(const struct kernels *kernels, int calls) {
  struct crew *crew = crew_open(2, kernels->scratch_bytes);
  int refused = 0;
  for (int n = 0; n < calls; n++) {
    struct call call = {.kernels = kernels, .crew = crew, .number_count = word() % 40};
    for (size_t k = 0; k < call.number_count; k++) call.numbers[k] = word() % 3 ? (double)(word() % 6) : NASTY;
    const uint32_t arrays = word() % 12;
    for (uint32_t k = 0; k < arrays; k++) {
      const uint32_t r = word();
      if (r % 9 == 0) call.array_count++;
      else add_array(&call, r % 4 == 0 ? FLOAT64_ARRAY : r % 7 == 0 ? INT32_ARRAY : FLOAT32_ARRAY, r % 200);
    }
    run_command(&call, (int)(word() % (COMMANDS + 1)) - 1);
    refused += call.problem != 0;
    free_from(&call, 0);
  }
  crew_close(crew);
  printf("%s: %d hostile calls, %d refused\n", kernels->name, calls, refused);
}

/* Now and then an array is missing, too short, or of another type; and numbers in it are none. */
static void add_doubtful(struct call *call, enum array_type type, size_t length) {
  if (word() % 30 == 0) type = (enum array_type)(word() % 6);
  if (word() % 30 == 0 && length > 0) length -= 1;
  if (type == NO_ARRAY) {
    add_given(call, (struct array){NO_ARRAY, 0, 0});
    return;
  }
  add_array(call, type, length);
  static const float strange[] = {NAN, INFINITY, -INFINITY, 3e38f, 1e-45f, 0};
  const struct array *array = &call->arrays[call->array_count - 1];
  if (type != FLOAT32_ARRAY || length == 0 || word() % 3) return;
  for (int n = 0; n < 5; n++) ((float *)array->data)[word() % length] = strange[word() % 6];
}

/* Passes of statistics that make sense but for a number or an array here and there: opened, worked on in any order, and read. */
static void hostile_statistics(const struct kernels *kernels, int passes) {
  int opened = 0, refused = 0, read = 0;
  for (int n = 0; n < passes; n++) {
    const int threads = 1 + (int)(word() % 3), batch = 1 + (int)(word() % 2), rows = (int)(word() % (word() % 8 ? 20 : 250)), dim = 1 + (int)(word() % 40);
    const int energies = (int)(word() % 5), bins = word() % 3 ? (int)(word() % 100) : 0, limit = (int)(word() % 9);
    const size_t all = (size_t)(batch * rows);
    struct call call = {.kernels = kernels, .crew = crew_open(1 + (int)(word() % (unsigned)threads), kernels->scratch_bytes)};
    double numbers[STATISTICS_NUMBERS] = {batch, rows, dim, word() % 2 ? 0 : 1e-3, threads, energies};
    for (int e = 0; e < 4; e++) {
      double *pair = numbers + 6 + 5 * e;
      pair[0] = word() % 15, pair[1] = 2, pair[2] = word() % 2, pair[3] = word() % 2, pair[4] = 1e-4;
    }
    numbers[26] = energies > 0 && word() % 2 ? word() % (unsigned)energies : -1.0;
    numbers[27] = bins, numbers[28] = word() % 3, numbers[29] = word() % 3, numbers[30] = numbers[29] > 0 ? limit : 0;
    numbers[31] = word() % 2 ? -1 : word() % 40 / 10.0, numbers[32] = word() % 2, numbers[33] = word() % 2;
    if (word() % 4 == 0) numbers[word() % STATISTICS_NUMBERS] = NASTY;
    set_numbers(&call, numbers, STATISTICS_NUMBERS);
    add_doubtful(&call, FLOAT32_ARRAY, bins > 0 ? (size_t)bins - 1 : 0);
    for (int k = 0; k < 3; k++) add_doubtful(&call, FLOAT32_ARRAY, all);
    call.state = statistics_open(&call);
    free_room(&call);
    free_from(&call, 0);
    opened += call.state != 0;
    for (int step = 0; call.state && step < 3; step++) {
      call.problem = 0;
      add_doubtful(&call, FLOAT32_ARRAY, all * (size_t)dim), add_doubtful(&call, FLOAT64_ARRAY, all);
      const double tasks = (double)statistics_tasks(call.state), first = word() % 2 ? 0 : word() % ((unsigned)tasks + 1);
      NUMBERS(&call, word() % 9 ? first : NASTY, word() % 9 ? tasks : NASTY, word() % 2);
      run_command(&call, STATISTICS_STEP);
      refused += call.problem != 0;
      free_from(&call, 0);
    }
    call.problem = 0;
    add_doubtful(&call, FLOAT64_ARRAY, (size_t)batch * 10), add_doubtful(&call, FLOAT64_ARRAY, all);
    add_doubtful(&call, FLOAT64_ARRAY, (size_t)(batch * bins)), add_doubtful(&call, FLOAT64_ARRAY, all), add_doubtful(&call, INT32_ARRAY, all);
    add_doubtful(&call, FLOAT64_ARRAY, (size_t)(batch * limit)), add_doubtful(&call, INT32_ARRAY, (size_t)(2 * batch * limit));
    add_doubtful(&call, INT32_ARRAY, (size_t)batch), add_doubtful(&call, FLOAT64_ARRAY, (size_t)batch);
    run_command(&call, STATISTICS_READ);
    read += call.state && !call.problem;
    free_from(&call, 0);
    statistics_close(call.state);
    crew_close(call.crew);
  }
  printf("%s: %d hostile passes of statistics: %d opened, %d steps refused, %d read\n", kernels->name, passes, opened, refused, read);
  if (opened < passes / 4 || read < passes / 8 || refused == 0) fail("hostile passes of statistics don't reach the kernels");
}

int main(int count, char **arguments) {
  const int calls = count > 1 ? atoi(arguments[1]) : 20000;
  int usable;
  const struct kernels *const *all = usable_kernels(&usable);
  static const int sizes[][3] = {{1, 1, 1}, {1, 2, 3}, {3, 7, 5}, {1, 97, 33}, {2, 130, 65}, {1, 225, 300}, {1, 1200, 17}};
  for (int isa = 0; isa < usable; isa++) {
    for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
      for (int potential = 0; potential < 15; potential += n == 4 ? 1 : 4) {
        for (int with = 0; with < 2; with++) {
          const int *size = sizes[n];
          const uint64_t one = everything(all[isa], 1, size[0], size[1], size[2], with * 1e-3, potential);
          const uint64_t four = everything(all[isa], 4, size[0], size[1], size[2], with * 1e-3, potential);
          if (one != four) fail("one thread and four give different bits");
        }
      }
    }
    printf("%s: every command, the same bits on one thread and on four\n", all[isa]->name);
    hostile(all[isa], calls);
    hostile_statistics(all[isa], calls / 10);
  }
  return 0;
}
