/* Threads, locks and conditions as the platform has them, of which the crew needs very little. */
#ifndef COMHE_THREAD_H
#define COMHE_THREAD_H

#if defined(_WIN32)

#include <process.h>
#include <windows.h>

typedef HANDLE thread;
typedef SRWLOCK lock;
typedef CONDITION_VARIABLE condition;
#define THREAD_RESULT unsigned __stdcall
#define THREAD_END return 0

static inline void lock_open(lock *l) { InitializeSRWLock(l); }
static inline void lock_close(lock *l) { (void)l; }
static inline void lock_take(lock *l) { AcquireSRWLockExclusive(l); }
static inline void lock_release(lock *l) { ReleaseSRWLockExclusive(l); }
static inline void condition_open(condition *c) { InitializeConditionVariable(c); }
static inline void condition_close(condition *c) { (void)c; }
static inline void condition_wait(condition *c, lock *l) { SleepConditionVariableSRW(c, l, INFINITE, 0); }
static inline void condition_wake_all(condition *c) { WakeAllConditionVariable(c); }
static inline int thread_start(thread *t, unsigned(__stdcall *run)(void *), void *of) {
  *t = (HANDLE)_beginthreadex(0, 0, run, of, 0, 0);
  return *t != 0;
}
static inline void thread_join(thread t) {
  WaitForSingleObject(t, INFINITE);
  CloseHandle(t);
}

#else

#include <pthread.h>
#include <signal.h>

typedef pthread_t thread;
typedef pthread_mutex_t lock;
typedef pthread_cond_t condition;
#define THREAD_RESULT void *
#define THREAD_END return 0

static inline void lock_open(lock *l) { pthread_mutex_init(l, 0); }
static inline void lock_close(lock *l) { pthread_mutex_destroy(l); }
static inline void lock_take(lock *l) { pthread_mutex_lock(l); }
static inline void lock_release(lock *l) { pthread_mutex_unlock(l); }
static inline void condition_open(condition *c) { pthread_cond_init(c, 0); }
static inline void condition_close(condition *c) { pthread_cond_destroy(c); }
static inline void condition_wait(condition *c, lock *l) { pthread_cond_wait(c, l); }
static inline void condition_wake_all(condition *c) { pthread_cond_broadcast(c); }
/* Signals are for the host's threads. */
static inline int thread_start(thread *t, void *(*run)(void *), void *of) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int failed = pthread_create(t, 0, run, of);
  pthread_sigmask(SIG_SETMASK, &before, 0);
  return !failed;
}
static inline void thread_join(thread t) { pthread_join(t, 0); }

#endif

#endif
