// Elementary functions of float32 vectors, at most 2 ulp over the whole range, with the special values of C99.
//
// They are right with fused multiply-adds and without: no step relies on a product's rounding.
// Polynomials are summed in pairs of terms, which shortens the chain of operations that wait for each other.
// They interpolate at Chebyshev nodes; the figure beside each is its largest error relative to the function.

INLINE f32v abs_f32(f32v x) { return (f32v)((u32v)x & 0x7fffffffu); }
INLINE u32v sign_bit_f32(f32v x) { return (u32v)x & 0x80000000u; }
INLINE f32v with_sign_f32(f32v x, u32v sign) { return (f32v)((u32v)x | sign); }
// A number so small that a function gives it back; where subnormal numbers count as zero, zero for those.
INLINE f32v itself_f32(f32v x) {
#ifdef __wasm__
  return x;
#else
  return x == 0.0f ? (f32v)sign_bit_f32(x) : x;
#endif
}
INLINE f32v sqrt_f32(f32v x) { return __builtin_elementwise_sqrt(x); }
INLINE f32v rsqrt_f32(f32v x) { return (f32v)1.0f / __builtin_elementwise_sqrt(x); }

// Adding 2²³ to a smaller non-negative number leaves no room for a fraction: the sum is rounded half to even.
INLINE f32v round_f32(f32v x) {
  f32v a = abs_f32(x);
  return with_sign_f32(a < 0x1p23f ? (a + 0x1p23f) - 0x1p23f : a, sign_bit_f32(x));
}
INLINE f32v floor_f32(f32v x) { f32v r = round_f32(x); return r > x ? r - 1.0f : r; }
INLINE f32v ceil_f32(f32v x) {
  f32v r = round_f32(x);
  return with_sign_f32(r < x ? r + 1.0f : r, sign_bit_f32(x));  // ceil(-0.3) is -0
}
INLINE f32v sign_f32(f32v x) { return x > 0.0f ? (f32v)1.0f : x < 0.0f ? (f32v)-1.0f : x; }
INLINE f32v minimum_f32(f32v a, f32v b) { f32v r = a < b ? a : b; return a != a ? a : r; }
INLINE f32v maximum_f32(f32v a, f32v b) { f32v r = a > b ? a : b; return a != a ? a : r; }

// x = n·ln 2 + r, |r| ≤ ln 2 / 2; k is n as an integer, from the bits of the sum with 1.5·2²³ without a conversion
// (converting a NaN is undefined).
typedef struct { f32v r, n; i32v k; } reduced_f32;
INLINE reduced_f32 reduce_exp_f32(f32v x) {
  f32v shifted = x * 1.44269504f + 0x1.8p23f;
  f32v n = shifted - 0x1.8p23f;
  return (reduced_f32){(x - n * 0.693115234375f) - n * 3.19461833e-05f, n, (i32v)((u32v)shifted - 0x4b400000u)};
}
// (eʳ - 1 - r) / r² on |r| ≤ 0.35: 2⁻²⁹ of r.
INLINE f32v expm1_tail_f32(f32v r) {
  f32v z = r * r;
  return (0.5f + 0.166666672f * r) +
         z * ((0.0416664556f + 0.00833331048f * r) + z * (0.00139345415f + 0.000198919806f * r));
}
INLINE f32v power_of_two_f32(i32v k) { return (f32v)(((u32v)k + 127u) << 23); }
INLINE f32v clamp_f32(f32v x, float low, float high) {
  x = x < low ? (f32v)low : x;
  return x > high ? (f32v)high : x;
}

