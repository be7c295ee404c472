/* What commands read their arguments by: see door.h. */
#include "door.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

void problem(struct call *call, const char *what, int at) {
  if (call->problem) return;
  call->problem = what;
  call->problem_at = at;
}

static double number_at(struct call *call, int at) {
  if ((size_t)at < call->number_count) return call->numbers[at];
  problem(call, "a number is missing", at);
  return 0;
}

int64_t whole_number(struct call *call, int at, int64_t least, int64_t most) {
  const double number = number_at(call, at);
  if (number >= (double)least && number <= (double)most && number == floor(number)) return (int64_t)number;
  problem(call, "a number is out of range", at);
  return least;
}

double real_number(struct call *call, int at, double least) {
  const double number = number_at(call, at);
  if (isfinite(number) && number >= least) return number;
  problem(call, "a number is not finite, or out of range", at);
  return least > 0 ? least : 0;
}

int flag(struct call *call, int at) { return (int)whole_number(call, at, 0, 1); }

/* More numbers than any memory has. */
#define MOST_SIZE ((int64_t)1 << 44)

int64_t times(struct call *call, int64_t a, int64_t b) {
  if (a >= 0 && b >= 0 && a <= MOST_SIZE && b <= MOST_SIZE && (b == 0 || a <= MOST_SIZE / b)) return a * b;
  problem(call, "sizes are too large", -1);
  return 0;
}

void *optional_array(struct call *call, int at, enum array_type type, int64_t length) {
  if ((size_t)at < call->array_count && call->arrays[at].type != NO_ARRAY) return array_of(call, at, type, length);
  return 0;
}

void *array_of(struct call *call, int at, enum array_type type, int64_t length) {
  if ((size_t)at >= call->array_count || call->arrays[at].type == NO_ARRAY) {
    problem(call, "an array is missing", at);
  } else if (call->arrays[at].type != type) {
    problem(call, "an array has another type", at);
  } else if (length < 0 || (uint64_t)length > call->arrays[at].length) {
    problem(call, "an array is too short", at);
  } else {
    return call->arrays[at].data;
  }
  return 0;
}

void *result_array(struct call *call, int at, enum array_type type, int64_t length) {
  void *array = array_of(call, at, type, length);
  if (array) prefer_large_pages(array, sizeof(float) * (size_t)length);
  return array;
}

/* Each piece of memory begins with where the one before it lies. */
struct piece {
  struct piece *before;
  double first;
};

void *room_for(struct call *call, int64_t count, size_t bytes) {
  if (call->problem) return 0;
  struct piece *piece = calloc(1, offsetof(struct piece, first) + (size_t)count * bytes + sizeof(double));
  if (!piece) {
    problem(call, "there is no memory to work in", -1);
    return 0;
  }
  piece->before = call->pieces;
  call->pieces = piece;
  return &piece->first;
}

void *kept_room_for(struct call *call, int64_t count, size_t bytes) {
  void *room = call->problem ? 0 : crew_room(call->crew, (size_t)count * bytes);
  return room ? room : room_for(call, count, bytes);
}

void free_room(struct call *call) {
  while (call->pieces) {
    struct piece *before = call->pieces->before;
    free(call->pieces);
    call->pieces = before;
  }
}
