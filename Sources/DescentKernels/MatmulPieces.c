// A float32 number is the sum of three bfloat16 numbers, x = h + m + l, but for what lies below 2⁻¹²⁶. A product of two
// such sums is h·h + (h·m + m·h) + (h·l + m·m + l·h) and three terms below 2⁻²⁵ of it, which are left out. The tiles add
// the small terms of a block of K first, then the large ones, in float32: the error is that of a float32 chain over the
// block. Every element is the same sum whatever its row, its column and the part that computes it.

#include "MatmulPieces.h"
#include "Kernels.h"
#include "Tiles.h"

#if defined(__x86_64__) && defined(__linux__)
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel saves the tiles only of programs that asked for it.
int dk_has_tiles(void) {
  static _Atomic int known;  // 0 not yet, 1 no, 2 yes
  int state = atomic_load_explicit(&known, memory_order_relaxed);
  if (state == 0) {
    enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
    __builtin_cpu_init();
    int can = dk_best_level() == DK_LEVEL_AVX512 && __builtin_cpu_supports("amx-bf16") &&
              __builtin_cpu_supports("avx512bf16") && syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
    state = can ? 2 : 1;
    atomic_store_explicit(&known, state, memory_order_relaxed);
  }
  return state == 2;
}

TILES_BEGIN

// MARK: Packing

// Sixteen lines of 16 elements that lie side by side; lines and elements beyond those that exist are zero.
INLINE void load_square(const float *from, int64_t stride, int64_t lines, int64_t elements, __m512 square[16]) {
  __mmask16 mask = first(elements);
  for (int i = 0; i < 16; i++) square[i] = i < lines ? _mm512_maskz_loadu_ps(mask, from + i * stride) : _mm512_setzero_ps();
}

// One step of K for 16 rows or columns. `lines` lie `stride` apart; along each the elements lie side by side.
// A tile has a line of memory for each row and all of the step's K in it, or one for each pair of K and in it the pairs
// of all columns.
INLINE void pack_along(const float *from, int64_t stride, int64_t count, int64_t depth, int pieces, bfloat *to) {
  for (int64_t i = 0; i < 16; i++, to += 32) {
    __m512 low = _mm512_setzero_ps(), high = low;
    if (i < count) {
      low = _mm512_maskz_loadu_ps(first(depth), from + i * stride);
      if (depth > 16) high = _mm512_maskz_loadu_ps(first(depth - 16), from + i * stride + 16);
    }
    store_pieces(low, high, 0, pieces, to, 2 * TILE);
  }
}
INLINE void pack_rows(const float *a, int64_t row, int64_t column, int64_t rows, int64_t depth, int pieces, bfloat *to) {
  if (column == 1) {
    pack_along(a, row, rows, depth, pieces, to);
    return;
  }
  __m512 low[16], high[16];
  load_square(a, column, depth, rows, low);
  load_square(a + 16 * column, column, depth - 16, rows, high);
  transpose_square(low);
  transpose_square(high);
  for (int i = 0; i < 16; i++, to += 32) store_pieces(low[i], high[i], 0, pieces, to, 2 * TILE);
}
INLINE void pack_columns(const float *b, int64_t row, int64_t column, int64_t columns, int64_t depth, int pieces,
                         bfloat *to) {
  if (column == 1) {
    __mmask16 mask = first(columns);
    for (int64_t p = 0; p < 32; p += 2, to += 32, b += 2 * row) {
      __m512 even = p < depth ? _mm512_maskz_loadu_ps(mask, b) : _mm512_setzero_ps();
      __m512 odd = p + 1 < depth ? _mm512_maskz_loadu_ps(mask, b + row) : _mm512_setzero_ps();
      store_pieces(even, odd, 1, pieces, to, 2 * TILE);
    }
    return;
  }
  for (int64_t p = 0; p < 32; p += 16) {
    __m512 square[16];
    load_square(b + p, column, columns, depth - p, square);
    transpose_square(square);
    for (int i = 0; i < 16; i += 2, to += 32) store_pieces(square[i], square[i + 1], 1, pieces, to, 2 * TILE);
  }
}

