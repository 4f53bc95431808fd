// One pool of threads for all plans: a region of work is cut into parts, the caller takes the first, workers the rest.
//
// A worker waits for its next part in three steps: it spins, since the next region usually follows within a
// microsecond; then it offers its core to others between looks; then it sleeps, so that an idle process costs nothing.
// Each worker has a mailbox of its own, so a region of two parts disturbs one worker only. A part that its worker has not
// begun when the caller is done with its own, because the core went to another program, is done by the caller.

#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

#include "Workers.h"

#if defined(__wasm__)
int32_t dk_threads(void) { return 1; }
void dk_set_threads(int32_t count) { (void)count; }
void dk_in_parts(int32_t parts, dk_part body, void *state) { for (int32_t i = 0; i < parts; i++) body(state, i); }
int dk_workers_are_awake(void) { return 0; }
void dk_wake_workers(int32_t count) { (void)count; }
#else

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

// Looks at a mailbox before giving up: some 150 µs, then as long again. With more threads than processors a look costs
// another thread its turn.
enum { MOST_WORKERS = DK_MAX_THREADS - 1, SPINS = 4000, YIELDS = 1000, CROWDED_YIELDS = 4 };

typedef struct {
  _Alignas(128) _Atomic uint64_t ticket;  // raised by one for each part to do
  _Atomic uint64_t claimed;               // the last ticket somebody took
  _Atomic int asleep, nudged;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  int32_t part;
} mailbox;

static struct {
  mailbox box[MOST_WORKERS];
  _Atomic int32_t workers;
  int32_t processors;
  int isFull;                             // the system refused another thread
  dk_part body;
  void *state;
  _Alignas(128) _Atomic int32_t unfinished;
  _Alignas(128) atomic_flag taken;
} pool = {.taken = ATOMIC_FLAG_INIT};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int32_t count_processors(void) {
#if defined(__linux__)
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) {
    int count = CPU_COUNT(&allowed);
    if (count > 0) return count;
  }
#endif
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int32_t)count : 1;
}

static _Atomic int32_t threads;

void dk_set_threads(int32_t count) {
  atomic_store(&threads, count < 1 ? 1 : count > DK_MAX_THREADS ? DK_MAX_THREADS : count);
}

// What the environment asks for, or 0 where it asks for nothing; what is no such number is said once.
static int32_t wished_threads(void) {
  const char *wish = getenv("DESCENT_THREADS");
  if (!wish || !*wish) return 0;
  char *end;
  long count = strtol(wish, &end, 10);
  if (*end == 0 && count > 0) return count > DK_MAX_THREADS ? DK_MAX_THREADS : (int32_t)count;
  static atomic_flag said = ATOMIC_FLAG_INIT;
  if (!atomic_flag_test_and_set(&said)) {
    fprintf(stderr, "DESCENT_THREADS: expected a whole number above 0, found \"%.40s\"; using all processors.\n", wish);
  }
  return 0;
}

int32_t dk_threads(void) {
  int32_t count = atomic_load_explicit(&threads, memory_order_relaxed);
  if (count > 0) return count;
  count = wished_threads();
  dk_set_threads(count > 0 ? count : count_processors());
  return atomic_load(&threads);
}

static void sleep_until_called(mailbox *box, uint64_t seen) {
  pthread_mutex_lock(&box->lock);
  atomic_store(&box->asleep, 1);
  // Either this sees the new ticket, or the caller sees the sleeper: both accesses are in one total order.
  while (atomic_load(&box->ticket) == seen && !atomic_load(&box->nudged)) pthread_cond_wait(&box->wake, &box->lock);
  atomic_store(&box->nudged, 0);
  atomic_store(&box->asleep, 0);
  pthread_mutex_unlock(&box->lock);
}

static void wait_for_ticket(mailbox *box, uint64_t seen) {
  int spins = pool.workers < pool.processors ? SPINS : 0;
  int looks = spins > 0 ? spins + YIELDS : CROWDED_YIELDS;
  for (int i = 0; atomic_load_explicit(&box->ticket, memory_order_acquire) == seen; i++) {
    if (i < spins) {
      pause_briefly();
    } else if (i < looks) {
      sched_yield();
    } else {
      sleep_until_called(box, seen);
      i = 0;
    }
  }
}

