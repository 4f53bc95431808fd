// The integer operations that wrap, and those that C leaves undefined.

INLINE i64v abs_i64(i64v x) { return x < 0 ? (i64v)(0 - (u64v)x) : x; }
INLINE i64v sign_i64(i64v x) { return (i64v)(x > 0 ? (i64v)1 : (i64v)0) - (x < 0 ? (i64v)1 : (i64v)0); }

INLINE int64_t divide_one_i64(int64_t a, int64_t b) {
  if (b == 0) return 0;
  return b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}
INLINE int64_t power_one_i64(int64_t x, int64_t y) {
  if (y < 0) return x == 1 ? 1 : x == -1 ? ((y & 1) != 0 ? -1 : 1) : 0;
  uint64_t result = 1, square = (uint64_t)x;
  for (; y != 0; y >>= 1, square *= square) if ((y & 1) != 0) result *= square;
  return (int64_t)result;
}
INLINE i64v divide_i64(i64v a, i64v b) {
  i64v r = a;
  for (int i = 0; i < LANES; i++) r[i] = divide_one_i64(a[i], b[i]);
  return r;
}
INLINE i64v power_i64(i64v a, i64v b) {
  i64v r = a;
  for (int i = 0; i < LANES; i++) r[i] = power_one_i64(a[i], b[i]);
  return r;
}