// eˣ for x in [-87, 88], where one scaling suffices.
INLINE f32v exp_core_f32(f32v x) {
  reduced_f32 d = reduce_exp_f32(x);
  return (1.0f + (d.r + d.r * d.r * expm1_tail_f32(d.r))) * power_of_two_f32(d.k);
}
// Two scalings, of which the first is exact, round a subnormal result once.
INLINE f32v exp_f32(f32v x) {
  reduced_f32 d = reduce_exp_f32(clamp_f32(x, -104.0f, 89.0f));
  f32v y = 1.0f + (d.r + d.r * d.r * expm1_tail_f32(d.r));
#if LANES == 16
  return (f32v)_mm512_scalef_ps((__m512)y, (__m512)d.n);
#else
  i32v half = d.k >> 1;
  return y * power_of_two_f32(half) * power_of_two_f32((i32v)((u32v)d.k - (u32v)half));
#endif
}

// eˣ - 1 = 2ᵏ(eʳ - 1) + (2ᵏ - 1), halved throughout so that 2ᵏ⁻¹ stays finite.
INLINE f32v expm1_f32(f32v x) {
  reduced_f32 d = reduce_exp_f32(clamp_f32(x, -18.0f, 89.0f));
  f32v p = d.r + d.r * d.r * expm1_tail_f32(d.r);
  f32v s = power_of_two_f32((i32v)((u32v)d.k - 1u));
  f32v y = 2.0f * (p * s + (s - 0.5f));
  return abs_f32(x) < 0x1p-25f ? itself_f32(x) : y;
}

