// Operations on the rows of a block: from elements to a number for each row, and back.

#define DEFINE_ROWS(type, scalar, vector)                                                                              \
  static void row_operation_##type(int op, scalar *d, const scalar *a, int64_t rows, int64_t length) {                 \
    for (int64_t row = 0; row < rows; row++) {                                                                         \
      if (op == DK_ROW_SPREAD) {                                                                                       \
        vector x = (vector)a[row];                                                                                     \
        int64_t i = 0;                                                                                                 \
        for (; i + LANES <= length; i += LANES) store_##type(d + row * length + i, x);                                 \
        if (i < length) store_part_##type(d + row * length + i, x, (size_t)(length - i));                              \
      } else {                                                                                                         \
        const scalar *p = a + row * length;                                                                            \
        d[row] = op == DK_ROW_SUM ? sum_of_line_##type(p, length)                                                      \
                                  : extreme_##type(op == DK_ROW_MAX ? DK_MAX : DK_MIN, p, length);                     \
      }                                                                                                                \
    }                                                                                                                  \
  }
DEFINE_ROWS(f32, float, f32v)
DEFINE_ROWS(f64, double, f64v)

INLINE void row_operation(int op, size_t elementSize, void *d, const void *a, int64_t rows, int64_t length) {
  if (elementSize == 4) row_operation_f32(op, d, a, rows, length);
  else row_operation_f64(op, d, a, rows, length);
}
