/*
 * The most similar pairs that a thread has met, in a binary heap whose root is the least of them. Pairs have a total order, so that what all
 * threads have together holds the same pairs whatever the number of threads.
 */
#ifndef COMHE_SIMILAR_H
#define COMHE_SIMILAR_H

#include <math.h>

#include "kernels.h"

struct heap {
  struct similar *pairs;
  int32_t *length;
  int limit;
  /* What a pair must rank at least, to be kept. */
  double threshold;
};

static inline void set_threshold(struct heap *heap) {
  if (heap->limit == 0) heap->threshold = INFINITY;
  else heap->threshold = *heap->length < heap->limit ? -INFINITY : heap->pairs[0].rank;
}

/* Whether pair a is kept before pair b. */
static inline int is_before(const struct similar *a, const struct similar *b) {
  if (a->rank != b->rank) return a->rank > b->rank;
  return a->i != b->i ? a->i < b->i : a->j < b->j;
}

static inline void swap_pairs(struct similar *a, struct similar *b) {
  const struct similar kept = *a;
  *a = *b;
  *b = kept;
}

/* Takes in a pair, i < j, that ranks at the threshold or above. */
static void keep_similar(struct heap *heap, struct similar pair) {
  const int count = *heap->length;
  struct similar *at = heap->pairs;
  if (count < heap->limit) {
    at[count] = pair;
    *heap->length = count + 1;
    for (int n = count; n > 0 && is_before(&at[(n - 1) / 2], &at[n]); n = (n - 1) / 2) swap_pairs(&at[(n - 1) / 2], &at[n]);
  } else {
    if (!is_before(&pair, &at[0])) return;
    at[0] = pair;
    for (int n = 0;;) {
      int lowest = n;
      if (2 * n + 1 < count && is_before(&at[lowest], &at[2 * n + 1])) lowest = 2 * n + 1;
      if (2 * n + 2 < count && is_before(&at[lowest], &at[2 * n + 2])) lowest = 2 * n + 2;
      if (lowest == n) break;
      swap_pairs(&at[lowest], &at[n]);
      n = lowest;
    }
  }
  set_threshold(heap);
}

#endif