// log(u) + correction / u, u = m·2ᵉ with m in [√½, √2): f = m - 1, log m = f - f²/2 + f³·P(f), P to 2⁻²⁸ of log m.
INLINE f32v log_core_f32(f32v u, f32v correction) {
  i32v small = u < 0x1p-126f;
  f32v scaled = small ? u * 0x1p23f : u;
  u32v bits = (u32v)scaled - 0x3f3504f3u;
  f32v e = CONVERT(f32v, (i32v)bits >> 23) - (small ? (f32v)23.0f : (f32v)0.0f);
  f32v f = (f32v)((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  f32v z = f * f;
  f32v p = (0.333333313f - 0.24999997f * f) +
           z * ((0.200007305f - 0.166678503f * f) +
                z * ((0.142485514f - 0.124240376f * f) + z * ((0.116890714f - 0.114945464f * f) + z * 0.0698070228f)));
  f32v tail = f * z * p + (e * 3.19461833e-05f + correction) - 0.5f * z;
  return (f + tail) + e * 0.693115234375f;
}
INLINE f32v log_special_f32(f32v x, f32v argument, f32v y) {
  y = argument == 0.0f ? (f32v)-__builtin_inff() : y;
  y = argument < 0.0f ? (f32v)__builtin_nanf("") : y;
  return argument < __builtin_inff() ? y : x;  // infinity and NaN are their own logarithm
}
INLINE f32v log_f32(f32v x) { return log_special_f32(x, x, log_core_f32(x, (f32v)0.0f)); }

// log(1 + x): the rounding error of u = 1 + x is exact to compute and is added back as error / u.
INLINE f32v log1p_f32(f32v x) {
  f32v u = 1.0f + x, v = u - 1.0f;
  f32v error = (1.0f - (u - v)) + (x - v);
  f32v y = log_special_f32(x, u, log_core_f32(u, error / u));
  return abs_f32(x) < 0x1p-25f ? itself_f32(x) : y;
}

// e⁻ˣ = 2ᵏ(1 + t), never rounded itself: 1 / ((1 + 2ᵏ) + 2ᵏt) for k < 0, else 2⁻ᵏ / ((1 + 2⁻ᵏ) + t).
INLINE f32v sigmoid_f32(f32v x) {
  reduced_f32 d = reduce_exp_f32(clamp_f32(-x, -104.0f, 104.0f));
  f32v t = d.r + d.r * d.r * expm1_tail_f32(d.r);
  i32v negative = d.k < 0, size = negative ? d.k : -d.k, half = size >> 1;
  f32v scale = power_of_two_f32(half), rest = power_of_two_f32(size - half), s = scale * rest;
  f32v sum = 1.0f + s, lost = s - (sum - 1.0f);
  f32v y = 1.0f / (sum + ((negative ? s * t : t) + lost));
  return negative ? y : y * scale * rest;
}

// |x| < 0.625: x + x³·T(x²), 2⁻²⁷; beyond: 1 - 2 / (e²ˣ + 1), where the error of exp is damped.
INLINE f32v tanh_f32(f32v x) {
  f32v a = abs_f32(x), z = a * a;
  f32v zz = z * z;
  f32v t = (0.133333012f * z - 0.333333343f) +
           zz * ((0.0217646491f * z - 0.0539587289f) + zz * (0.00227715494f * z - 0.00833007693f));
  f32v c = a > 10.0f ? (f32v)10.0f : a;
  f32v y = 1.0f - 2.0f / (exp_core_f32(c + c) + 1.0f);
  return with_sign_f32(a < 0.625f ? a + a * z * t : y, sign_bit_f32(x));
}

// x = n·π/2 + r in double precision: π/2 as 33 bits, whose product with n < 2²⁰ is exact, and the rest.
typedef struct { f32v r; i32v n; } angle_f32;
INLINE angle_f32 reduce_angle_f32(f32v x) {
  f64v wide = CONVERT(f64v, x);
  f64v shifted = wide * 0.63661977236758134 + 0x1.8p52;
  f64v k = shifted - 0x1.8p52;
  angle_f32 d = {CONVERT(f32v, (wide - k * 0x1.921fb544p+0) - k * 0x1.0b4611a626331p-34),
                 CONVERT(i32v, (i64v)shifted)};
  i32v large = !(abs_f32(x) < 0x1p20f);
  if (__builtin_expect(__builtin_reduce_or(large) != 0, 0)) {
    for (int i = 0; i < LANES; i++) {
      if (!large[i]) continue;
      angle exact = reduce_large_angle(wide[i]);
      d.r[i] = (float)exact.high;
      d.n[i] = exact.quadrant;
    }
  }
  return d;
}
// On |r| ≤ π/4: sin to 2⁻²⁸, cos to 2⁻³¹.
INLINE f32v sin_of_angle_f32(angle_f32 d) {
  f32v z = d.r * d.r;
  f32v s = d.r + d.r * z * (((2.72437819e-06f * z - 0.00019840039f) * z + 0.00833333191f) * z - 0.166666672f);
  f32v c = 1.0f - (0.5f * z - z * z * ((2.4542871e-05f * z - 0.00138882792f) * z + 0.0416666642f));
  f32v y = (d.n & 1) != 0 ? c : s;
  return (f32v)((u32v)y ^ ((u32v)(d.n & 2) << 30));
}
INLINE f32v sin_f32(f32v x) {
  f32v y = sin_of_angle_f32(reduce_angle_f32(x));
  return x == 0.0f ? itself_f32(x) : y;
}
INLINE f32v cos_f32(f32v x) {
  angle_f32 d = reduce_angle_f32(x);
  d.n += 1;
  return sin_of_angle_f32(d);
}

// xʸ in double precision, whose plain error of exp(y·log x) is far below a float's.
INLINE f32v pow_f32(f32v x, f32v y) {
  f64v wide = exp_f64(CONVERT(f64v, y) * log_f64(CONVERT(f64v, abs_f32(x))));
  f32v magnitude = CONVERT(f32v, wide);
  f32v size = abs_f32(y), half = size * 0.5f;
  i32v whole = round_f32(size) == size;
  i32v odd = whole & (round_f32(half) != half);
  i32v negative = (i32v)sign_bit_f32(x) != 0;
  f32v r = with_sign_f32(magnitude, (negative & odd) != 0 ? (u32v)0x80000000u : (u32v)0u);
  r = ((x < 0.0f) & (x > -__builtin_inff()) & ~whole) != 0 ? (f32v)__builtin_nanf("") : r;
  r = ((x == -1.0f) & (size == __builtin_inff())) != 0 ? (f32v)1.0f : r;
  r = ((x != x) | (y != y)) != 0 ? x + y : r;
  return ((x == 1.0f) | (y == 0.0f)) != 0 ? (f32v)1.0f : r;
}
