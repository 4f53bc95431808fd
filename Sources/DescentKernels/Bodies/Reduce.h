// Reductions of every element type. Booleans add to "any".

#define PASTE2(a, b) a##_##b
#define PASTE(a, b) PASTE2(a, b)

INLINE u8v minimum_u8(u8v a, u8v b) { return a < b ? a : b; }
INLINE u8v maximum_u8(u8v a, u8v b) { return a > b ? a : b; }
INLINE i32v minimum_i32(i32v a, i32v b) { return a < b ? a : b; }
INLINE i32v maximum_i32(i32v a, i32v b) { return a > b ? a : b; }
INLINE i64v minimum_i64(i64v a, i64v b) { return a < b ? a : b; }
INLINE i64v maximum_i64(i64v a, i64v b) { return a > b ? a : b; }

// The lanes from `step` on, moved to the front; what follows them does not matter.
#if LANES == 16
#define MOVE_UPPER_HALF(x) __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#define UPPER_LANES(x, s)                                                                                              \
  __builtin_shufflevector(x, x, s, s + 1, s + 2, s + 3, s + 4, s + 5, s + 6, s + 7, 8, 9, 10, 11, 12, 13, 14, 15)
#elif LANES == 8
#define UPPER_LANES(x, s) __builtin_shufflevector(x, x, s, s + 1, s + 2, s + 3, 4, 5, 6, 7)
#else
#define UPPER_LANES(x, s) __builtin_shufflevector(x, x, s, s + 1, 2, 3)
#endif

#define IS_NAN(x) ((x) != (x))
#define TYPE f32
#define SCALAR float
#define VECTOR f32v
#define ADD(a, b) ((a) + (b))
#define ADD_ONE(a, b) ((a) + (b))
#define MAXIMUM maximum_f32
#define MINIMUM minimum_f32
#define LEAST -__builtin_inff()
#define MOST __builtin_inff()
#ifndef __wasm__
#define LONG_LINE (8 * LANES)
#if LANES == 16
#define UNORDERED __mmask16
#define NO_NAN 0
#define FIND_NAN(found, x, y) (found |= _mm512_cmp_ps_mask((__m512)(x), (__m512)(y), _CMP_UNORD_Q))
#define HAS_NAN(found) ((found) != 0)
#else
#define UNORDERED i32v
#define NO_NAN ((i32v)0)
#define FIND_NAN(found, x, y) (found |= ((x) != (x)) | ((y) != (y)))
#define HAS_NAN(found) (__builtin_reduce_or(found) != 0)
#endif
#endif
#include "ReduceBody.h"
#undef LONG_LINE
#undef TYPE
#undef SCALAR
#undef VECTOR
#undef MAXIMUM
#undef MINIMUM

#define TYPE f64
#define SCALAR double
#define VECTOR f64v
#define MAXIMUM maximum_f64
#define MINIMUM minimum_f64
#include "ReduceBody.h"
#undef TYPE
#undef SCALAR
#undef VECTOR
#undef ADD
#undef ADD_ONE
#undef MAXIMUM
#undef MINIMUM
#undef LEAST
#undef MOST

#undef IS_NAN
#define IS_NAN(x) 0
#define TYPE i32
#define SCALAR int32_t
#define VECTOR i32v
#define ADD(a, b) ((i32v)((u32v)(a) + (u32v)(b)))
#define ADD_ONE(a, b) ((int32_t)((uint32_t)(a) + (uint32_t)(b)))
#define MAXIMUM maximum_i32
#define MINIMUM minimum_i32
#define LEAST INT32_MIN
#define MOST INT32_MAX
#include "ReduceBody.h"
#undef TYPE
#undef SCALAR
#undef VECTOR
#undef ADD
#undef ADD_ONE
#undef MAXIMUM
#undef MINIMUM
#undef LEAST
#undef MOST

#define TYPE i64
#define SCALAR int64_t
#define VECTOR i64v
#define ADD(a, b) ((i64v)((u64v)(a) + (u64v)(b)))
#define ADD_ONE(a, b) ((int64_t)((uint64_t)(a) + (uint64_t)(b)))
#define MAXIMUM maximum_i64
#define MINIMUM minimum_i64
#define LEAST INT64_MIN
#define MOST INT64_MAX
#include "ReduceBody.h"
#undef TYPE
#undef SCALAR
#undef VECTOR
#undef ADD
#undef ADD_ONE
#undef MAXIMUM
#undef MINIMUM
#undef LEAST
#undef MOST

#define TYPE u8
#define SCALAR uint8_t
#define VECTOR u8v
#define ADD(a, b) ((a) + (b))
#define ADD_ONE(a, b) ((uint8_t)((a) + (b)))
#define MAXIMUM maximum_u8
#define MINIMUM minimum_u8
#define LEAST 0
#define MOST UINT8_MAX
#include "ReduceBody.h"
#undef TYPE
#undef SCALAR
#undef VECTOR
#undef ADD
#undef ADD_ONE
#undef MAXIMUM
#undef MINIMUM
#undef LEAST
#undef MOST

#undef IS_NAN

static void reduce(const void *opaque, dk_context *context) {
  const dk_reduce_arguments *arguments = opaque;
  switch (arguments->dtype) {
    case DK_FLOAT32: reduce_f32(arguments, context); break;
    case DK_FLOAT64: reduce_f64(arguments, context); break;
    case DK_INT32: reduce_i32(arguments, context); break;
    case DK_INT64: reduce_i64(arguments, context); break;
    case DK_UINT8: reduce_u8(arguments, context); break;
    case DK_BOOL: {
      dk_reduce_arguments any = *arguments;
      if (any.reduction == DK_SUM) any.reduction = DK_MAX;
      reduce_u8(&any, context);
      break;
    }
  }
}

static void arg_reduce(const void *opaque, dk_context *context) {
  const dk_arg_reduce_arguments *arguments = opaque;
  switch (arguments->dtype) {
    case DK_FLOAT32: arg_reduce_f32(arguments, context); break;
    case DK_FLOAT64: arg_reduce_f64(arguments, context); break;
    case DK_INT32: arg_reduce_i32(arguments, context); break;
    case DK_INT64: arg_reduce_i64(arguments, context); break;
    default: arg_reduce_u8(arguments, context); break;
  }
}

static void cumulative_sum(const void *opaque, dk_context *context) {
  const dk_cumulative_sum_arguments *arguments = opaque;
  switch (arguments->dtype) {
    case DK_FLOAT32: cumulative_sum_f32(arguments, context); break;
    case DK_FLOAT64: cumulative_sum_f64(arguments, context); break;
    case DK_INT32: cumulative_sum_i32(arguments, context); break;
    case DK_INT64: cumulative_sum_i64(arguments, context); break;
    default: cumulative_sum_u8(arguments, context); break;
  }
}
