// The scalar functions of the interface: the first lane of short vectors.

#define LANES 2
#include "DescentKernels.h"

#pragma clang fp contract(off)

#include "Bodies/Vectors.h"
#include "Bodies/Angle.h"
#include "Bodies/MathFloat64.h"
#include "Bodies/PowerFloat64.h"
#include "Bodies/MathFloat32.h"
#include "Bodies/ErrorFunction.h"
#include "Bodies/Threefry.h"

#define DEFINITION(NAME, name) double dk_##name(double x) { return name##_f64((f64v)x)[0]; }
DK_FLOAT_FUNCTIONS(DEFINITION)
double dk_pow(double x, double y) { return pow_f64((f64v)x, (f64v)y)[0]; }
double dk_floor(double x) { return floor_f64((f64v)x)[0]; }
double dk_ceil(double x) { return ceil_f64((f64v)x)[0]; }
double dk_rint(double x) { return round_f64((f64v)x)[0]; }

void dk_threefry2x32(const uint32_t key[2], const uint32_t counter[2], uint32_t output[2]) {
  threefry_words words = threefry(key[0], key[1], (u32v)counter[0], (u32v)counter[1]);
  output[0] = words.word0[0];
  output[1] = words.word1[0];
}
