/*
 * The pairs of N rows as tiles, each the work of one thread, and the order in which they are taken.
 *
 * A tile (I, J) above the diagonal adds to the gradients of both its blocks of rows. So that no two threads write to one block, and so that
 * every block gets its sums in the same order whatever the number of threads, tiles go in the rounds of a tournament (circle method): in a
 * round, every block meets one other. A thread takes the next tile of the list and waits only where one of its two blocks is still in
 * an earlier round. Since tiles are taken in order, whoever holds the earlier one is at work on it.
 */
#ifndef COMHE_TILES_H
#define COMHE_TILES_H

#include "kernels.h"
#include "wait.h"

/* The current tile. */
struct tile {
  int entry, block_i, block_j, row_i, row_j, count_i, count_j;
  /* Of the tile within its batch entry, for tables. */
  int64_t number;
};

static inline int64_t claim(atomic_llong *claimed) {
  return atomic_fetch_add_explicit(claimed, 1, memory_order_relaxed);
}

static inline int place(const struct tiles *t, struct tile *at, int i, int j, int64_t number) {
  at->block_i = i;
  at->block_j = j;
  at->number = number;
  at->row_i = i * t->side;
  at->row_j = j * t->side;
  at->count_i = t->rows - at->row_i < t->side ? t->rows - at->row_i : t->side;
  at->count_j = t->rows - at->row_j < t->side ? t->rows - at->row_j : t->side;
  return 1;
}

/* Until a block has met all it meets before a round. */
static inline void wait_for_block(const struct tiles *t, int entry, int block, int round) {
  const int idle = (t->blocks & 1) && block < round ? 1 : 0;
  wait_until(&t->progress[(int64_t)entry * t->blocks + block], 1 + round - idle);
}

/* Claims the next tile and waits for its blocks; 0: none left. */
static inline int next_tile(const struct tiles *t, struct tile *at) {
  const int even = (t->blocks + 1) & ~1, in_round = even / 2;
  for (;;) {
    int64_t task = t->first_task + claim(t->claimed);
    if (task >= t->last_task) return 0;
    if (task < (int64_t)t->blocks * t->batch) {
      at->entry = (int)(task / t->blocks);
      const int block = (int)(task % t->blocks);
      return place(t, at, block, block, block);
    }
    task -= (int64_t)t->blocks * t->batch;
    const int64_t per_round = (int64_t)in_round * t->batch;
    if (even == 0 || task / per_round >= even - 1) return 0;
    const int round = (int)(task / per_round);
    task -= round * per_round;
    at->entry = (int)(task / in_round);
    const int slot = (int)(task % in_round);
    /* The last block stays, the others go round. */
    int first = even - 1, second = round;
    if (slot > 0) {
      first = (round + slot) % (even - 1);
      second = (round + even - 1 - slot) % (even - 1);
    }
    /* With an odd number one block has nobody to meet. */
    if (first >= t->blocks) continue;
    wait_for_block(t, at->entry, first, round);
    wait_for_block(t, at->entry, second, round);
    const int64_t number = t->blocks + (int64_t)round * in_round + slot;
    return first < second ? place(t, at, first, second, number) : place(t, at, second, first, number);
  }
}

/* Of a block of the current batch entry among those of all. */
static inline int64_t block_at(const struct tiles *t, const struct tile *at, int block) {
  return (int64_t)at->entry * t->blocks + block;
}

/* The current tile is complete. */
static inline void tile_done(const struct tiles *t, const struct tile *at) {
  atomic_fetch_add_explicit(&t->progress[block_at(t, at, at->block_i)], 1, memory_order_release);
  if (at->block_j != at->block_i) {
    atomic_fetch_add_explicit(&t->progress[block_at(t, at, at->block_j)], 1, memory_order_release);
  }
}

#endif
