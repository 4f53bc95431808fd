// Matrix products of every type.

#if LANES > 4 || defined(__ARM_FEATURE_FMA)
#define MULTIPLY_ADD(a, b, c) __builtin_elementwise_fma(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif

#if LANES == 16
// Thirty-two registers: 14 rows × 2 vectors of accumulators leave room for two of B and a broadcast of A.
#define TALLEST 14
#define MASKED_TILES 1
INLINE f32v load_columns_f32(const float *p, size_t count) { return load_part_f32(p, count); }
INLINE void store_columns_f32(float *p, f32v x, size_t count) { store_part_f32(p, x, count); }
INLINE f64r load_columns_f64(const double *p, size_t count) {
  return (f64r)_mm512_maskz_loadu_pd((__mmask8)mask16(count), p);
}
INLINE void store_columns_f64(double *p, f64r x, size_t count) {
  _mm512_mask_storeu_pd(p, (__mmask8)mask16(count), (__m512d)x);
}
#else
// Sixteen registers (or untried thirty-two): 6 rows × 2 vectors.
#define TALLEST 6
#define MASKED_TILES 0
#define load_columns_f32(p, count) load_register_f32(p)
#define store_columns_f32(p, x, count) store_register_f32(p, x)
#define load_columns_f64(p, count) load_register_f64(p)
#define store_columns_f64(p, x, count) store_register_f64(p, x)
#endif

// How A lies: the elements of a row side by side, those of a column, or runs of columns that begin where a
// table says; or A has adjacent rows and it is B whose runs of rows begin where a table says.
// `aTransposed` of a shape is the choice between the first two.
enum { ROWS_ADJACENT, COLUMNS_ADJACENT, GATHERED, SHIFTED };

// A browser fetches its kernels: there one kind of tile serves both layouts of A, and what follows a chain is a loop
// over memory, not code in every tile.
#ifdef __wasm__
#define COMPACT_TILES 1
#else
#define COMPACT_TILES 0
#endif

#define TYPE f32
#define SCALAR float
#define VECTOR f32v
#define WIDTH LANES
#include "MatmulBody.h"
#undef TYPE
#undef SCALAR
#undef VECTOR
#undef WIDTH

#define TYPE f64
#define SCALAR double
#define VECTOR f64r
#define WIDTH (LANES / 2)
#include "MatmulBody.h"
#undef TYPE
#undef SCALAR
#undef VECTOR
#undef WIDTH

#define DEFINE_INTEGER_MATMUL(type, suffix)                                                                            \
  static void matmul_##suffix(const dk_matmul_arguments *arguments, const type *a, const type *b, type *c) {           \
    int64_t bColumn = arguments->bColumn;                                                                              \
    for (int64_t i = 0; i < arguments->m; i++, c += arguments->cRow) {                                                 \
      for (int64_t p = 0; p < arguments->k; p++) {                                                                     \
        type x = a[i * arguments->aRow + p * arguments->aColumn];                                                      \
        const type *row = b + p * arguments->bRow;                                                                     \
        if (bColumn == 1) for (int64_t j = 0; j < arguments->n; j++) c[j] += x * row[j];                               \
        else for (int64_t j = 0; j < arguments->n; j++) c[j] += x * row[j * bColumn];                                  \
      }                                                                                                                \
    }                                                                                                                  \
  }
DEFINE_INTEGER_MATMUL(uint32_t, i32)
DEFINE_INTEGER_MATMUL(uint64_t, i64)

// A part's band of rows or columns of every product.
static dk_matmul_arguments band_of_matmul(const dk_matmul_arguments *whole, const dk_context *context) {
  dk_matmul_arguments band = *whole;
  int64_t size = sizeOfType[whole->dtype], m = whole->m, n = whole->n;
  if (m >= n) {
    int64_t grain = whole->arithmetic != DK_CHAIN ? 32 : m >= 16 * context->parts ? 8 : 1;
    span rows = span_of(m, grain, context);
    band.m = rows.end - rows.start;
    band.a = (const char *)whole->a + rows.start * whole->aRow * size;
    band.c = (char *)whole->c + rows.start * whole->cRow * size;
    if (whole->residual) band.residual = (const char *)whole->residual + rows.start * whole->residualRow * size;
  } else {
    span columns = span_of(n, 32, context);
    band.n = columns.end - columns.start;
    band.b = (const char *)whole->b + columns.start * whole->bColumn * size;
    band.c = (char *)whole->c + columns.start * size;
    band.packedColumn = columns.start;
    if (whole->bias) band.bias = (const char *)whole->bias + columns.start * size;
    if (whole->residual) band.residual = (const char *)whole->residual + columns.start * size;
  }
  return band;
}

static void matmul(const void *opaque, dk_context *context) {
  const dk_matmul_arguments *arguments = opaque;
  int isColumn = matmul_is_column(arguments);
  int64_t batches = arguments->batchOuter * arguments->batchInner;
  span share = {0, batches};
  dk_matmul_arguments band;
  if (context->parts > 1) {
    if (batches >= context->parts) {
      share = span_of(batches, 1, context);
    } else {
      band = band_of_matmul(arguments, context);
      arguments = &band;
    }
  }
  if (arguments->m == 0 || arguments->n == 0 || share.start == share.end) return;
  int32_t type = arguments->dtype;
  int64_t size = sizeOfType[type], inner = 0, outer = 0;
  if (share.start > 0) outer = share.start / arguments->batchInner, inner = share.start % arguments->batchInner;
  int isInteger = type == DK_INT32 || type == DK_INT64;
  for (int64_t batch = share.start; batch < share.end; batch++) {
    const char *a = (const char *)arguments->a + (outer * arguments->aOuter + inner * arguments->aInner) * size;
    const char *b = (const char *)arguments->b + (outer * arguments->bOuter + inner * arguments->bInner) * size;
    char *c = (char *)arguments->c + (outer * arguments->cOuter + inner * arguments->cInner) * size;
    const char *residual = arguments->residual;
    if (residual) residual += (outer * arguments->residualOuter + inner * arguments->residualInner) * size;
    if (isInteger || arguments->k == 0) {
      for (int64_t i = 0; i < arguments->m; i++) {
        __builtin_memset(c + i * arguments->cRow * size, 0, (size_t)(arguments->n * size));
      }
    }
    switch (type) {
      case DK_FLOAT32:
#if LANES == 16 && defined(__linux__)
        if (arguments->arithmetic != DK_CHAIN) {
          dk_matmul_pieces(arguments, (const float *)a, (const float *)b, (float *)c, (const float *)residual,
                           context->scratch);
          break;
        }
#endif
        one_product_f32(arguments, isColumn, (const float *)a, (const float *)b, (float *)c,
                        (const float *)residual, context->scratch);
        break;
      case DK_FLOAT64:
        one_product_f64(arguments, isColumn, (const double *)a, (const double *)b, (double *)c,
                        (const double *)residual, context->scratch);
        break;
      case DK_INT32: matmul_i32(arguments, (const uint32_t *)a, (const uint32_t *)b, (uint32_t *)c); break;
      default: matmul_i64(arguments, (const uint64_t *)a, (const uint64_t *)b, (uint64_t *)c); break;
    }
    if (++inner == arguments->batchInner) inner = 0, outer++;
  }
}
