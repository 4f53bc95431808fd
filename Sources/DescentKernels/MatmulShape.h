// How a matrix product is cut into blocks; decided from its shape alone, so that the scratch can be sized beforehand.

#ifndef DESCENT_MATMUL_SHAPE_H
#define DESCENT_MATMUL_SHAPE_H

#include "DescentKernels.h"

enum { MATMUL_WIDEST_PANEL = 32 };

typedef struct {
  int aTransposed;                // A's rows lie side by side
  int packs;                      // every panel of B is copied before use
  int64_t depth;                  // of a block of K
  int64_t height;                 // rows of A that one panel of B meets before the next
} matmul_shape;

static inline matmul_shape shape_of_matmul(const dk_matmul_arguments *arguments) {
  int64_t m = arguments->m, n = arguments->n, k = arguments->k;
  matmul_shape shape;
  shape.aTransposed = arguments->aColumn != 1 && k > 1;
  shape.packs = (arguments->bColumn != 1 && n > 1) || n * k > (1 << 20);
  int64_t blocks = (k + 1023) / 1024;
  if (shape.aTransposed && m > 0) blocks = (k * m + 200000 - 1) / 200000;
  int64_t most = (k + 255) / 256;
  if (blocks > most) blocks = most;
  if (blocks < 1) blocks = 1;
  shape.depth = k > 0 ? (k + blocks - 1) / blocks : 1;
  shape.height = m;
  if (shape.depth * m > (1 << 18)) {
    int64_t slabs = (shape.depth * m + (1 << 18) - 1) >> 18;
    shape.height = (m + slabs - 1) / slabs;
  }
  return shape;
}

#endif
