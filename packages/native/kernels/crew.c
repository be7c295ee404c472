/* The crew: see crew.h. */
#if !defined(_WIN32)
#define _POSIX_C_SOURCE 200809L
#endif
#include "crew.h"

#include <stdlib.h>

#include "memory.h"
#include "thread.h"
#include "wait.h"

/* How often a thread that is done looks for the next job before it parks: some ten microseconds, the time between two jobs of one call. */
#define LOOKS_BEFORE_PARKING 400

/* A piece of memory that calls use one after the other is kept up to this size: more is worth no program's memory between calls. */
#define MOST_KEPT ((size_t)64 << 20)

struct helper {
  struct crew *crew;
  thread thread;
  int number;
};

struct crew {
  int threads, started;
  size_t scratch_bytes;
  /* Of each thread; made when it is first needed. */
  void **scratch;
  struct helper *helpers;
  void *room;
  size_t room_bytes;
  lock lock;
  condition wake;
  /* Under the lock: the job, whether it still takes threads, and whether all is over. */
  kernel *run;
  const void *arguments;
  int is_open, is_over;
  /* Counts jobs. */
  atomic_uint job;
  /* Helpers at work. */
  atomic_int active;
};

static THREAD_RESULT help(void *of) {
  struct helper *helper = of;
  struct crew *crew = helper->crew;
  unsigned seen = 0;
  for (;;) {
    for (int looks = 0; looks < LOOKS_BEFORE_PARKING && atomic_load_explicit(&crew->job, memory_order_relaxed) == seen; looks++) {
      pause_thread();
    }
    lock_take(&crew->lock);
    while (!crew->is_over && atomic_load_explicit(&crew->job, memory_order_relaxed) == seen) {
      condition_wait(&crew->wake, &crew->lock);
    }
    if (crew->is_over) {
      lock_release(&crew->lock);
      THREAD_END;
    }
    seen = atomic_load_explicit(&crew->job, memory_order_relaxed);
    kernel *run = crew->is_open ? crew->run : 0;
    const void *arguments = crew->arguments;
    if (run) atomic_fetch_add(&crew->active, 1);
    lock_release(&crew->lock);
    if (!run) continue;
    run(arguments, helper->number, crew->scratch[helper->number]);
    atomic_fetch_sub(&crew->active, 1);
  }
}

struct crew *crew_open(int threads, size_t scratch_bytes) {
  struct crew *crew = calloc(1, sizeof *crew);
  if (!crew) return 0;
  crew->threads = threads;
  crew->scratch_bytes = scratch_bytes;
  crew->scratch = calloc((size_t)threads, sizeof *crew->scratch);
  crew->helpers = calloc((size_t)threads, sizeof *crew->helpers);
  if (!crew->scratch || !crew->helpers) {
    free(crew->scratch);
    free(crew->helpers);
    free(crew);
    return 0;
  }
  lock_open(&crew->lock);
  condition_open(&crew->wake);
  atomic_init(&crew->job, 0);
  atomic_init(&crew->active, 0);
  return crew;
}

/* As many threads as there is memory for, and as the system gives; they are asked for once. */
static void start_helpers(struct crew *crew) {
  for (int n = 1; n < crew->threads; n++) {
    struct helper *helper = &crew->helpers[n];
    *helper = (struct helper){.crew = crew, .number = n};
    crew->scratch[n] = aligned_memory(crew->scratch_bytes);
    if (!crew->scratch[n] || !thread_start(&helper->thread, help, helper)) {
      free_aligned_memory(crew->scratch[n]);
      break;
    }
    crew->started = n;
  }
  crew->threads = crew->started + 1;
}

int crew_run(struct crew *crew, kernel *run, const void *arguments, int is_shared) {
  if (!crew->scratch[0]) crew->scratch[0] = aligned_memory(crew->scratch_bytes);
  if (!crew->scratch[0]) return 0;
  if (is_shared && crew->threads > 1 && crew->started == 0) start_helpers(crew);
  if (!is_shared || crew->threads == 1) {
    run(arguments, 0, crew->scratch[0]);
    return 1;
  }
  lock_take(&crew->lock);
  crew->run = run;
  crew->arguments = arguments;
  crew->is_open = 1;
  atomic_fetch_add_explicit(&crew->job, 1, memory_order_relaxed);
  condition_wake_all(&crew->wake);
  lock_release(&crew->lock);
  run(arguments, 0, crew->scratch[0]);
  lock_take(&crew->lock);
  crew->is_open = 0;
  lock_release(&crew->lock);
  for (int looks = 0; atomic_load_explicit(&crew->active, memory_order_acquire) > 0; looks++) {
    if (looks < EAGER_LOOKS) pause_thread();
    else yield_thread();
  }
  return 1;
}

void *crew_room(struct crew *crew, size_t bytes) {
  if (bytes > MOST_KEPT) return 0;
  if (bytes > crew->room_bytes || !crew->room) {
    free_aligned_memory(crew->room);
    crew->room = aligned_memory(bytes > 0 ? bytes : 1);
    crew->room_bytes = crew->room ? bytes : 0;
  }
  return crew->room;
}

int crew_threads(const struct crew *crew) { return crew->threads; }

void crew_close(struct crew *crew) {
  lock_take(&crew->lock);
  crew->is_over = 1;
  condition_wake_all(&crew->wake);
  lock_release(&crew->lock);
  for (int n = 1; n <= crew->started; n++) thread_join(crew->helpers[n].thread);
  for (int n = 0; n <= crew->started; n++) free_aligned_memory(crew->scratch[n]);
  lock_close(&crew->lock);
  condition_close(&crew->wake);
  free_aligned_memory(crew->room);
  free(crew->scratch);
  free(crew->helpers);
  free(crew);
}