// A panel of up to 32 rows of A, or columns of B: for every step of K its pieces' two tiles.
INLINE void pack_panel(int isA, const float *from, int64_t row, int64_t column, int64_t count, int64_t depth, int pieces,
                       bfloat *to) {
  for (int64_t p = 0; p < depth; p += PIECES_STEP, to += pieces * 2 * TILE) {
    for (int64_t t = 0; t < 2; t++) {
      int64_t rest = count - 16 * t;
      if (rest <= 0) break;
      if (isA) pack_rows(from + 16 * t * row + p * column, row, column, rest, depth - p, pieces, to + t * TILE);
      else pack_columns(from + p * row + 16 * t * column, row, column, rest, depth - p, pieces, to + t * TILE);
    }
  }
}

// MARK: Multiplying

DEFINE_BLOCKS(blocks, left = places_in_panel(left.data), right = places_in_panel(right.data))

// Sums of infinite or overflowing pieces are not what the numbers' own chain gives: such an element is computed as that.
static __attribute__((noinline)) void repair(const dk_matmul_arguments *arguments, const float *a, const float *b,
                                             int64_t i, int64_t j, unsigned lanes, float *chains) {
  for (int lane = 0; lane < 16; lane++) {
    if (!(lanes >> lane & 1)) continue;
    float chain = 0;
    for (int64_t p = 0; p < arguments->k; p++) {
      float x = a[i * arguments->aRow + p * arguments->aColumn];
      chain = __builtin_fmaf(x, b[p * arguments->bRow + (j + lane) * arguments->bColumn], chain);
    }
    chains[lane] = chain;
  }
}

// Adds a block's sums to C, and finishes the elements after the last block of K.
INLINE void add_block(const dk_matmul_arguments *arguments, const float *a, const float *b, float *c,
                      const float *residual, int64_t i0, int64_t j0, int64_t rows, int64_t columns, int isFirst,
                      int isLast, const float *sum) {
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j += 16) {
      __mmask16 mask = first(columns - j);
      float *to = c + (i0 + i) * arguments->cRow + j0 + j;
      __m512 x = _mm512_load_ps(sum + i * 32 + j);
      if (!isFirst) x = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, to), x);
      if (isLast) {
        __mmask16 isBroken = broken(mask, x);
        if (isBroken && arguments->arithmetic == DK_PIECES) {
          float chains[16];
          _mm512_storeu_ps(chains, x);
          repair(arguments, a, b, i0 + i, j0 + j, isBroken, chains);
          x = _mm512_loadu_ps(chains);
        }
        if (arguments->bias) {
          x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, (const float *)arguments->bias + j0 + j));
        }
        if (residual) {
          x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, residual + (i0 + i) * arguments->residualRow + j0 + j));
        }
        if (arguments->activation == DK_RELU) {
          x = _mm512_mask_mov_ps(x, _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LE_OQ), _mm512_setzero_ps());
        }
      }
      _mm512_mask_storeu_ps(to, mask, x);
    }
  }
}

// Blocks of K, all nearly as deep: how deep depends on K alone.
INLINE int64_t depth_of_blocks(int64_t k) {
  int64_t count = (k + PIECES_DEPTH - 1) / PIECES_DEPTH, steps = (k + PIECES_STEP - 1) / PIECES_STEP;
  return (steps + count - 1) / count * PIECES_STEP;
}
// Panels of the shorter side of C are packed a band at a time and kept; those of the other one after the other.
INLINE int64_t panels(int64_t extent) { return (extent + 31) / 32; }
INLINE int64_t panels_of_band(int64_t extent, int64_t depth) {
  int64_t most = PIECES_BAND_ELEMENTS / (depth * 3 * 32), all = panels(extent), bands = (all + most - 1) / most;
  return (all + bands - 1) / bands;
}

