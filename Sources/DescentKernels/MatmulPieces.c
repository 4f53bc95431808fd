// A float32 number is the sum of three bfloat16 numbers, x = h + m + l, but for what lies below 2⁻¹²⁶. A product of two
// such sums is h·h + (h·m + m·h) + (h·l + m·m + l·h) and three terms below 2⁻²⁵ of it, which are left out. The tiles add
// of each 32 numbers of K the small terms first, then the large ones, in float32: the error stays below that of a float32
// chain. Every element is the same sum whatever its row, its column and the part that computes it.

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
// of all columns. Pairs are elements half a step apart, which takes fewer instructions than neighbours.
// Of the tile's 16 lines of memory those from `start` on, up to `end`.
INLINE void pack_along(const float *from, int64_t stride, int64_t count, int64_t depth, int64_t start, int64_t end,
                       int pieces, bfloat *to) {
  __mmask16 mask = first(depth), mask2 = first(depth - 16);
  for (int64_t i = start; i < end; i++) {
    __m512 low = _mm512_setzero_ps(), high = low;
    if (i < count) {
      low = _mm512_maskz_loadu_ps(mask, from + i * stride);
      high = _mm512_maskz_loadu_ps(mask2, from + i * stride + 16);
    }
    store_pieces(low, high, 1, pieces, to + 32 * i, 2 * TILE);
  }
}
INLINE void pack_across(const float *from, int64_t stride, int64_t count, int64_t depth, int64_t start, int64_t end,
                        int pieces, bfloat *to) {
  __mmask16 mask = first(count);
  for (int64_t i = start; i < end; i++) {
    __m512 low = i < depth ? _mm512_maskz_loadu_ps(mask, from + i * stride) : _mm512_setzero_ps();
    __m512 high = i + 16 < depth ? _mm512_maskz_loadu_ps(mask, from + (i + 16) * stride) : _mm512_setzero_ps();
    store_pieces(low, high, 1, pieces, to + 32 * i, 2 * TILE);
  }
}
// The same where lines and elements change places.
INLINE void pack_turned(const float *from, int64_t stride, int64_t count, int64_t depth, int isA, int pieces,
                        bfloat *to) {
  __m512 low[16], high[16];
  load_square(from, stride, isA ? depth : count, isA ? count : depth, low);
  if (isA) load_square(from + 16 * stride, stride, depth - 16, count, high);
  else load_square(from + 16, stride, count, depth - 16, high);
  transpose_square(low);
  transpose_square(high);
  for (int i = 0; i < 16; i++) store_pieces(low[i], high[i], 1, pieces, to + 32 * i, 2 * TILE);
}

// A panel of up to 32 rows of A, or columns of B: for every step of K its pieces' two tiles. A unit is some lines of a
// tile, or all where they are turned.
typedef struct {
  int isA, pieces;
  const float *from;
  int64_t row, column, count, depth;
  bfloat *to;
} panel_packing;

enum { LINES_AT_ONCE = 4 };
INLINE int64_t units_of_tile(const panel_packing *panel) {
  return panel->column == 1 ? 16 / LINES_AT_ONCE : 1;
}
INLINE int64_t units_of(const panel_packing *panel) {
  return (panel->depth + PIECES_STEP - 1) / PIECES_STEP * 2 * units_of_tile(panel);
}

