// Reduction of a large angle: x modulo π/2 from the bits of 2/π (the method of Payne and Hanek), one number at a time.

typedef struct { double high, low; int32_t quadrant; } angle;

// x = M·2ᵉ with M an integer below 2⁵³. A window of 2/π, 7 words of 32 bits, starts at the first word whose product
// with M·2ᵉ is not a multiple of 4 quadrants; 224 - 53 - 32 bits of fraction remain, and no double comes closer
// than 2⁻⁶² to a multiple of π/2.
static __attribute__((noinline)) angle reduce_large_angle(double x) {
  static const uint32_t twoOverPi[40] = {
    0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
    0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484,
    0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f,
    0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b,
    0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab, 0xf0cfbc20, 0x9af4361d,
  };
  uint64_t bits;
  __builtin_memcpy(&bits, &x, 8);
  int exponent = (int)(bits >> 52 & 0x7ff) - 1075;
  if (exponent == 0x7ff - 1075) return (angle){__builtin_nan(""), 0, 0};
  uint64_t m = (bits & 0xfffffffffffffull) | 0x10000000000000ull;

  // Word i of 2/π weighs 2^(-32(i+1)); the words that M·2^exponent makes multiples of 4 are skipped.
  int first = exponent >= 34 ? (exponent - 2) / 32 : 0;
  // product = M · (words first … first+6), an integer scaled by 2^(exponent - 32(first + 7)).
  uint32_t product[9] = {0};  // least significant first
  uint32_t parts[2] = {(uint32_t)m, (uint32_t)(m >> 32)};
  for (int j = 0; j < 2; j++) {
    uint64_t carry = 0;
    for (int i = 0; i < 7; i++) {
      uint64_t t = (uint64_t)parts[j] * twoOverPi[first + 6 - i] + product[i + j] + carry;
      product[i + j] = (uint32_t)t;
      carry = t >> 32;
    }
    product[7 + j] = (uint32_t)carry;
  }
  // The binary point lies `point` bits from the bottom; two integer bits above it are the quadrant.
  int point = 32 * (first + 7) - exponent;
  int word = point / 32, shift = point % 32;
  uint64_t around = (uint64_t)product[word] | (word + 1 < 9 ? (uint64_t)product[word + 1] << 32 : 0);
  int32_t quadrant = (int32_t)(around >> shift & 3);
  // The fraction as 160 bits from the point down.
  uint32_t fraction[5];
  for (int i = 0; i < 5; i++) {
    int w = word - i;
    uint32_t above = w >= 0 ? product[w] : 0, below = w >= 1 ? product[w - 1] : 0;
    fraction[i] = shift == 0 ? below : above << (32 - shift) | below >> shift;
  }
  int negative = fraction[0] >> 31;  // above one half: the next quadrant, less the rest
  if (negative) {
    quadrant++;
    for (int i = 0; i < 5; i++) fraction[i] = ~fraction[i];
  }
  double high = 0, low = 0, weight = 0x1p-32;
  for (int i = 0; i < 5; i++, weight *= 0x1p-32) {
    double term = fraction[i] * weight, sum = high + term;
    low += term - (sum - high);  // exact, since the terms decrease
    high = sum;
  }
  // Times π/2 in double-double arithmetic.
  const double piHigh = 0x1.921fb54442d18p+0, piLow = 0x1.1a62633145c07p-54;
  double a = high * 134217729.0, aHigh = a - (a - high), aLow = high - aHigh;
  double b = piHigh * 134217729.0, bHigh = b - (b - piHigh), bLow = piHigh - bHigh;
  double r = high * piHigh;
  double e = ((aHigh * bHigh - r) + aHigh * bLow + aLow * bHigh) + aLow * bLow;
  e += high * piLow + low * piHigh;
  double total = r + e, rest = e - (total - r);
  if (negative) total = -total, rest = -rest;
  if (x < 0) total = -total, rest = -rest, quadrant = -quadrant;
  return (angle){total, rest, quadrant & 3};
}
