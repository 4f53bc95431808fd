// Matrix products of float32 by instructions that multiply bfloat16: those of matrix tiles, or of vectors.

#ifndef DESCENT_MATMUL_PIECES_H
#define DESCENT_MATMUL_PIECES_H

#include "DescentKernels.h"

#if defined(__x86_64__) && defined(__linux__)

enum {
  PIECES_BAND_ELEMENTS = 1 << 19,          // bfloat16 elements that stay in the second-level cache
};

// One product of a batch, whole or a band of it.
void dk_matmul_pieces(const dk_matmul_arguments *arguments, const float *a, const float *b, float *c,
                      const float *residual, void *scratch);

// A block of up to 32 rows and columns of a product from panels of bfloat16, into sums as tiles leave them, without tiles.
void dk_multiply_pairs(int64_t rows, int64_t columns, int64_t steps, const uint16_t *a, const uint16_t *b, float *sums);

// B's panels of all blocks of K, side by side: elements, and the panels themselves.
int64_t dk_matmul_pieces_packed(const dk_matmul_arguments *arguments);
void dk_pack_matmul_pieces(const dk_matmul_arguments *arguments, uint16_t *packed);

// Bytes of scratch that any band of the product needs.
int64_t dk_matmul_pieces_scratch(const dk_matmul_arguments *arguments);

#endif
#endif
