/*
 * A thread of a model's own that runs calls in the order in which they were started. Between two of them it looks for the
 * next without sleeping: to wake a thread takes tens of microseconds, on a virtual machine a hundred. Plain C, so that
 * the stand-in library of the tests runs the same.
 */
#ifndef JUDGE_CUDA_RUNNER_H
#define JUDGE_CUDA_RUNNER_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

#include "../include/judge_cuda.h"

enum { JC_RUNNER_ROOM = 16 };
/* What lies between two rounds: the caller's work, and the other model's. */
static const uint64_t kRunnerLooksFor = 20000000; /* nanoseconds */

typedef struct jc_runner {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t started, finished;
  jc_call *calls[JC_RUNNER_ROOM]; /* a ring */
  uint32_t first, count;
  uint32_t waiting; /* count as the thread reads it without the lock */
  int alive, stopping, asleep, watchers;
  void (*run)(void *owner, jc_call *call);
  void *owner;
} jc_runner;

static inline uint64_t runner_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void runner_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/* The next call, or null when the runner is to stop. */
static inline jc_call *runner_next(jc_runner *r) {
  const uint64_t from = runner_clock();
  uint32_t looks = 0;
  while (!__atomic_load_n(&r->waiting, __ATOMIC_ACQUIRE) && !__atomic_load_n(&r->stopping, __ATOMIC_ACQUIRE)) {
    runner_pause();
    if ((++looks & 63) == 0 && runner_clock() - from > kRunnerLooksFor) break;
  }
  pthread_mutex_lock(&r->lock);
  r->asleep = 1;
  while (!r->count && !r->stopping) pthread_cond_wait(&r->started, &r->lock);
  r->asleep = 0;
  jc_call *call = 0;
  if (r->count) {
    call = r->calls[r->first];
    r->first = (r->first + 1) % JC_RUNNER_ROOM;
    __atomic_store_n(&r->waiting, --r->count, __ATOMIC_RELEASE);
  }
  pthread_mutex_unlock(&r->lock);
  return call;
}

static inline void *runner_loop(void *given) {
  jc_runner *r = (jc_runner *)given;
  for (jc_call *call = runner_next(r); call; call = runner_next(r)) {
    const uint64_t from = runner_clock();
    r->run(r->owner, call);
    call->nanoseconds = runner_clock() - from;
    /* from here on the caller may take the call's memory away */
    pthread_mutex_lock(&r->lock);
    __atomic_store_n(&call->done, 1, __ATOMIC_RELEASE);
    if (r->watchers) pthread_cond_broadcast(&r->finished);
    pthread_mutex_unlock(&r->lock);
  }
  return 0;
}

/* Returns 0, or an error of pthread_create. */
static inline int runner_begin(jc_runner *r, void (*run)(void *, jc_call *), void *owner) {
  pthread_mutex_init(&r->lock, 0);
  pthread_cond_init(&r->started, 0);
  pthread_cond_init(&r->finished, 0);
  r->run = run;
  r->owner = owner;
  const int failed = pthread_create(&r->thread, 0, runner_loop, r);
  r->alive = !failed;
  return failed;
}

/* Returns 0 where too many calls wait already. */
static inline int runner_start(jc_runner *r, jc_call *call) {
  pthread_mutex_lock(&r->lock);
  const int taken = r->count < JC_RUNNER_ROOM;
  if (taken) {
    call->done = 0;
    r->calls[(r->first + r->count) % JC_RUNNER_ROOM] = call;
    __atomic_store_n(&r->waiting, ++r->count, __ATOMIC_RELEASE);
    if (r->asleep) pthread_cond_signal(&r->started);
  }
  pthread_mutex_unlock(&r->lock);
  return taken;
}

static inline void runner_wait(jc_runner *r, const jc_call *call) {
  pthread_mutex_lock(&r->lock);
  r->watchers++;
  while (!__atomic_load_n(&call->done, __ATOMIC_ACQUIRE)) pthread_cond_wait(&r->finished, &r->lock);
  r->watchers--;
  pthread_mutex_unlock(&r->lock);
}

/* Ends the thread once what was started is done. */
static inline void runner_end(jc_runner *r) {
  if (!r->alive) return;
  pthread_mutex_lock(&r->lock);
  __atomic_store_n(&r->stopping, 1, __ATOMIC_RELEASE);
  pthread_cond_signal(&r->started);
  pthread_mutex_unlock(&r->lock);
  pthread_join(r->thread, 0);
  r->alive = 0;
  pthread_cond_destroy(&r->finished);
  pthread_cond_destroy(&r->started);
  pthread_mutex_destroy(&r->lock);
}

#endif
