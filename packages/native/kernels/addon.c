/*
 * The Node-API module: backends as objects that hold threads and scratch memory, and one function through which all commands go. It keeps no
 * state of its own, so that every isolate (worker threads have one each) has backends apart from all others.
 */
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "processor.h"
#include "statistics-state.h"

#define MOST_THREADS 1024

/* What an object holds: which of both says its tag. */
struct backend {
  const struct kernels *kernels;
  struct crew *crew;
  double least_shared;
};
static const napi_type_tag backend_tag = {0x3d7c1a5be0f14c02, 0x9b1f7a6c2e5d4831};
static const napi_type_tag statistics_tag = {0x54e8b0d92f6a4c17, 0xa1c3e5f70b2d4968};

static napi_value fail(napi_env env, const char *message) {
  napi_throw_error(env, "ERR_COMHE_NATIVE", message);
  return 0;
}

/* What an object with this tag holds, or nothing. */
static void *held_by(napi_env env, napi_value object, const napi_type_tag *tag) {
  napi_valuetype type;
  bool is_tagged = false;
  void *held = 0;
  if (napi_typeof(env, object, &type) != napi_ok || type != napi_object) return 0;
  if (napi_check_object_type_tag(env, object, tag, &is_tagged) != napi_ok || !is_tagged) return 0;
  return napi_unwrap(env, object, &held) == napi_ok ? held : 0;
}

static napi_value object_of(napi_env env, void *held, const napi_type_tag *tag, napi_finalize finalize) {
  napi_value object;
  if (napi_create_object(env, &object) == napi_ok && napi_type_tag_object(env, object, tag) == napi_ok &&
      napi_wrap(env, object, held, finalize, 0, 0) == napi_ok) {
    return object;
  }
  finalize(env, held, 0);
  return fail(env, "an object could not be made");
}

static void end_backend(napi_env env, void *held, void *hint) {
  (void)env, (void)hint;
  struct backend *backend = held;
  if (backend->crew) crew_close(backend->crew);
  free(backend);
}

static void end_statistics(napi_env env, void *held, void *hint) {
  (void)env, (void)hint;
  statistics_close(held);
}

/* isas(): names of the instruction sets that can be used here, the widest last. */
static napi_value isas(napi_env env, napi_callback_info info) {
  (void)info;
  int count;
  const struct kernels *const *all = usable_kernels(&count);
  napi_value names;
  if (napi_create_array(env, &names) != napi_ok) return 0;
  for (int n = 0; n < count; n++) {
    napi_value name;
    if (napi_create_string_utf8(env, all[n]->name, NAPI_AUTO_LENGTH, &name) != napi_ok) return 0;
    napi_set_element(env, names, (uint32_t)n, name);
  }
  return names;
}

/* The kernels with this name that can be used here. */
static const struct kernels *kernels_called(napi_env env, napi_value value) {
  char name[16];
  size_t length;
  int count;
  if (napi_get_value_string_utf8(env, value, name, sizeof name, &length) != napi_ok) return 0;
  const struct kernels *const *all = usable_kernels(&count);
  for (int n = 0; n < count; n++) {
    if (strcmp(all[n]->name, name) == 0) return all[n];
  }
  return 0;
}

/* open(isa, threads, leastShared): a backend. */
static napi_value open_backend(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  double threads, least_shared;
  if (napi_get_cb_info(env, info, &count, arguments, 0, 0) != napi_ok || count != 3) return fail(env, "open takes three arguments");
  const struct kernels *kernels = kernels_called(env, arguments[0]);
  if (!kernels) return fail(env, "no such instruction set can be used here");
  if (napi_get_value_double(env, arguments[1], &threads) != napi_ok || !(threads >= 1 && threads <= MOST_THREADS) ||
      napi_get_value_double(env, arguments[2], &least_shared) != napi_ok) {
    return fail(env, "open takes a number of threads, and of flops");
  }
  struct backend *backend = calloc(1, sizeof *backend);
  struct crew *crew = backend ? crew_open((int)threads, kernels->scratch_bytes) : 0;
  if (!crew) {
    free(backend);
    return fail(env, "there is no memory for a backend");
  }
  *backend = (struct backend){kernels, crew, least_shared};
  return object_of(env, backend, &backend_tag, end_backend);
}

/*
 * close(backend): its threads end. close(pass of statistics): its memory is freed, for which the garbage collector would wait until the program
 * rests. Neither can be used any more.
 */
static napi_value close_backend(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  if (napi_get_cb_info(env, info, &count, &argument, 0, 0) != napi_ok || count != 1) return fail(env, "close takes a backend, or statistics");
  void *pass = held_by(env, argument, &statistics_tag);
  if (pass && napi_remove_wrap(env, argument, &pass) == napi_ok) {
    statistics_close(pass);
    return 0;
  }
  struct backend *backend = held_by(env, argument, &backend_tag);
  if (!backend) return fail(env, "close takes a backend, or statistics");
  if (backend->crew) crew_close(backend->crew);
  backend->crew = 0;
  return 0;
}

static enum array_type type_of(napi_typedarray_type type) {
  switch (type) {
    case napi_float32_array: return FLOAT32_ARRAY;
    case napi_float64_array: return FLOAT64_ARRAY;
    case napi_int32_array: return INT32_ARRAY;
    case napi_uint8_array: return UINT8_ARRAY;
    default: return OTHER_ARRAY;
  }
}

