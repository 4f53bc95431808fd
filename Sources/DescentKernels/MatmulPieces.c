// A float32 number is the sum of three bfloat16 numbers, x = h + m + l, but for what lies below 2⁻¹²⁶. A product of two
// such sums is h·h + (h·m + m·h) + (h·l + m·m + l·h) and three terms below 2⁻²⁵ of it, which are left out. The tiles add
// of each 32 numbers of K the small terms first, then the large ones, in float32: the error stays below that of a float32
// chain. Every element is the same sum whatever its row, its column and the part that computes it.

#include "MatmulPieces.h"
#include "Kernels.h"
#include "PanelPacking.h"

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

// MARK: Multiplying

DEFINE_BLOCKS(blocks, left = places_in_panel(left.data), right = places_in_panel(right.data))

// A block whose sums are there, to be added to C, and finished after the last block of K.
typedef struct {
  int64_t i, j, rows, columns;
  int isFirst, isLast;
  float *sums;
} block;

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
  return (band + 2) * depth * 32 * 3 * (int64_t)sizeof(bfloat) + 2 * SUMS;
}

INLINE int64_t at_most(int64_t x, int64_t most) { return x < most ? x : most; }

// The product under way.
typedef struct {
  side_work side;
  const dk_matmul_arguments *arguments;
  const float *a, *b, *residual;
  float *c;
  int pieces;
  int64_t p, depth;                        // of the block of K
  block done;                              // the last block multiplied, of which rows before `row` are added
  int64_t row;
  panel_packing next;                      // the panel needed next
  int64_t due;                             // of its units
  int wasPacking;
} product;

enum { ROWS_AT_ONCE = 2 };                 // of a block, added in a unit of side work

INLINE int64_t adding(const product *product) {
  return (product->done.rows - product->row + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
}

// Sums of infinite or overflowing pieces are not what the numbers' own chain gives: such an element is computed as that.
static __attribute__((noinline)) void repair(const product *product, int64_t row, int64_t column, unsigned isBroken,
                                             float *sums) {
  const dk_matmul_arguments *arguments = product->arguments;
  for (; isBroken; isBroken &= isBroken - 1) {
    int lane = __builtin_ctz(isBroken);
    const float *a = product->a + row * arguments->aRow;
    const float *b = product->b + (column + lane) * arguments->bColumn;
    sums[lane] = 0;
    for (int64_t p = 0; p < arguments->k; p++) {
      sums[lane] = __builtin_fmaf(a[p * arguments->aColumn], b[p * arguments->bRow], sums[lane]);
    }
  }
}

INLINE __m512 finished(const product *product, int64_t row, int64_t column, __mmask16 mask, __m512 x) {
  const dk_matmul_arguments *arguments = product->arguments;
  const float *bias = arguments->bias, *residual = product->residual;
  if (bias) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, bias + column));
  if (residual) x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, residual + row * arguments->residualRow + column));
  if (arguments->activation != DK_RELU) return x;
  return _mm512_mask_mov_ps(x, _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LE_OQ), _mm512_setzero_ps());
}

// Adds the next rows of the last block to C, and finishes them after the last block of K.
INLINE void add_rows(product *product, const int isFull) {
  const dk_matmul_arguments *arguments = product->arguments;
  const block *done = &product->done;
  int64_t start = product->row, end = isFull ? start + ROWS_AT_ONCE : at_most(start + ROWS_AT_ONCE, done->rows);
  product->row = end;
  for (int64_t i = start; i < end; i++) {
    for (int64_t j = 0; j < (isFull ? 32 : done->columns); j += 16) {
      __mmask16 mask = isFull ? 0xFFFF : first(done->columns - j);
      int64_t row = done->i + i, column = done->j + j;
      float *to = product->c + row * arguments->cRow + column, *sums = sums_at(done->sums, i, j);
      __m512 x = _mm512_load_ps(sums);
      if (!done->isFirst) x = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, to), x);
      if (done->isLast) {
        __mmask16 isBroken = broken(mask, x);
        if (isBroken && arguments->arithmetic == DK_PIECES) {
          _mm512_store_ps(sums, x);
          repair(product, row, column, isBroken, sums);
          x = _mm512_load_ps(sums);
        }
        x = finished(product, row, column, mask, x);
      }
      _mm512_mask_storeu_ps(to, mask, x);
    }
  }
}

// The block's elements of C are stored during the next block: were they fetched only then, the stores would wait.
INLINE void own_results(const product *product, const block *block) {
  int64_t row = product->arguments->cRow;
  const float *to = product->c + block->i * row + block->j;
  for (int64_t i = 0; i < block->rows; i++, to += row) __builtin_prefetch(to, 1), __builtin_prefetch(to + 16, 1);
}

// Rows are added and units packed in turns: both wait for memory, and not for each other.
static void do_unit(side_work *side) {
  product *product = (void *)side;         // its first member
  int isAdding = product->row < product->done.rows && (product->wasPacking || product->due == 0);
  product->wasPacking = !isAdding;
  if (!isAdding) {
    product->due--;
    pack_units(&product->next, 1);
  } else if (product->row + ROWS_AT_ONCE <= product->done.rows && product->done.columns == 32) {
    add_rows(product, 1);
  } else {
    add_rows(product, 0);
  }
}

