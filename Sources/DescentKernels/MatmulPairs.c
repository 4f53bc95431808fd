// The vector instruction that multiplies pairs of bfloat16, on the panels that matrix tiles read.

#include "MatmulPieces.h"
#include "Tiles.h"

#if defined(__x86_64__) && defined(__linux__)
int dk_has_pairs(void) {
  __builtin_cpu_init();
  return dk_best_level() == DK_LEVEL_AVX512 && __builtin_cpu_supports("avx512bf16") != 0;
}

// Intel's make one such instruction where they make four multiply-adds of float32 (measured: 83 GFLOP/s for 170).
int dk_pairs_are_fast(void) { return dk_has_pairs() && !__builtin_cpu_is("intel"); }

TILES_BEGIN
#define EACH(i, count) _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)

typedef int32_t pair __attribute__((may_alias));
enum { HEIGHT = 8 };                       // rows whose sums stay in registers

INLINE __m512bh broadcast(const bfloat *from) { return (__m512bh)_mm512_set1_epi32(*(const pair *)from); }

// Some rows of a block, of which a tile of A has 16 and B one tile, or two for columns beyond 16.
INLINE void multiply_rows(const int vectors, int64_t steps, const bfloat *a, const bfloat *b, int64_t row, float *to) {
  __m512 sums[HEIGHT][2];
  EACH(i, HEIGHT) EACH(v, vectors) sums[i][v] = _mm512_setzero_ps();
  for (int64_t s = 0; s < steps; s++, a += 2 * TILE, b += 2 * TILE) {
#pragma clang loop unroll_count(2)
    for (int p = 0; p < PIECES_STEP; p += 2) {
      __m512bh y[2];
      EACH(v, vectors) y[v] = (__m512bh)_mm512_loadu_si512(b + v * TILE + p * 16);
      EACH(i, HEIGHT) {
        __m512bh x = broadcast(a + i * PIECES_STEP + p);
        EACH(v, vectors) sums[i][v] = _mm512_dpbf16_ps(sums[i][v], x, y[v]);
      }
    }
  }
  EACH(i, HEIGHT) EACH(v, vectors) _mm512_storeu_ps(sums_at(to, row + i, v * 16), sums[i][v]);
}

void dk_multiply_pairs(int64_t rows, int64_t columns, int64_t steps, const bfloat *a, const bfloat *b, float *sums) {
  for (int64_t i = 0; i < rows; i += HEIGHT) {
    const bfloat *from = a + i / 16 * TILE + i % 16 * PIECES_STEP;
    if (columns > 16) multiply_rows(2, steps, from, b, i, sums);
    else multiply_rows(1, steps, from, b, i, sums);
  }
}
TILES_END

#else
int dk_has_pairs(void) { return 0; }
int dk_pairs_are_fast(void) { return 0; }
#endif
