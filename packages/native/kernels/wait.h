/* How a thread waits for another that is at work: a moment at full speed, then lending its processor to others. */
#ifndef COMHE_WAIT_H
#define COMHE_WAIT_H

#include <stdatomic.h>

#if defined(_WIN32)
#include <windows.h>
/* Words of sixteen-bit times, which that header still takes from everyone. */
#undef near
#undef far
static inline void yield_thread(void) { SwitchToThread(); }
#else
#include <sched.h>
static inline void yield_thread(void) { sched_yield(); }
#endif

static inline void pause_thread(void) {
#if defined(__x86_64__) || defined(_M_X64)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/* Looks at a full speed before the processor is lent to others: a few microseconds. */
#define EAGER_LOOKS 200

static inline void wait_until(atomic_int *value, int least) {
  for (int looks = 0; atomic_load_explicit(value, memory_order_acquire) < least; looks++) {
    if (looks < EAGER_LOOKS) pause_thread();
    else yield_thread();
  }
}

#endif
