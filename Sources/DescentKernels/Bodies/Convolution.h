// Convolutions of every type.

#include "ConvolutionPlain.h"

// Whether tiles can follow the layout: rows and columns of what they read and write side by side.
static int convolution_fits_tiles(const dk_convolution_arguments *a) {
  int isInputDense = a->overPixels ? a->xBatch == 1 || a->batch == 1 : a->xInput == 1 || a->inputs == 1;
  int isUndilated = a->inputDilation[0] == 1 && a->inputDilation[1] == 1 && a->inputDilation[2] == 1;
  return isInputDense && (a->wOutput == 1 || a->outputs == 1) && (a->yOutput == 1 || a->outputs == 1) &&
         (isUndilated || !a->overPixels);
}

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
  if (!isFloat || !(convolution_is_depthwise(arguments) || convolution_fits_tiles(arguments))) {
    convolve_plainly(arguments, context);
  } else if (arguments->dtype == DK_FLOAT32) {
    convolve_f32(arguments, context);
  } else {
    convolve_f64(arguments, context);
  }
}