static void pack_unit(const panel_packing *panel, int64_t unit) {
  int64_t each = units_of_tile(panel), part = unit % each;
  unit /= each;
  int64_t p = unit / 2 * PIECES_STEP, t = unit % 2, count = panel->count - 16 * t, depth = panel->depth - p;
  if (count <= 0) return;
  int64_t row = panel->row, column = panel->column, start = part * LINES_AT_ONCE, end = start + LINES_AT_ONCE;
  int pieces = panel->pieces;
  bfloat *to = panel->to + unit / 2 * pieces * 2 * TILE + t * TILE;
  if (panel->isA) {
    const float *from = panel->from + 16 * t * row + p * column;
    if (column == 1) pack_along(from, row, count, depth, start, end, pieces, to);
    else pack_turned(from, column, count, depth, 1, pieces, to);
  } else {
    const float *from = panel->from + p * row + 16 * t * column;
    if (column == 1) pack_across(from, row, count, depth, start, end, pieces, to);
    else pack_turned(from, column, count, depth, 0, pieces, to);
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

// A block whose sums are there, to be added to C, and finished after the last block of K.
typedef struct {
  int64_t i, j, rows, columns;
  int isFirst, isLast;
  float *sums;
} block;

INLINE void add_rows(const dk_matmul_arguments *arguments, const float *a, const float *b, float *c,
                     const float *residual, const block *block, int64_t start, int64_t end) {
  for (int64_t i = start; i < end; i++) {
    for (int64_t j = 0; j < block->columns; j += 16) {
      __mmask16 mask = first(block->columns - j);
      int64_t row = block->i + i, column = block->j + j;
      float *to = c + row * arguments->cRow + column;
      __m512 x = _mm512_load_ps(sums_at(block->sums, i, j));
      if (!block->isFirst) x = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, to), x);
      if (block->isLast) {
        __mmask16 isBroken = broken(mask, x);
        if (isBroken && arguments->arithmetic == DK_PIECES) {
          float chains[16];
          _mm512_storeu_ps(chains, x);
          repair(arguments, a, b, row, column, isBroken, chains);
          x = _mm512_loadu_ps(chains);
        }
        if (arguments->bias) {
          x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, (const float *)arguments->bias + column));
        }
        if (residual) {
          x = _mm512_add_ps(x, _mm512_maskz_loadu_ps(mask, residual + row * arguments->residualRow + column));
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
  panel_packing next;                      // the panel needed next, of which units before `unit` are packed
  int64_t unit;
} product;

enum { ROWS_AT_ONCE = 2 };                 // of a block, added in a unit of side work

INLINE int64_t adding(const product *product) {
  return (product->done.rows - product->row + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
}

static void do_unit(side_work *side) {
  product *product = (void *)side;         // its first member
  if (product->row < product->done.rows) {
    int64_t end = at_most(product->row + ROWS_AT_ONCE, product->done.rows);
    add_rows(product->arguments, product->a, product->b, product->c, product->residual, &product->done, product->row,
             end);
    product->row = end;
  } else {
    pack_unit(&product->next, product->unit++);
  }
}

INLINE panel_packing panel_of(const product *product, int isA, int64_t start, int64_t count, bfloat *to) {
  const dk_matmul_arguments *arguments = product->arguments;
  panel_packing panel = {.isA = isA, .pieces = product->pieces, .depth = product->depth, .to = to};
  panel.row = isA ? arguments->aRow : arguments->bRow, panel.column = isA ? arguments->aColumn : arguments->bColumn;
  panel.from = isA ? product->a + start * panel.row + product->p * panel.column
                   : product->b + product->p * panel.row + start * panel.column;
  panel.count = at_most(count, 32);
  return panel;
}

INLINE void pack_panel(panel_packing panel) {
  for (int64_t unit = 0; unit < units_of(&panel); unit++) pack_unit(&panel, unit);
}

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
      pack_panel(panel_of(&product, keepsA, start, height, packedBand));
      if (!packedB) pack_panel(panel_of(&product, !keepsA, 0, passing, packed));
      for (int64_t other = 0; other < passing; other += 32) {
        for (int64_t i = 0; i < height; i += 32) {
          // The panels of the band are packed a block ahead, then each that passes during the blocks of the one before.
          int64_t due = 0, rest = panels(height - i);
          if (other == 0 && i + 32 < height) {
            product.next = panel_of(&product, keepsA, start + i + 32, height - i - 32,
                                    packedBand + (i / 32 + 1) * panel);
            product.unit = 0, due = units_of(&product.next);
          } else if (other + 32 < passing && !packedB) {
            if (other == 0 || i == 0) {
              product.next = panel_of(&product, !keepsA, other + 32, passing - other - 32,
                                      packed + (other / 32 + 1) % 2 * panel);
              product.unit = 0;
            }
            due = (units_of(&product.next) - product.unit + rest - 1) / rest;
          }
          product.side.units = adding(&product) + due;
          const bfloat *one = packedBand + i / 32 * panel, *another = packed + other / 32 % 2 * panel;
          if (packedB) {
            another = packedB + ((arguments->packedColumn + other) / 32 * blocks_of(arguments) + p / depth) * panel;
          }
          block block = {
            .i = keepsA ? start + i : other, .j = keepsA ? other : start + i,
            .isFirst = p == 0, .isLast = p + product.depth == k, .sums = sums,
          };
          block.rows = at_most(m - block.i, 32), block.columns = at_most(n - block.j, 32);
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