// Does the part of a ticket unless it was taken before. While a part is not taken its region cannot end, so what the pool
// holds then is that region's.
static void do_part(mailbox *box, uint64_t ticket) {
  uint64_t before = ticket - 1;
  if (!atomic_compare_exchange_strong(&box->claimed, &before, ticket)) return;
  pool.body(pool.state, box->part);
  atomic_fetch_sub_explicit(&pool.unfinished, 1, memory_order_release);
}

static void *work(void *opaque) {
  mailbox *box = opaque;
  for (uint64_t seen = 0;;) {
    wait_for_ticket(box, seen);
    seen = atomic_load_explicit(&box->ticket, memory_order_acquire);
    do_part(box, seen);
  }
  return NULL;
}

// A child of fork has none of its parent's threads.
static void forget_workers(void) {
  pool.workers = 0;
  pool.isFull = 0;
  atomic_flag_clear(&pool.taken);
}

// Starts workers until there are `count`, or the system refuses.
static void start_workers(int32_t count) {
  static int handlesFork = 0;
  if (pool.processors == 0) pool.processors = count_processors();
  if (!handlesFork) handlesFork = pthread_atfork(NULL, NULL, forget_workers) == 0;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  while (pool.workers < count && !pool.isFull) {
    mailbox *box = &pool.box[pool.workers];
    atomic_store(&box->ticket, 0);
    atomic_store(&box->claimed, 0);
    atomic_store(&box->asleep, 0);
    atomic_store(&box->nudged, 0);
    pthread_mutex_init(&box->lock, NULL);
    pthread_cond_init(&box->wake, NULL);
    box->part = pool.workers + 1;
    pthread_t thread;
    if (pthread_create(&thread, &attributes, work, box) != 0) {
      pool.isFull = 1;
      break;
    }
    pool.workers++;
  }
  pthread_attr_destroy(&attributes);
}

int dk_workers_are_awake(void) {
  return pool.workers > 0 && !atomic_load_explicit(&pool.box[0].asleep, memory_order_relaxed);
}

static void call(mailbox *box) {
  pthread_mutex_lock(&box->lock);
  pthread_cond_signal(&box->wake);
  pthread_mutex_unlock(&box->lock);
}

void dk_wake_workers(int32_t count) {
  if (atomic_flag_test_and_set_explicit(&pool.taken, memory_order_acquire)) return;
  if (pool.workers < count && !pool.isFull) start_workers(count);
  for (int32_t i = 0; i < count && i < pool.workers; i++) {
    mailbox *box = &pool.box[i];
    if (!atomic_load(&box->asleep)) continue;
    atomic_store(&box->nudged, 1);
    call(box);
  }
  atomic_flag_clear_explicit(&pool.taken, memory_order_release);
}

void dk_in_parts(int32_t parts, dk_part body, void *state) {
  int32_t workers = 0;
  int isOurs = parts > 1 && !atomic_flag_test_and_set_explicit(&pool.taken, memory_order_acquire);
  if (isOurs) {
    if (pool.workers < parts - 1 && !pool.isFull) start_workers(parts - 1);
    workers = pool.workers < parts - 1 ? pool.workers : parts - 1;
    pool.body = body;
    pool.state = state;
    atomic_store_explicit(&pool.unfinished, workers, memory_order_relaxed);
    for (int32_t i = 0; i < workers; i++) {
      mailbox *box = &pool.box[i];
      atomic_fetch_add(&box->ticket, 1);
      if (atomic_load(&box->asleep)) call(box);
    }
  }
  body(state, 0);
  for (int32_t i = 0; i < workers; i++) do_part(&pool.box[i], atomic_load(&pool.box[i].ticket));
  for (int32_t part = workers + 1; part < parts; part++) body(state, part);
  for (int i = 0; workers > 0 && atomic_load_explicit(&pool.unfinished, memory_order_acquire) > 0; i++) {
    if (i < SPINS && pool.workers < pool.processors) pause_briefly(); else sched_yield();
  }
  if (isOurs) atomic_flag_clear_explicit(&pool.taken, memory_order_release);
}
#endif
