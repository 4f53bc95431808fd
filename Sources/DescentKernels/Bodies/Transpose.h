// Square blocks transposed in registers: zipping rows i and i + n/2 into rows 2i and 2i + 1, log₂ n times.

#define ZIP_LOW_2(a, b) __builtin_shufflevector(a, b, 0, 2)
#define ZIP_HIGH_2(a, b) __builtin_shufflevector(a, b, 1, 3)
#define ZIP_LOW_4(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ZIP_HIGH_4(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define ZIP_LOW_8(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define ZIP_HIGH_8(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define ZIP_LOW_16(a, b)                                                                                               \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define ZIP_HIGH_16(a, b)                                                                                              \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)

#define DEFINE_TRANSPOSE(name, vector, n)                                                                              \
  INLINE void name(vector *row) {                                                                                      \
    _Pragma("clang loop unroll(full)") for (int step = 1; step < n; step *= 2) {                                       \
      vector zipped[n];                                                                                                \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < n / 2; i++) {                                             \
        zipped[2 * i] = ZIP_LOW_##n(row[i], row[i + n / 2]);                                                           \
        zipped[2 * i + 1] = ZIP_HIGH_##n(row[i], row[i + n / 2]);                                                      \
      }                                                                                                                \
      _Pragma("clang loop unroll(full)") for (int i = 0; i < n; i++) row[i] = zipped[i];                               \
    }                                                                                                                  \
  }

// A register of doubles has half the lanes of one of floats.
typedef double f64r __attribute__((ext_vector_type(LANES / 2)));
typedef f64r f64ru __attribute__((aligned(8), may_alias));

#if LANES == 16
DEFINE_TRANSPOSE(transpose_square_f32, f32v, 16)
DEFINE_TRANSPOSE(transpose_square_f64, f64r, 8)
#elif LANES == 8
DEFINE_TRANSPOSE(transpose_square_f32, f32v, 8)
DEFINE_TRANSPOSE(transpose_square_f64, f64r, 4)
#else
DEFINE_TRANSPOSE(transpose_square_f32, f32v, 4)
DEFINE_TRANSPOSE(transpose_square_f64, f64r, 2)
#endif

INLINE f32v load_register_f32(const float *p) { return load_f32(p); }
INLINE void store_register_f32(float *p, f32v x) { store_f32(p, x); }
INLINE f64r load_register_f64(const double *p) { return *(const f64ru *)p; }
INLINE void store_register_f64(double *p, f64r x) { *(f64ru *)p = x; }
