// Elements between memory of any type and the compute type of a program.

#define SATURATE(name, from, to, least, most, below, above)                                                            \
  INLINE to name(from x) { return x >= (from)above ? most : x > (from)below ? (to)x : x == x ? least : 0; }
SATURATE(int32_from_float, float, int32_t, INT32_MIN, INT32_MAX, -0x1.000002p31f, 0x1p31f)
SATURATE(int32_from_double, double, int32_t, INT32_MIN, INT32_MAX, -2147483649.0, 0x1p31)
SATURATE(int64_from_float, float, int64_t, INT64_MIN, INT64_MAX, -0x1.000002p63f, 0x1p63f)
SATURATE(int64_from_double, double, int64_t, INT64_MIN, INT64_MAX, -0x1.0000000000001p63, 0x1p63)
SATURATE(uint8_from_float, float, uint8_t, 0, 255, -1.0f, 255.0f)
SATURATE(uint8_from_double, double, uint8_t, 0, 255, -1.0, 255.0)

// Dense runs have a loop of their own so that it vectorises.
#define CONVERT_CASE(type, to, from, expression)                                                                       \
  case type: {                                                                                                         \
    to *d = destination;                                                                                               \
    const from *s = source;                                                                                            \
    if (destinationStep == 1 && sourceStep == 1) {                                                                     \
      for (size_t i = 0; i < count; i++) { from x = s[i]; d[i] = (expression); }                                       \
    } else if (destinationStep == 1 && sourceStep == 0) {                                                              \
      from x = *s;                                                                                                     \
      to y = (expression);                                                                                             \
      for (size_t i = 0; i < count; i++) d[i] = y;                                                                     \
    } else {                                                                                                           \
      for (size_t i = 0; i < count; i++, s += sourceStep, d += destinationStep) { from x = *s; *d = (expression); }    \
    }                                                                                                                  \
    break;                                                                                                             \
  }

#define DEFINE_LOAD(compute, to, fromFloat, fromDouble)                                                                \
  static void load_run_##compute(void *restrict destination, int64_t destinationStep, const void *restrict source,     \
                                 int64_t sourceStep, int32_t type, size_t count) {                                     \
    switch (type) {                                                                                                    \
      CONVERT_CASE(DK_FLOAT32, to, float, fromFloat(x))                                                                \
      CONVERT_CASE(DK_FLOAT64, to, double, fromDouble(x))                                                              \
      CONVERT_CASE(DK_INT32, to, int32_t, (to)x)                                                                       \
      CONVERT_CASE(DK_INT64, to, int64_t, (to)x)                                                                       \
      CONVERT_CASE(DK_UINT8, to, uint8_t, (to)x)                                                                       \
      CONVERT_CASE(DK_BOOL, to, uint8_t, (to)x)                                                                        \
    }                                                                                                                  \
  }
DEFINE_LOAD(f32, float, (float), (float))
DEFINE_LOAD(f64, double, (double), (double))
DEFINE_LOAD(i64, int64_t, int64_from_float, int64_from_double)

#define DEFINE_STORE(compute, from, toInt32, toInt64, toUInt8)                                                         \
  static void store_run_##compute(void *restrict destination, int64_t destinationStep, const void *restrict source,    \
                                  int64_t sourceStep, int32_t type, size_t count) {                                    \
    switch (type) {                                                                                                    \
      CONVERT_CASE(DK_FLOAT32, float, from, (float)x)                                                                  \
      CONVERT_CASE(DK_FLOAT64, double, from, (double)x)                                                                \
      CONVERT_CASE(DK_INT32, int32_t, from, toInt32(x))                                                                \
      CONVERT_CASE(DK_INT64, int64_t, from, toInt64(x))                                                                \
      CONVERT_CASE(DK_UINT8, uint8_t, from, toUInt8(x))                                                                \
      CONVERT_CASE(DK_BOOL, uint8_t, from, x != 0)                                                                     \
    }                                                                                                                  \
  }
DEFINE_STORE(f32, float, int32_from_float, int64_from_float, uint8_from_float)
DEFINE_STORE(f64, double, int32_from_double, int64_from_double, uint8_from_double)
DEFINE_STORE(i64, int64_t, (int32_t), (int64_t), (uint8_t))

typedef void (*convert_run)(void *restrict destination, int64_t destinationStep, const void *restrict source,
                            int64_t sourceStep, int32_t type, size_t count);
