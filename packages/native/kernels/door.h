/*
 * The door between JavaScript and the kernels. A call comes as a command's number, a row of float64 numbers and typed arrays; commands read
 * them through the functions below, which hold every number to its range and every array to its type and length. The first that is
 * wrong is remembered, and the command ends without any kernel having run: nothing from JavaScript makes a kernel read or write outside
 * of an array.
 *
 * Numbers are copied first, so that another thread that shares their buffer can't change them between check and use. Kernels read floats
 * from arrays, never an index that they follow unchecked.
 */
#ifndef COMHE_DOOR_H
#define COMHE_DOOR_H

#include <stddef.h>
#include <stdint.h>

#include "crew.h"
#include "kernels.h"

#define MOST_NUMBERS 64
#define MOST_ARRAYS 24

enum array_type { NO_ARRAY, FLOAT32_ARRAY, FLOAT64_ARRAY, INT32_ARRAY, UINT8_ARRAY, OTHER_ARRAY };

struct array {
  enum array_type type;
  void *data;
  size_t length;
};

struct call {
  const struct kernels *kernels;
  struct crew *crew;
  /* Work of fewer flops isn't shared. */
  double least_shared;
  double numbers[MOST_NUMBERS];
  size_t number_count;
  struct array arrays[MOST_ARRAYS];
  size_t array_count;
  /* What statistics keep from job to job, where the call is about them. */
  struct statistics_state *state;
  /* The first thing that was wrong. */
  const char *problem;
  int problem_at;
  /* Memory that ends with the call. */
  struct piece *pieces;
};

/* A whole number from `least` to `most`. */
int64_t whole_number(struct call *call, int at, int64_t least, int64_t most);
/* A finite number that is at least `least`. */
double real_number(struct call *call, int at, double least);
/* 0 or 1. */
int flag(struct call *call, int at);

/* The product of sizes, which are at least 0; too large: a problem. */
int64_t times(struct call *call, int64_t a, int64_t b);

/* An array of a type with at least so many numbers, or a problem and nothing. */
void *array_of(struct call *call, int at, enum array_type type, int64_t length);
/* The same for a result, which a kernel writes from the first number to the last: numbers of 4 bytes that may be in large pages (memory.h). */
void *result_array(struct call *call, int at, enum array_type type, int64_t length);
/* The same as `array_of`, where the array may be left out. */
void *optional_array(struct call *call, int at, enum array_type type, int64_t length);

/* Memory until the call ends, zeros; nothing is a problem. */
void *room_for(struct call *call, int64_t count, size_t bytes);
void free_room(struct call *call);
/* Memory until the next call that asks for it, whatever is in there; the crew keeps it, unless it is large. */
void *kept_room_for(struct call *call, int64_t count, size_t bytes);

void problem(struct call *call, const char *what, int at);

/* Runs a command; `call->problem` says whether it could. */
void run_command(struct call *call, int command);

#endif
