// xʸ of float64 vectors: y·log x reaches 745, so the logarithm is taken in double-double arithmetic.

typedef struct { f64v high, low; } pair_f64;

// a·b without rounding error (Dekker's splitting into halves of 26 bits).
INLINE pair_f64 exact_product_f64(f64v a, f64v b) {
  f64v as = a * 134217729.0, bs = b * 134217729.0;
  f64v ah = as - (as - a), bh = bs - (bs - b);
  f64v al = a - ah, bl = b - bh, p = a * b;
  return (pair_f64){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}
INLINE pair_f64 product_f64(pair_f64 a, pair_f64 b) {
  pair_f64 p = exact_product_f64(a.high, b.high);
  return (pair_f64){p.high, p.low + (a.high * b.low + a.low * b.high)};
}
// |a| is at least |b|, or a is zero.
INLINE pair_f64 sum_f64(pair_f64 a, pair_f64 b) {
  f64v s = a.high + b.high;
  f64v low = (b.high - (s - a.high)) + (a.low + b.low);
  f64v high = s + low;
  return (pair_f64){high, low - (high - s)};
}

// log x = e·ln 2 + 2s + s³·(2/3 + s²·Q(s²)), Q to 2⁻⁶⁵, for positive finite x.
INLINE pair_f64 log_pair_f64(f64v x) {
  split_f64 d = split_exponent_f64(x);
  f64v sum = 2.0 + d.f, sumLow = d.f - (sum - 2.0);
  f64v quotient = d.f / sum;
  pair_f64 back = exact_product_f64(quotient, sum);
  pair_f64 s = {quotient, (((d.f - back.high) - back.low) - quotient * sumLow) / sum};
  pair_f64 square = product_f64(s, s);
  f64v z = square.high;
  f64v q = 0.11735818855512968 * z + 0.11705021567538627;
  q = q * z + 0.13334850282547114;
  q = q * z + 0.15384594120126369;
  q = q * z + 0.18181818343316125;
  q = q * z + 0.2222222222162076;
  q = q * z + 0.28571428571429425;
  q = q * z + 0.40000000000000002;
  pair_f64 factor = sum_f64((pair_f64){(f64v)0x1.5555555555555p-1, (f64v)0x1.5555555555555p-55},
                            (pair_f64){z * q, (f64v)0.0});
  pair_f64 cube = product_f64(product_f64(square, s), factor);
  pair_f64 logarithm = sum_f64((pair_f64){2.0 * s.high, 2.0 * s.low}, cube);
  return sum_f64((pair_f64){d.e * 0x1.62e42fefa2p-1, d.e * 0x1.9ef35793c7673p-41}, logarithm);
}

INLINE f64v pow_f64(f64v x, f64v y) {
  f64v a = abs_f64(x), size = abs_f64(y), infinity = (f64v)__builtin_inf();
  i64v ordinary = (a > 0.0) & (a < infinity);
  pair_f64 logarithm = log_pair_f64(ordinary ? a : (f64v)1.0);
  // Beyond 2⁶⁵ the result is 0, 1 or infinity all the same, and the exact product cannot overflow.
  f64v exponent = clamp_f64(y, -0x1p65, 0x1p65);
  pair_f64 w = product_f64(logarithm, (pair_f64){exponent, (f64v)0.0});
  f64v magnitude = exp_sum_f64(w.high, abs_f64(w.high) < 800.0 ? w.low : (f64v)0.0);
  magnitude = ordinary ? magnitude : ((a == 0.0) == (y < 0.0)) != 0 ? infinity : (f64v)0.0;

  f64v half = size * 0.5;
  i64v whole = round_f64(size) == size;
  i64v odd = whole & (round_f64(half) != half);
  i64v negative = (i64v)sign_bit_f64(x) != 0;
  f64v r = with_sign_f64(magnitude, (negative & odd) != 0 ? (u64v)0x8000000000000000ull : (u64v)0ull);
  r = ((x < 0.0) & (a < infinity) & ~whole) != 0 ? (f64v)__builtin_nan("") : r;
  r = ((x == -1.0) & (size == infinity)) != 0 ? (f64v)1.0 : r;
  r = ((x != x) | (y != y)) != 0 ? x + y : r;
  return ((x == 1.0) | (y == 0.0)) != 0 ? (f64v)1.0 : r;
}
