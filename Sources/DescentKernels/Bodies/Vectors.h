// The vector types of one instruction-set level. The including file defines LANES and pushes the target attribute.
//
// Every type has the same number of lanes, so that a float, its double and its mask stay in step;
// a double vector therefore takes two registers, which also hides latency.

#include <stddef.h>
#include <stdint.h>

#if LANES > 4
#include <immintrin.h>
#endif

// Everything that takes or returns these vectors is inlined, so the calling convention of wide ones does not matter.
#pragma clang diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef float f32v __attribute__((ext_vector_type(LANES)));
typedef double f64v __attribute__((ext_vector_type(LANES)));
typedef int32_t i32v __attribute__((ext_vector_type(LANES)));
typedef int64_t i64v __attribute__((ext_vector_type(LANES)));
typedef uint32_t u32v __attribute__((ext_vector_type(LANES)));
typedef uint64_t u64v __attribute__((ext_vector_type(LANES)));
typedef uint8_t u8v __attribute__((ext_vector_type(LANES)));

// Memory is read and written through types without alignment and without strict aliasing.
typedef f32v f32u __attribute__((aligned(4), may_alias));
typedef f64v f64u __attribute__((aligned(8), may_alias));
typedef i32v i32u __attribute__((aligned(4), may_alias));
typedef i64v i64u __attribute__((aligned(8), may_alias));
typedef u8v u8u __attribute__((aligned(1), may_alias));

// A browser fetches its kernels, so there they are kept small: what is inlined elsewhere is called.
#ifdef __wasm__
#define PARTIAL static __attribute__((noinline))
#else
#define PARTIAL INLINE
#endif

// Results of more bytes than the caches hold go past them, which spares reading the memory they overwrite.
enum { LEAST_TO_STREAM = 1 << 23 };
INLINE void finish_streaming(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#endif
}

#define CONVERT(type, x) __builtin_convertvector(x, type)

// Whole and partial vectors: a partial load reads and a partial store writes only the first `count` < LANES lanes.
// The unrolled form is written so that the compiler does not turn it into a call of memcpy.
#define DEFINE_MEMORY(name, scalar, vector, unaligned)                                                                 \
  INLINE vector load_##name(const scalar *p) { return *(const unaligned *)p; }                                         \
  INLINE void store_##name(scalar *p, vector x) { *(unaligned *)p = x; }

#define DEFINE_PARTIAL(name, scalar, vector)                                                                           \
  PARTIAL vector load_part_##name(const scalar *p, size_t count) {                                                     \
    vector x = (vector)(scalar)0;                                                                                      \
    _Pragma("clang loop unroll(full)") for (size_t i = 0; i < LANES; i++) if (i < count) x[i] = p[i];                  \
    return x;                                                                                                          \
  }                                                                                                                    \
  PARTIAL void store_part_##name(scalar *p, vector x, size_t count) {                                                  \
    _Pragma("clang loop unroll(full)") for (size_t i = 0; i < LANES; i++) if (i < count) p[i] = x[i];                  \
  }

DEFINE_MEMORY(f32, float, f32v, f32u)
DEFINE_MEMORY(f64, double, f64v, f64u)
DEFINE_MEMORY(i32, int32_t, i32v, i32u)
DEFINE_MEMORY(i64, int64_t, i64v, i64u)
DEFINE_MEMORY(u8, uint8_t, u8v, u8u)
DEFINE_PARTIAL(u8, uint8_t, u8v)

#if LANES == 16
INLINE __mmask16 mask16(size_t count) { return (__mmask16)_bzhi_u32(0xffff, (unsigned)count); }
INLINE f32v load_part_f32(const float *p, size_t count) { return (f32v)_mm512_maskz_loadu_ps(mask16(count), p); }
INLINE void store_part_f32(float *p, f32v x, size_t count) { _mm512_mask_storeu_ps(p, mask16(count), (__m512)x); }
INLINE i32v load_part_i32(const int32_t *p, size_t count) { return (i32v)_mm512_maskz_loadu_epi32(mask16(count), p); }
INLINE void store_part_i32(int32_t *p, i32v x, size_t count) { _mm512_mask_storeu_epi32(p, mask16(count), (__m512i)x); }
INLINE i64v load_part_i64(const int64_t *p, size_t count) {
  union { __m512i half[2]; i64v whole; } x;
  x.half[0] = _mm512_maskz_loadu_epi64((__mmask8)mask16(count), p);
  x.half[1] = _mm512_maskz_loadu_epi64((__mmask8)(mask16(count) >> 8), p + 8);
  return x.whole;
}
INLINE void store_part_i64(int64_t *p, i64v y, size_t count) {
  union { __m512i half[2]; i64v whole; } x = {.whole = y};
  _mm512_mask_storeu_epi64(p, (__mmask8)mask16(count), x.half[0]);
  _mm512_mask_storeu_epi64(p + 8, (__mmask8)(mask16(count) >> 8), x.half[1]);
}
INLINE f64v load_part_f64(const double *p, size_t count) { return (f64v)load_part_i64((const int64_t *)p, count); }
INLINE void store_part_f64(double *p, f64v x, size_t count) { store_part_i64((int64_t *)p, (i64v)x, count); }
#else
DEFINE_PARTIAL(f32, float, f32v)
DEFINE_PARTIAL(i32, int32_t, i32v)
DEFINE_PARTIAL(i64, int64_t, i64v)
DEFINE_PARTIAL(f64, double, f64v)
#endif
