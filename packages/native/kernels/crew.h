/*
 * A backend's own threads. They are started with the first work that is large enough to share, parked between jobs, and joined when the
 * backend ends. The calling thread takes part and returns when all is done; a thread that wakes too late finds the job closed.
 */
#ifndef COMHE_CREW_H
#define COMHE_CREW_H

#include "kernels.h"

struct crew;

/* `threads` with the caller's; 0: no memory. */
struct crew *crew_open(int threads, size_t scratch_bytes);
void crew_close(struct crew *crew);

/* Runs the kernel on all threads, or on the caller's alone. 0: there is no memory to work in. */
int crew_run(struct crew *crew, kernel *run, const void *arguments, int is_shared);

/* Threads that there may be, the caller's included. */
int crew_threads(const struct crew *crew);

/* Memory that stays until a call asks for more, whatever it holds; 0: more than the crew keeps, or there is none. */
void *crew_room(struct crew *crew, size_t bytes);

#endif
