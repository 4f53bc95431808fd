// Elementary functions of float64 vectors, at most 2 ulp, with the special values of C99; no fused multiplications.
//
// They follow MathFloat32.h with longer polynomials; the figure beside each is its largest relative error.

INLINE f64v abs_f64(f64v x) { return (f64v)((u64v)x & 0x7fffffffffffffffull); }
INLINE u64v sign_bit_f64(f64v x) { return (u64v)x & 0x8000000000000000ull; }
INLINE f64v with_sign_f64(f64v x, u64v sign) { return (f64v)((u64v)x | sign); }
INLINE f64v sqrt_f64(f64v x) { return __builtin_elementwise_sqrt(x); }
INLINE f64v rsqrt_f64(f64v x) { return (f64v)1.0 / __builtin_elementwise_sqrt(x); }
INLINE f64v round_f64(f64v x) {
  f64v a = abs_f64(x);
  return with_sign_f64(a < 0x1p52 ? (a + 0x1p52) - 0x1p52 : a, sign_bit_f64(x));
}
INLINE f64v floor_f64(f64v x) { f64v r = round_f64(x); return r > x ? r - 1.0 : r; }
INLINE f64v ceil_f64(f64v x) {
  f64v r = round_f64(x);
  return with_sign_f64(r < x ? r + 1.0 : r, sign_bit_f64(x));
}
INLINE f64v sign_f64(f64v x) { return x > 0.0 ? (f64v)1.0 : x < 0.0 ? (f64v)-1.0 : x; }
INLINE f64v minimum_f64(f64v a, f64v b) { f64v r = a < b ? a : b; return a != a ? a : r; }
INLINE f64v maximum_f64(f64v a, f64v b) { f64v r = a > b ? a : b; return a != a ? a : r; }

// x + low = k·ln 2 + high - rest; k·(the upper 40 bits of ln 2) is exact.
typedef struct { f64v high, rest; i64v k; } reduced_f64;
INLINE reduced_f64 reduce_exp_f64(f64v x, f64v low) {
  f64v shifted = x * 1.4426950408889634 + 0x1.8p52;
  f64v k = shifted - 0x1.8p52;
  return (reduced_f64){x - k * 0x1.62e42fefa2p-1, k * 0x1.9ef35793c7673p-41 - low,
                       (i64v)((u64v)shifted - 0x4338000000000000ull)};
}
// (eʳ - 1 - r) / r² on |r| ≤ 0.35: 2⁻⁶⁰ of r.
INLINE f64v expm1_tail_f64(f64v r) {
  f64v q = 2.0915442297780116e-09 * r + 2.5106274733573296e-08;
  q = q * r + 2.75572718102198e-07;
  q = q * r + 2.7557252833516911e-06;
  q = q * r + 2.4801587327007187e-05;
  q = q * r + 0.00019841269876864356;
  q = q * r + 0.0013888888888883327;
  q = q * r + 0.0083333333333255443;
  q = q * r + 0.041666666666666671;
  q = q * r + 0.16666666666666671;
  return q * r + 0.5;
}
INLINE f64v expm1_of_reduced_f64(reduced_f64 d) {
  f64v r = d.high - d.rest;
  return d.high + (r * r * expm1_tail_f64(r) - d.rest);
}
INLINE f64v power_of_two_f64(i64v k) { return (f64v)(((u64v)k + 1023u) << 52); }
INLINE f64v clamp_f64(f64v x, double low, double high) {
  x = x < low ? (f64v)low : x;
  return x > high ? (f64v)high : x;
}
// e to the power x + low, |low| far below |x|.
INLINE f64v exp_sum_f64(f64v x, f64v low) {
  reduced_f64 d = reduce_exp_f64(clamp_f64(x, -746.0, 710.0), low);
  i64v half = d.k >> 1;
  return (1.0 + expm1_of_reduced_f64(d)) * power_of_two_f64(half) * power_of_two_f64((i64v)((u64v)d.k - (u64v)half));
}
INLINE f64v exp_f64(f64v x) { return exp_sum_f64(x, (f64v)0.0); }
INLINE f64v expm1_f64(f64v x) {
  reduced_f64 d = reduce_exp_f64(clamp_f64(x, -38.0, 710.0), (f64v)0.0);
  f64v s = power_of_two_f64((i64v)((u64v)d.k - 1u));
  f64v y = 2.0 * (expm1_of_reduced_f64(d) * s + (s - 0.5));
  return abs_f64(x) < 0x1p-54 ? x : y;
}