INLINE panel_packing panel_of(const product *product, int isA, int64_t start, int64_t count, bfloat *to) {
  const dk_matmul_arguments *arguments = product->arguments;
  int64_t row = isA ? arguments->aRow : arguments->bRow, column = isA ? arguments->aColumn : arguments->bColumn;
  int64_t line = isA ? row : column, element = isA ? column : row;
  const float *from = (isA ? product->a : product->b) + start * line + product->p * element;
  return packing(isA, product->pieces, from, line, element, at_most(count, 32), product->depth, to);
}

INLINE void pack_panel(panel_packing panel) { pack_units(&panel, panel.units); }

// Elements of a panel of a packed B in one block of K.
INLINE int64_t elements_of_panel(const dk_matmul_arguments *arguments) {
  return depth_of_blocks(arguments->k) * 32 * (arguments->arithmetic == DK_PIECES ? 3 : 1);
}
INLINE int64_t blocks_of(const dk_matmul_arguments *arguments) {
  int64_t depth = depth_of_blocks(arguments->k);
  return (arguments->k + depth - 1) / depth;
}

int64_t dk_matmul_pieces_packed(const dk_matmul_arguments *arguments) {
  return panels(arguments->n) * blocks_of(arguments) * elements_of_panel(arguments);
}

void dk_pack_matmul_pieces(const dk_matmul_arguments *arguments, uint16_t *packed) {
  product product = {.arguments = arguments, .b = arguments->b, .pieces = arguments->arithmetic == DK_PIECES ? 3 : 1};
  int64_t depth = depth_of_blocks(arguments->k);
  __builtin_memset(packed, 0, (size_t)dk_matmul_pieces_packed(arguments) * sizeof(bfloat));
  for (int64_t j = 0; j < arguments->n; j += 32) {
    for (product.p = 0; product.p < arguments->k; product.p += depth, packed += elements_of_panel(arguments)) {
      product.depth = at_most(arguments->k - product.p, depth);
      pack_panel(panel_of(&product, 0, j, arguments->n - j, packed));
    }
  }
}

void dk_matmul_pieces(const dk_matmul_arguments *arguments, const float *a, const float *b, float *c,
                      const float *residual, void *scratch) {
  int64_t m = arguments->m, n = arguments->n, k = arguments->k, depth = depth_of_blocks(k);
  const bfloat *packedB = arguments->packed;
  int keepsA = packedB || m < n, pieces = arguments->arithmetic == DK_PIECES ? 3 : 1;
  int hasTiles = arguments->arithmetic != DK_BFLOAT16_PAIRS;
  int64_t kept = keepsA ? m : n, passing = keepsA ? n : m;
  int64_t band = 32 * panels_of_band(kept, depth), panel = depth * 32 * pieces;
  float *sums = scratch;
  bfloat *packed = (bfloat *)((char *)scratch + 2 * SUMS), *packedBand = packed + 2 * panel;
  product product = {.side.next = do_unit, .arguments = arguments, .a = a, .b = b, .residual = residual, .c = c,
                     .pieces = pieces};
  if (hasTiles) configure_tiles();
  for (int64_t p = 0; p < k; p += depth) {
    product.p = p, product.depth = at_most(k - p, depth);
    int64_t steps = (product.depth + PIECES_STEP - 1) / PIECES_STEP;
    for (int64_t start = 0; start < kept; start += band) {
      int64_t height = at_most(kept - start, band);
      for (int64_t i = 0; i < height; i += 32) {
        pack_panel(panel_of(&product, keepsA, start + i, height - i, packedBand + i / 32 * panel));
      }
      if (!packedB) pack_panel(panel_of(&product, !keepsA, 0, passing, packed));
      for (int64_t other = 0; other < passing; other += 32) {
        for (int64_t i = 0; i < height; i += 32) {
          // Each panel that passes is packed during the blocks of the one before.
          int64_t rest = panels(height - i);
          product.due = 0;
          if (other + 32 < passing && !packedB) {
            if (i == 0) {
              product.next = panel_of(&product, !keepsA, other + 32, passing - other - 32,
                                      packed + (other / 32 + 1) % 2 * panel);
            }
            product.due = (product.next.units + rest - 1) / rest;
          }
          product.side.units = adding(&product) + product.due;
          const bfloat *one = packedBand + i / 32 * panel, *another = packed + other / 32 % 2 * panel;
          if (packedB) {
            another = packedB + ((arguments->packedColumn + other) / 32 * blocks_of(arguments) + p / depth) * panel;
          }
          block block = {
            .i = keepsA ? start + i : other, .j = keepsA ? other : start + i,
            .isFirst = p == 0, .isLast = p + product.depth == k, .sums = sums,
          };
          block.rows = at_most(m - block.i, 32), block.columns = at_most(n - block.j, 32);
          own_results(&product, &block);
          const bfloat *left = keepsA ? one : another, *right = keepsA ? another : one;
          if (hasTiles) {
            blocks[pieces == 3][block.rows > 16][block.columns > 16](
              steps, places_in_panel(left), places_in_panel(right), sums, &product.side);
          } else {
            dk_multiply_pairs(block.rows, block.columns, steps, left, right, sums);
          }
          end_work(&product.side);
          product.done = block, product.row = 0;
          sums = sums == scratch ? (float *)((char *)scratch + SUMS) : scratch;
        }
      }
    }
  }
  if (hasTiles) _tile_release();
  product.side.units = adding(&product);
  end_work(&product.side);
}
TILES_END

#else
int dk_has_tiles(void) { return 0; }
#endif
