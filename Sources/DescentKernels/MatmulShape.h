// How a matrix product is cut into blocks; decided from its shape alone, so that the scratch can be sized beforehand.

#ifndef DESCENT_MATMUL_SHAPE_H
#define DESCENT_MATMUL_SHAPE_H

#include "DescentKernels.h"

enum {
  MATMUL_WIDEST_PANEL = 32,
  MATMUL_SLAB = 1 << 18,          // elements of A that stay in the second-level cache: 1 MiB of float32
  MATMUL_ROW_PADDING = 16,        // a line between packed rows, so that they do not fall into one cache set
};

typedef struct {
  int aTransposed;                // A's rows lie side by side
  int packsA, packsB;             // copied block by block, panel by panel, before use
  int64_t depth;                  // of a block of K
  int64_t height;                 // rows of A that one panel of B meets before the next
} matmul_shape;

static inline int64_t matmul_divide_evenly(int64_t total, int64_t most) {
  if (total <= most) return total;
  int64_t parts = (total + most - 1) / most;
  return (total + parts - 1) / parts;
}

// Copying costs about 8 / m of the work for B and 4 / n for A. It pays where rows lie a large stride apart, which
// defeats the prefetcher and piles up in few cache sets, and where the operand does not stay in the cache.
static inline matmul_shape shape_of_matmul(const dk_matmul_arguments *arguments) {
  int64_t m = arguments->m, n = arguments->n, k = arguments->k;
  matmul_shape shape;
  shape.aTransposed = arguments->aColumn != 1 && k > 1;
  int crowded = arguments->bRow % 512 == 0 && k >= 512;
  shape.packsB = (arguments->bColumn != 1 && n > 1) || (m >= 256 && n * k > 1 << 15) ||
                 (m >= 32 && (crowded || n * k > 1 << 19));
  int64_t stride = shape.aTransposed ? arguments->aColumn : arguments->aRow;
  shape.packsA = n >= 64 && m * k > 1 << 19 && (shape.aTransposed || stride % 512 == 0);
  // A panel of B this deep stays in the first-level cache: worth it where A is read across its rows, or from memory.
  int64_t deepest = shape.aTransposed ? 224 : n <= 128 && m * k > 1 << 20 ? 384 : 1024;
  shape.depth = k > 0 ? matmul_divide_evenly(k, deepest) : 1;
  shape.height = m * shape.depth <= MATMUL_SLAB ? m : matmul_divide_evenly(m, MATMUL_SLAB / shape.depth);
  return shape;
}

// A column of C is cheaper as a row: C' = B'·A', with the same chain for every element.
static inline dk_matmul_arguments matmul_as_row(const dk_matmul_arguments *arguments) {
  dk_matmul_arguments row = *arguments;
  row.m = 1, row.n = arguments->m;
  row.a = arguments->b, row.b = arguments->a;
  row.aOuter = arguments->bOuter, row.aInner = arguments->bInner;
  row.bOuter = arguments->aOuter, row.bInner = arguments->aInner;
  row.aRow = arguments->bColumn, row.aColumn = arguments->bRow;
  row.bRow = arguments->aColumn, row.bColumn = arguments->aRow;
  row.cRow = arguments->m;
  return row;
}
static inline int matmul_is_column(const dk_matmul_arguments *arguments) {
  return arguments->n == 1 && arguments->m > 1 && arguments->cRow == 1 &&
         (arguments->aRow == 1 || arguments->m * arguments->k >= 256);
}

// Elements of scratch: a panel of B, then a slab of A.
static inline int64_t matmul_panel_elements(matmul_shape shape) { return shape.depth * MATMUL_WIDEST_PANEL; }

// As much as any part of the product needs, however it is cut: parts differ in how they cut and pack.
static inline int64_t matmul_scratch_elements(const dk_matmul_arguments *arguments) {
  int64_t m = arguments->m, k = arguments->k;
  int64_t panel = (k < 1024 ? k : 1024) * MATMUL_WIDEST_PANEL;
  if (m * k <= 1 << 19) return panel;
  return panel + MATMUL_SLAB + MATMUL_ROW_PADDING * (m + 1) + 1024;
}

#endif
