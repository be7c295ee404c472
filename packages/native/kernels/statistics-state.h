/*
 * A pass of statistics, which is cut into jobs: what it keeps from one to the next, in memory of its own that JavaScript never sees, so that
 * nothing there can be changed between two jobs.
 */
#ifndef COMHE_STATISTICS_STATE_H
#define COMHE_STATISTICS_STATE_H

#include "arguments.h"

struct statistics_state;

/*
 * Numbers: batch, rows, columns, ε; threads; how many energies, and four pairs (5 each); shareOf (−1: none); bins; nearest and similar (0: not
 * wanted, 1: full, 2: half space); similarLimit; chordSquared (−1: not wanted), isWithinHalf; hasAbout. Arrays: cosines of
 * the edges between bins, descending (float32); of each row p, q and b (about.h; float32).
 */
struct statistics_state *statistics_open(struct call *call);
void statistics_close(struct statistics_state *state);

/* Numbers: first and last task, whether rows are scaled. Arrays: directions where they are, else the rows themselves; and 1/ρ. */
void statistics_step(struct call *call);

/*
 * Arrays: sums (float64, [batch][10]), shares (float64, [batch][rows]), angles (float64, [batch][bins]), nearestCosines (float64), nearestRows
 * (int32), similar cosines (float64, [batch][limit]) and rows (int32, [batch][limit][2]), how many (int32, [batch]), rowsWithin (float64, [batch]).
 */
void statistics_read(struct call *call);

/* How many tasks there are, and flops of one, for whoever cuts the pass. */
int64_t statistics_tasks(const struct statistics_state *state);
double statistics_task_flops(const struct statistics_state *state);

#endif
