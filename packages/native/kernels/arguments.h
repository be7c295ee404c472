/* What several commands read from a call: tiles, sets of rows, pair energies; and how they run a kernel. */
#ifndef COMHE_ARGUMENTS_H
#define COMHE_ARGUMENTS_H

#include "door.h"

#define MOST_ROWS INT32_MAX

/* Runs a kernel, if nothing was wrong until here; on all threads if it is worth it. */
void run_kernel(struct call *call, kernel *kernel, const void *arguments, double flops);

int64_t tiles_of_entry(const struct tiles *tiles);

/* How the pairs of `batch` times `rows` rows are cut. */
void cut_tiles(struct tiles *tiles, int64_t batch, int64_t rows);

/* All tiles of the pairs of `batch` times `rows` rows, none of which is done. */
void make_tiles(struct call *call, struct tiles *tiles, int64_t batch, int64_t rows, atomic_llong *claimed);

/* Marks the tiles before the first task as done. */
void count_done(const struct tiles *tiles);

/* A set of rows: batch, rows, columns, ε at four numbers; directions and 1/ρ at two arrays. */
struct set {
  int64_t batch, count, dim, size;
  struct rows rows;
};
struct set read_set(struct call *call, int number, int array);
/* Rows alone, of which directions are still to be made. */
struct set read_rows(struct call *call, int number, int array);

/* Five numbers: potential, parameter, half space, two-sided, floor. */
struct pair read_pair(struct call *call, int at, double epsilon);

#endif