int64_t dk_matmul_pieces_scratch(const dk_matmul_arguments *arguments) {
  int64_t depth = depth_of_blocks(arguments->k), least = arguments->m < arguments->n ? arguments->m : arguments->n;
  // A part of the product may have more panels in its shorter side than the whole.
  int64_t band = PIECES_BAND_ELEMENTS / (depth * 3 * 32), all = panels(least);
  if (all < band) band = all;
  return (band + 1) * depth * 32 * 3 * (int64_t)sizeof(bfloat) + 32 * 32 * (int64_t)sizeof(float);
}

typedef struct {
  const dk_matmul_arguments *arguments;
  const float *a, *b;
  int64_t p, depth;
  int pieces;
} packing;
INLINE void pack_side(const packing *packing, int isA, int64_t start, int64_t count, bfloat *to) {
  const dk_matmul_arguments *arguments = packing->arguments;
  if (isA) {
    const float *from = packing->a + start * arguments->aRow + packing->p * arguments->aColumn;
    pack_panel(1, from, arguments->aRow, arguments->aColumn, count, packing->depth, packing->pieces, to);
  } else {
    const float *from = packing->b + packing->p * arguments->bRow + start * arguments->bColumn;
    pack_panel(0, from, arguments->bRow, arguments->bColumn, count, packing->depth, packing->pieces, to);
  }
}
INLINE int64_t at_most(int64_t x, int64_t most) { return x < most ? x : most; }

void dk_matmul_pieces(const dk_matmul_arguments *arguments, const float *a, const float *b, float *c,
                      const float *residual, void *scratch) {
  int64_t m = arguments->m, n = arguments->n, k = arguments->k, depth = depth_of_blocks(k);
  int keepsA = m < n, pieces = arguments->arithmetic == DK_PIECES ? 3 : 1;
  int hasTiles = arguments->arithmetic != DK_BFLOAT16_PAIRS;
  int64_t kept = keepsA ? m : n, passing = keepsA ? n : m;
  int64_t band = 32 * panels_of_band(kept, depth), panel = depth * 32 * pieces;
  float *sum = scratch;
  bfloat *packed = (bfloat *)(sum + 32 * 32), *packedBand = packed + panel;
  if (hasTiles) configure_tiles();
  for (int64_t p = 0; p < k; p += depth) {
    packing packing = {arguments, a, b, p, at_most(k - p, depth), pieces};
    int64_t steps = (packing.depth + PIECES_STEP - 1) / PIECES_STEP;
    for (int64_t start = 0; start < kept; start += band) {
      int64_t height = at_most(kept - start, band);
      for (int64_t i = 0; i < height; i += 32) {
        pack_side(&packing, keepsA, start + i, at_most(height - i, 32), packedBand + i / 32 * panel);
      }
      for (int64_t other = 0; other < passing; other += 32) {
        pack_side(&packing, !keepsA, other, at_most(passing - other, 32), packed);
        for (int64_t i = 0; i < height; i += 32) {
          bfloat *panelOfBand = packedBand + i / 32 * panel;
          int64_t row = keepsA ? start + i : other, column = keepsA ? other : start + i;
          int64_t rows = at_most(m - row, 32), columns = at_most(n - column, 32);
          const bfloat *left = keepsA ? panelOfBand : packed, *right = keepsA ? packed : panelOfBand;
          if (hasTiles) {
            blocks[pieces == 3][rows > 16][columns > 16](steps, places_in_panel(left), places_in_panel(right), sum);
          } else {
            dk_multiply_pairs(rows, columns, steps, left, right, sum);
          }
          add_block(arguments, a, b, c, residual, row, column, rows, columns, p == 0, p + packing.depth == k, sum);
        }
      }
    }
  }
  if (hasTiles) _tile_release();
}
TILES_END

#else
int dk_has_tiles(void) { return 0; }
#endif