static int read_array(napi_env env, napi_value value, struct array *to) {
  napi_typedarray_type type;
  bool is_array = false;
  if (napi_is_typedarray(env, value, &is_array) != napi_ok || !is_array) return 0;
  if (napi_get_typedarray_info(env, value, &type, &to->length, &to->data, 0, 0) != napi_ok) return 0;
  to->type = type_of(type);
  return 1;
}

#define MOST_ARGUMENTS (3 + MOST_ARRAYS)

/* Fills in a call from (backend, command, numbers, …arrays); 0: an error was thrown. */
static int read_call(napi_env env, napi_callback_info info, struct call *call, int *command) {
  size_t count = MOST_ARGUMENTS;
  napi_value arguments[MOST_ARGUMENTS];
  double code;
  struct array numbers;
  if (napi_get_cb_info(env, info, &count, arguments, 0, 0) != napi_ok || count < 3 || count > MOST_ARGUMENTS) {
    fail(env, "a call takes a backend, a command, numbers and arrays");
    return 0;
  }
  const struct backend *backend = held_by(env, arguments[0], &backend_tag);
  if (!backend || !backend->crew) {
    fail(env, backend ? "the backend has ended: dispose() was called" : "a call takes a backend");
    return 0;
  }
  if (napi_get_value_double(env, arguments[1], &code) != napi_ok || !(code >= 0 && code <= 1000) ||
      !read_array(env, arguments[2], &numbers) || numbers.type != FLOAT64_ARRAY || numbers.length > MOST_NUMBERS) {
    fail(env, "a call takes a command and numbers");
    return 0;
  }
  *command = (int)code;
  call->kernels = backend->kernels;
  call->crew = backend->crew;
  call->least_shared = backend->least_shared;
  call->number_count = numbers.length;
  memcpy(call->numbers, numbers.data, sizeof(double) * numbers.length);
  call->array_count = count - 3;
  call->problem = 0;
  call->pieces = 0;
  call->state = 0;
  for (size_t n = 0; n < call->array_count; n++) {
    napi_valuetype type;
    struct array *to = &call->arrays[n];
    *to = (struct array){NO_ARRAY, 0, 0};
    if (napi_typeof(env, arguments[n + 3], &type) != napi_ok || type == napi_undefined || type == napi_null) continue;
    if (read_array(env, arguments[n + 3], to)) continue;
    struct statistics_state *state = held_by(env, arguments[n + 3], &statistics_tag);
    if (state) call->state = state;
    else to->type = OTHER_ARRAY;
  }
  return 1;
}

static napi_value end_call(napi_env env, const struct call *call) {
  if (!call->problem) return 0;
  char message[160];
  snprintf(message, sizeof message, "%s (%d)", call->problem, call->problem_at);
  return fail(env, message);
}

/* run(backend, command, numbers, …arrays) */
static napi_value run(napi_env env, napi_callback_info info) {
  struct call call;
  int command;
  if (!read_call(env, info, &call, &command)) return 0;
  run_command(&call, command);
  return end_call(env, &call);
}

/* statistics(backend, 0, numbers, …arrays): a pass, as an object with `tasks` and `taskFlops`. */
static napi_value open_statistics(napi_env env, napi_callback_info info) {
  struct call call;
  int command;
  if (!read_call(env, info, &call, &command)) return 0;
  struct statistics_state *state = statistics_open(&call);
  free_room(&call);
  if (!state) return end_call(env, &call);
  const double tasks = (double)statistics_tasks(state), flops = statistics_task_flops(state);
  napi_value object = object_of(env, state, &statistics_tag, end_statistics), number;
  if (!object) return 0;
  if (napi_create_double(env, tasks, &number) == napi_ok) napi_set_named_property(env, object, "tasks", number);
  if (napi_create_double(env, flops, &number) == napi_ok) napi_set_named_property(env, object, "taskFlops", number);
  return object;
}

/* threads(backend): how many it computes with at most, as far as is known. */
static napi_value threads(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument, result = 0;
  if (napi_get_cb_info(env, info, &count, &argument, 0, 0) != napi_ok || count != 1) return fail(env, "threads takes a backend");
  const struct backend *backend = held_by(env, argument, &backend_tag);
  if (!backend) return fail(env, "threads takes a backend");
  napi_create_int32(env, backend->crew ? crew_threads(backend->crew) : 0, &result);
  return result;
}

/* peak(isa, rounds): does multiply-adds and nothing else, and gives the flops that it did. */
static napi_value peak(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2], result = 0;
  double rounds;
  float sink = 0;
  if (napi_get_cb_info(env, info, &count, arguments, 0, 0) != napi_ok || count != 2) return fail(env, "peak takes two arguments");
  const struct kernels *kernels = kernels_called(env, arguments[0]);
  if (!kernels || napi_get_value_double(env, arguments[1], &rounds) != napi_ok || !(rounds >= 1 && rounds <= 1e10)) {
    return fail(env, "peak takes an instruction set and rounds");
  }
  napi_create_double(env, kernels->peak((int64_t)rounds, &sink), &result);
  return result;
}

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  const napi_property_descriptor functions[] = {
      {"isas", 0, isas, 0, 0, 0, napi_default, 0},
      {"open", 0, open_backend, 0, 0, 0, napi_default, 0},
      {"close", 0, close_backend, 0, 0, 0, napi_default, 0},
      {"run", 0, run, 0, 0, 0, napi_default, 0},
      {"statistics", 0, open_statistics, 0, 0, 0, napi_default, 0},
      {"threads", 0, threads, 0, 0, 0, napi_default, 0},
      {"peak", 0, peak, 0, 0, 0, napi_default, 0},
  };
  napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions);
  return exports;
}