// u = m·2ᵉ with m in [√½, √2), returned as f = m - 1 and e.
typedef struct { f64v f, e; } split_f64;
INLINE split_f64 split_exponent_f64(f64v u) {
  i64v small = u < 0x1p-1022;
  f64v scaled = small ? u * 0x1p52 : u;
  u64v bits = (u64v)scaled - 0x3fe6a09e667f3bcdull;
  // The exponent as a double: added to the bits of 1.5·2⁵² (levels without a 64-bit conversion have no other way).
  f64v e = (f64v)((u64v)((i64v)bits >> 52) + 0x4338000000000000ull) - 0x1.8p52;
  return (split_f64){(f64v)((bits & 0xfffffffffffffull) + 0x3fe6a09e667f3bcdull) - 1.0,
                     e - (small ? (f64v)52.0 : (f64v)0.0)};
}
// With s = f / (2 + f): log m = 2·artanh s = f - (f²/2 - s·(f²/2 + s²·Q(s²))), Q to 2⁻⁶⁰ of log m.
INLINE f64v log_core_f64(f64v u, f64v correction) {
  split_f64 d = split_exponent_f64(u);
  f64v s = d.f / (2.0 + d.f), z = s * s, half = 0.5 * d.f * d.f;
  f64v q = 0.13100721383503491 * z + 0.13267418596474884;
  q = q * z + 0.15386290534658992;
  q = q * z + 0.18181794700897799;
  q = q * z + 0.22222222400547759;
  q = q * z + 0.28571428570764451;
  q = q * z + 0.4000000000000094;
  q = q * z + 0.66666666666666663;
  f64v tail = s * (half + z * q) + (d.e * 0x1.9ef35793c7673p-41 + correction) - half;
  return (d.f + tail) + d.e * 0x1.62e42fefa2p-1;
}
INLINE f64v log_special_f64(f64v x, f64v argument, f64v y) {
  y = argument == 0.0 ? (f64v)-__builtin_inf() : y;
  y = argument < 0.0 ? (f64v)__builtin_nan("") : y;
  return (argument < __builtin_inf()) ? y : x;
}
INLINE f64v log_f64(f64v x) { return log_special_f64(x, x, log_core_f64(x, (f64v)0.0)); }
INLINE f64v log1p_f64(f64v x) {
  f64v u = 1.0 + x, v = u - 1.0;
  f64v error = (1.0 - (u - v)) + (x - v);
  f64v y = log_special_f64(x, u, log_core_f64(u, error / u));
  return abs_f64(x) < 0x1p-54 ? x : y;
}

// e⁻ˣ = 2ᵏ(1 + t), never rounded itself: 1 / ((1 + 2ᵏ) + 2ᵏt) for k < 0, else 2⁻ᵏ / ((1 + 2⁻ᵏ) + t).
INLINE f64v sigmoid_f64(f64v x) {
  reduced_f64 d = reduce_exp_f64(clamp_f64(-x, -746.0, 746.0), (f64v)0.0);
  f64v t = expm1_of_reduced_f64(d);
  i64v negative = d.k < 0, size = negative ? d.k : -d.k, half = size >> 1;
  f64v scale = power_of_two_f64(half), rest = power_of_two_f64(size - half), s = scale * rest;
  f64v sum = 1.0 + s, lost = s - (sum - 1.0);
  f64v y = 1.0 / (sum + ((negative ? s * t : t) + lost));
  return negative ? y : y * scale * rest;
}

