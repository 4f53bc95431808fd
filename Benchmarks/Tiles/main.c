// How fast the processor's matrix tiles and its vectors are at the moment, and how steadily: each processor runs nothing
// but multiplications from its first-level cache, in slices of some milliseconds, the two kinds in turn. What a virtual
// machine gets of a unit that others use too, or that the processor slows down, shows here and in no profile.
//
// Usage: tile-rate [SECONDS]; 20 where none are named.

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#if !defined(__x86_64__) || !defined(__linux__)
int main(void) {
  puts("This processor has no matrix tiles.");
  return 0;
}
#else
#include <immintrin.h>
#include <sys/syscall.h>

enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18, MOST_PROCESSORS = 64, MOST_SECONDS = 600, MOST_SLICES = 1 << 16 };
static const double slice = 0.005;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// 8 loads' worth of operands and 4 products of 16×32 by 32×16 in each step.
__attribute__((target("amx-tile,amx-bf16"))) static double rate_of_tiles(void) {
  static _Alignas(64) _Thread_local char operands[4096];
  _Alignas(64) struct {
    unsigned char palette, row, zeros[14];
    unsigned short columnBytes[16];
    unsigned char rows[16];
  } shape = {.palette = 1};
  for (int i = 0; i < 8; i++) shape.columnBytes[i] = 64, shape.rows[i] = 16;
  _tile_loadconfig(&shape);
  double start = now(), end;
  long products = 0;
  do {
    for (int i = 0; i < 500; i++) {
      _tile_loadd(4, operands, 64);
      _tile_loadd(5, operands + 1024, 64);
      _tile_loadd(6, operands + 2048, 64);
      _tile_loadd(7, operands + 3072, 64);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    products += 2000;
  } while ((end = now()) - start < slice);
  _tile_release();
  return (double)products * 2 * 16 * 16 * 32 / (end - start) / 1e9;
}

__attribute__((target("avx512f"))) static double rate_of_vectors(void) {
  __m512 sum[12], half = _mm512_set1_ps(0.5f);
#pragma clang loop unroll(full)
  for (int i = 0; i < 12; i++) sum[i] = half;
  double start = now(), end;
  long steps = 0;
  do {
    for (int i = 0; i < 2000; i++) {
#pragma clang loop unroll(full)
      for (int j = 0; j < 12; j++) {
        sum[j] = _mm512_fmadd_ps(sum[j], half, half);
        __asm__ volatile("" : "+v"(sum[j]));
      }
    }
    steps += 2000;
  } while ((end = now()) - start < slice);
  return (double)steps * 12 * 16 * 2 / (end - start) / 1e9;
}

static double seconds = 20;
typedef struct { double rate[2][MOST_SLICES]; int count, processor; } series;

static void *measure(void *opaque) {
  series *series = opaque;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(series->processor, &set);
  sched_setaffinity(0, sizeof set, &set);
  for (double end = now() + seconds; now() < end && series->count < MOST_SLICES; series->count++) {
    series->rate[0][series->count] = rate_of_tiles();
    series->rate[1][series->count] = rate_of_vectors();
  }
  return NULL;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int count, char **arguments) {
  if (count > 1) {
    char *end;
    seconds = strtod(arguments[1], &end);
    if (end == arguments[1] || *end || !(seconds > 0 && seconds <= MOST_SECONDS)) {
      fprintf(stderr, "tile-rate: expected seconds above 0, at most %d, found \"%s\"\n", MOST_SECONDS, arguments[1]);
      return 64;
    }
  }
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx512f") || syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) != 0) {
    puts("This processor has no matrix tiles.");
    return 0;
  }
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  if (processors > MOST_PROCESSORS) processors = MOST_PROCESSORS;
  static series all[MOST_PROCESSORS];
  pthread_t threads[MOST_PROCESSORS];
  for (int i = 0; i < processors; i++) {
    all[i].processor = i;
    if (pthread_create(&threads[i], NULL, measure, &all[i]) != 0) return 1;
  }
  for (int i = 0; i < processors; i++) pthread_join(threads[i], NULL);
  puts("| processor | unit | slowest | quarter | median | three quarters | fastest | slices below half the fastest |");
  puts("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (int i = 0; i < processors; i++) {
    for (int unit = 0; unit < 2; unit++) {
      double *rate = all[i].rate[unit];
      int slices = all[i].count, slow = 0;
      if (slices == 0) continue;
      qsort(rate, (size_t)slices, sizeof(double), compare);
      for (int s = 0; s < slices; s++) slow += rate[s] < rate[slices - 1] / 2;
      printf("| %d | %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f%% |\n", i, unit == 0 ? "tiles, bfloat16" : "vectors, float32",
             rate[0], rate[slices / 4], rate[slices / 2], rate[slices * 3 / 4], rate[slices - 1], 100.0 * slow / slices);
    }
  }
  return 0;
}
#endif
