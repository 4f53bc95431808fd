// Weights laid out beforehand, for who computes with the same ones again and again.

#include "ConvolutionPieces.h"
#include "Kernels.h"
#include "MatmulPieces.h"
#include "MatmulShape.h"
#include "Subnormals.h"

#ifndef __wasm__

// From so many rows of A, or images, on, laying out weights is a small part of multiplying them.
enum { FEW_ROWS_OF_PIECES = 32, FEW_IMAGES = 8 };

static int64_t packed_product(const dk_matmul_arguments *a) {
  if (a->batchOuter * a->batchInner != 1 || a->dtype != DK_FLOAT32 || a->k == 0) return 0;
#if defined(__x86_64__) && defined(__linux__)
  if (a->arithmetic != DK_CHAIN) {
    return a->m <= FEW_ROWS_OF_PIECES && a->m <= a->n ? dk_matmul_pieces_packed(a) * (int64_t)sizeof(uint16_t) : 0;
  }
#endif
  int64_t n = a->n, columns = (n + MATMUL_PACKED_COLUMNS - 1) / MATMUL_PACKED_COLUMNS * MATMUL_PACKED_COLUMNS;
  int isFew = a->m <= MATMUL_PACKED_ROWS && a->aColumn == 1 && n >= MATMUL_PACKED_COLUMNS;
  // Dense rows that fit into the first-level cache are read as fast where they are.
  int isSmall = a->bColumn == 1 && n * a->k <= 1 << 12;
  return isFew && !isSmall ? columns * a->k * (int64_t)sizeof(float) : 0;
}

static void pack_product(const dk_matmul_arguments *a, float *packed) {
  for (int64_t start = 0; start < a->n; start += MATMUL_PACKED_COLUMNS) {
    int64_t rest = a->n - start, count = rest < MATMUL_PACKED_COLUMNS ? rest : MATMUL_PACKED_COLUMNS;
    const float *row = (const float *)a->b + start * a->bColumn;
    for (int64_t p = 0; p < a->k; p++, row += a->bRow, packed += MATMUL_PACKED_COLUMNS) {
      if (a->bColumn == 1) {
        __builtin_memcpy(packed, row, (size_t)count * sizeof(float));
      } else {
        for (int64_t j = 0; j < count; j++) packed[j] = row[j * a->bColumn];
      }
      __builtin_memset(packed + count, 0, (size_t)(MATMUL_PACKED_COLUMNS - count) * sizeof(float));
    }
  }
}

int64_t dk_packed_bytes(dk_kernel_id kernel, const void *arguments) {
  if (kernel == DK_MATMUL) return packed_product(arguments);
#if defined(__x86_64__) && defined(__linux__)
  const dk_convolution_arguments *a = arguments;
  if (kernel == DK_CONVOLUTION && a->arithmetic != DK_CHAIN && !a->overPixels && a->batch <= FEW_IMAGES) {
    return dk_convolution_pieces_packed(a) * (int64_t)sizeof(uint16_t);
  }
#endif
  return 0;
}

void dk_pack(dk_kernel_id kernel, const void *arguments, void *packed, void *scratch) {
  (void)scratch;
  // Numbers are cut into pieces as they are when kernels run.
  floating_point_mode mode = flush_subnormals();
#if defined(__x86_64__) && defined(__linux__)
  if (kernel == DK_CONVOLUTION) dk_pack_convolution_pieces(arguments, packed, scratch);
  else if (((const dk_matmul_arguments *)arguments)->arithmetic != DK_CHAIN) dk_pack_matmul_pieces(arguments, packed);
  else pack_product(arguments, packed);
#else
  if (kernel == DK_MATMUL) pack_product(arguments, packed);
#endif
  restore(mode);
}
#endif
