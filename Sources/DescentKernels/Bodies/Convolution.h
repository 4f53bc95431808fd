// Convolutions of every type.

#include "ConvolutionPlain.h"

#define TYPE f32
#define SCALAR float
#define VECTOR f32v
#define WIDTH LANES
#include "ConvolutionBody.h"
#undef TYPE
#undef SCALAR
#undef VECTOR
#undef WIDTH

#define TYPE f64
#define SCALAR double
#define VECTOR f64r
#define WIDTH (LANES / 2)
#include "ConvolutionBody.h"
#undef TYPE
#undef SCALAR
#undef VECTOR
#undef WIDTH

static void convolution(const void *opaque, dk_context *context) {
  const dk_convolution_arguments *arguments = opaque;
  int isFloat = arguments->dtype == DK_FLOAT32 || arguments->dtype == DK_FLOAT64;
#if LANES == 16 && defined(__linux__)
  if (arguments->arithmetic != DK_CHAIN) {
    if (arguments->overPixels) dk_convolution_pieces_over_pixels(arguments, context);
    else dk_convolution_pieces(arguments, context);
    return;
  }
#endif
  if (!isFloat || !(convolution_is_depthwise(arguments) || convolution_is_dense(arguments))) {
    convolve_plainly(arguments, context);
  } else if (arguments->dtype == DK_FLOAT32) {
    convolve_f32(arguments, context);
  } else {
    convolve_f64(arguments, context);
  }
}
