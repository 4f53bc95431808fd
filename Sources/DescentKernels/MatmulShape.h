// How a matrix product is cut into blocks; decided from its shape alone, so that the scratch can be sized beforehand.

#ifndef DESCENT_MATMUL_SHAPE_H
#define DESCENT_MATMUL_SHAPE_H

#include "DescentKernels.h"

enum {
  MATMUL_WIDEST_PANEL = 32,
  MATMUL_SLAB = 1 << 18,          // elements of A that stay in the second-level cache: 1 MiB of float32
  MATMUL_DEEPEST = 1024,
  MATMUL_WHOLE = 1 << 20,         // elements of B packed at once, where several slabs of rows meet them
  MATMUL_PACKED_COLUMNS = 64,     // of a panel of a B that was packed beforehand: those of the widest tile
  MATMUL_PACKED_ROWS = 2,         // of A, at most, that meet such panels: more hide what B costs
  MATMUL_ROW_PADDING = 16,        // a line between packed rows, so that they do not fall into one cache set
};

typedef struct {
  int aTransposed;                // A's rows lie side by side
  int packsA, packsB;             // copied block by block, panel by panel, before use
  int packsWhole;                 // all panels of a block of K are packed before the first slab of rows
  int64_t depth;                  // of a block of K
  int64_t height;                 // rows of A that one panel of B meets before the next
} matmul_shape;

static inline int64_t matmul_divide_evenly(int64_t total, int64_t most) {
  if (total <= most) return total;
  int64_t parts = (total + most - 1) / most;
  return (total + parts - 1) / parts;
}
static inline int64_t matmul_whole_elements(int64_t n, int64_t depth) {
  return (n + MATMUL_WIDEST_PANEL - 1) / MATMUL_WIDEST_PANEL * MATMUL_WIDEST_PANEL * depth;
}

// Copying costs about 8 / m of the work for B and 4 / n for A. It pays where rows lie a large stride apart, which
// piles them up in few cache sets; elsewhere the tiles fetch ahead themselves.
static inline matmul_shape shape_of_matmul(const dk_matmul_arguments *arguments) {
  int64_t m = arguments->m, n = arguments->n, k = arguments->k;
  matmul_shape shape = {0};
  shape.aTransposed = arguments->aColumn != 1 && k > 1;
  int isCrowded = m >= 64 && k >= 512 && arguments->bRow % 2048 == 0;
  shape.packsB = (arguments->bColumn != 1 && n > 1) || isCrowded;
  int64_t stride = shape.aTransposed ? arguments->aColumn : arguments->aRow;
  shape.packsA = n >= 64 && m * k > 1 << 19 && stride % 512 == 0;
  // A transposed A is read at a stride: the shallower the block, the longer its lines stay in the first-level cache.
  int64_t deepest = shape.aTransposed ? 256 : n * k > 1 << 20 ? 512 : MATMUL_DEEPEST;
  shape.depth = k > 0 ? matmul_divide_evenly(k, deepest) : 1;
  // Where all of B stays in the second-level cache, few rows at a time keep A in the first one and C in few pages.
  int isSmall = shape.depth * n <= 1 << 17 && (!shape.packsB || m * n > 1 << 19);
  int64_t slab = isSmall ? 4 * 14 : MATMUL_SLAB / shape.depth;
  shape.height = matmul_divide_evenly(m, slab);
  shape.packsWhole = shape.packsB && shape.height < m && matmul_whole_elements(n, shape.depth) <= MATMUL_WHOLE;
  return shape;
}

// A column of C is cheaper as a row: C' = B'·A', with the same chain for every element.
static inline dk_matmul_arguments matmul_as_row(const dk_matmul_arguments *arguments) {
  dk_matmul_arguments row = *arguments;
  row.m = 1, row.n = arguments->m;
  row.aRow = arguments->bColumn, row.aColumn = arguments->bRow;
  row.bRow = arguments->aColumn, row.bColumn = arguments->aRow;
  row.cRow = arguments->m;
  row.activation = DK_IDENTITY;
  row.bias = row.residual = NULL;
  return row;
}
static inline int matmul_is_column(const dk_matmul_arguments *arguments) {
  return arguments->n == 1 && arguments->m > 1 && arguments->cRow == 1 &&
         (arguments->aRow == 1 || arguments->m * arguments->k >= 256);
}

// Elements of scratch: panels of B, then a slab of A.
static inline int64_t matmul_panel_elements(const dk_matmul_arguments *arguments, matmul_shape shape) {
  return matmul_whole_elements(shape.packsWhole ? arguments->n : 1, shape.depth);
}

// As much as any part of the product needs, however it is cut: parts differ in how they cut and pack.
static inline int64_t matmul_scratch_elements(const dk_matmul_arguments *arguments) {
  int64_t m = arguments->m, k = arguments->k, depth = k < MATMUL_DEEPEST ? k : MATMUL_DEEPEST;
  int64_t panels = depth * MATMUL_WIDEST_PANEL, whole = matmul_whole_elements(arguments->n, depth);
  if (whole > panels) panels = whole < MATMUL_WHOLE ? whole : MATMUL_WHOLE;
  if (m * k <= 1 << 19) return panels;
  return panels + MATMUL_SLAB + MATMUL_ROW_PADDING * (m + 1) + 1024;
}

#endif
