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

#include "ConvolutionSliding.h"

static void convolution(const void *opaque, dk_context *context);

// Chunks of a sum over pixels: each thread has its own, or where there are too few all threads share each.
static void convolve_chunks(const dk_convolution_arguments *a, dk_context *context) {
  dk_context alone = *context;
  alone.part = 0, alone.parts = 1;
  int isShared = a->chunks < context->parts;
  span own = isShared ? (span){0, a->chunks} : span_of(a->chunks, 1, context);
  for (int64_t i = own.start; i < own.end; i++) {
    int64_t first = a->inputs * i / a->chunks, size = sizeOfType[a->dtype];
    dk_convolution_arguments chunk = *a;
    chunk.chunks = 1, chunk.inputs = a->inputs * (i + 1) / a->chunks - first;
    chunk.x = (const char *)a->x + first * a->xInput * size, chunk.w = (const char *)a->w + first * a->wInput * size;
    chunk.y = (char *)a->y + i * a->yChunk * size;
    convolution(&chunk, isShared ? context : &alone);
  }
}

static void convolution(const void *opaque, dk_context *context) {
  const dk_convolution_arguments *arguments = opaque;
  if (arguments->chunks > 1) {
    convolve_chunks(arguments, context);
    return;
  }
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
  } else if (arguments->dtype == DK_FLOAT32 && convolution_slides(arguments) && arguments->groups >= LANES) {
    if (arguments->overPixels) slide_over_pixels(arguments, context);
    else slide_to_results(arguments, context);
  } else if (arguments->dtype == DK_FLOAT32) {
    convolve_f32(arguments, context);
  } else {
    convolve_f64(arguments, context);
  }
}