// |x| < 0.625: x + x³·T(x²), 2⁻⁵⁷.
INLINE f64v tanh_f64(f64v x) {
  f64v a = abs_f64(x), z = a * a;
  f64v t = 9.0266929848385356e-07 * z - 4.7351333322390327e-06;
  t = t * z + 1.4794035687170679e-05;
  t = t * z - 3.8774451278696295e-05;
  t = t * z + 9.6756873860760127e-05;
  t = t * z - 0.00023909367834732041;
  t = t * z + 0.00059002181614586707;
  t = t * z - 0.0014558337615969835;
  t = t * z + 0.003592127989191788;
  t = t * z - 0.0088632355275704879;
  t = t * z + 0.021869488536086317;
  t = t * z - 0.053968253968252902;
  t = t * z + 0.13333333333333333;
  t = t * z - 0.33333333333333331;
  f64v y = 1.0 - 2.0 / (exp_f64(a + a) + 1.0);
  return with_sign_f64(a < 0.625 ? a + a * z * t : y, sign_bit_f64(x));
}

// x = n·π/2 + high + low: π/2 as three parts of 33 bits, whose products with n < 2²⁰ are exact, and the rest.
typedef struct { f64v high, low; i64v n; } angle_f64;
INLINE angle_f64 reduce_angle_f64(f64v x) {
  f64v shifted = x * 0.63661977236758134 + 0x1.8p52;
  f64v k = shifted - 0x1.8p52;
  f64v a = x - k * 0x1.921fb544p+0;
  f64v w = k * 0x1.0b4611a6p-34, b = a - w, lostB = (a - b) - w;
  f64v v = k * 0x1.3198a2ep-69, c = b - v, lostC = (b - c) - v;
  f64v rest = k * 0x1.b839a252049c1p-104 - (lostB + lostC);
  f64v high = c - rest;
  angle_f64 d = {high, (c - high) - rest, (i64v)shifted};
  i64v large = !(abs_f64(x) < 0x1p19);
  if (__builtin_expect(__builtin_reduce_or(large) != 0, 0)) {
    for (int i = 0; i < LANES; i++) {
      if (!large[i]) continue;
      angle exact = reduce_large_angle(x[i]);
      d.high[i] = exact.high;
      d.low[i] = exact.low;
      d.n[i] = exact.quadrant;
    }
  }
  return d;
}
// On |r| ≤ π/4: sin to 2⁻⁵⁷, cos to 2⁻⁶⁰. The low part enters to first order.
INLINE f64v sin_of_angle_f64(angle_f64 d) {
  f64v z = d.high * d.high;
  f64v s = -7.5854864852359384e-13 * z + 1.6058510875319195e-10;
  s = s * z - 2.505210610025599e-08;
  s = s * z + 2.7557319218954762e-06;
  s = s * z - 0.00019841269841264567;
  s = s * z + 0.0083333333333333315;
  s = s * z - 0.16666666666666666;
  s = d.high + (d.high * z * s + d.low * (1.0 - 0.5 * z));
  f64v c = 4.745198807202876e-14 * z - 1.1470449354466773e-11;
  c = c * z + 2.0876755717584403e-09;
  c = c * z - 2.7557319221189102e-07;
  c = c * z + 2.4801587301584367e-05;
  c = c * z - 0.0013888888888888887;
  c = c * z + 0.041666666666666664;
  f64v half = 0.5 * z, one = 1.0 - half;
  c = one + (((1.0 - one) - half) + (z * z * c - d.high * d.low));
  f64v y = (d.n & 1) != 0 ? c : s;
  return (f64v)((u64v)y ^ ((u64v)(d.n & 2) << 62));
}
INLINE f64v sin_f64(f64v x) {
  f64v y = sin_of_angle_f64(reduce_angle_f64(x));
  return x == 0.0 ? x : y;
}
INLINE f64v cos_f64(f64v x) {
  angle_f64 d = reduce_angle_f64(x);
  d.n += 1;
  return sin_of_angle_f64(d);
}
