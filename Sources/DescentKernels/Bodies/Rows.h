// Operations on the rows of a block: from elements to a number for each row, and back.

// What follows a row is overwritten by the next; only the last rows end where they should.
#define DEFINE_ROWS(type, scalar, vector)                                                                              \
  static void spread_rows_##type(scalar *d, const scalar *a, int64_t rows, int64_t length) {                           \
    int64_t row = 0, careful = rows - (length + LANES - 1) / length;                                                   \
    for (; row < careful; row++) {                                                                                     \
      vector x = (vector)a[row];                                                                                       \
      for (int64_t i = 0; i < length; i += LANES) store_##type(d + row * length + i, x);                               \
    }                                                                                                                  \
    for (; row < rows; row++) {                                                                                        \
      vector x = (vector)a[row];                                                                                       \
      int64_t i = 0;                                                                                                   \
      for (; i + LANES <= length; i += LANES) store_##type(d + row * length + i, x);                                   \
      if (i < length) store_part_##type(d + row * length + i, x, (size_t)(length - i));                                \
    }                                                                                                                  \
  }                                                                                                                    \
  static void row_operation_##type(int op, scalar *d, const scalar *a, int64_t rows, int64_t length) {                 \
    if (op == DK_ROW_SPREAD) {                                                                                         \
      spread_rows_##type(d, a, rows, length);                                                                          \
    } else if (op == DK_ROW_SUM) {                                                                                     \
      for (int64_t row = 0; row < rows; row++) d[row] = sum_of_line_##type(a + row * length, length);                  \
    } else {                                                                                                           \
      int reduction = op == DK_ROW_MAX ? DK_MAX : DK_MIN;                                                              \
      for (int64_t row = 0; row < rows; row++) d[row] = extreme_##type(reduction, a + row * length, length);           \
    }                                                                                                                  \
  }
DEFINE_ROWS(f32, float, f32v)
DEFINE_ROWS(f64, double, f64v)

INLINE void row_operation(int op, size_t elementSize, void *d, const void *a, int64_t rows, int64_t length) {
  if (elementSize == 4) row_operation_f32(op, d, a, rows, length);
  else row_operation_f64(op, d, a, rows, length);
}
