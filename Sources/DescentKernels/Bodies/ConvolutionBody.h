// Convolutions of one floating type as products whose left operand is gathered from the input, zeros around it: tiles
// of the matrix product read it through a table of offsets, so that nothing is laid out but the padded input itself.

#define NAME(x) PASTE(x, TYPE)
#define EACH(i, count) _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)

#include "ConvolutionByLines.h"

typedef struct {
  SCALAR *copy, *panel;
  int32_t *offsets, *weights;     // of every tap and channel in the input; of every tap in the weights
  // What the tables and the panel hold, where they serve all blocks of a group.
  int64_t taps, axis[2];          // a view's strides
  int64_t group;
  NAME(interleaving) order;
} NAME(workspace);

static NAME(workspace) NAME(workspace_of)(const dk_convolution_arguments *a, const convolution_shape *shape,
                                          SCALAR *scratch) {
  NAME(workspace) space;
  space.copy = scratch, space.taps = space.group = -1;
  space.panel = space.copy + convolution_copy_elements(a, shape);
  space.offsets = (int32_t *)(space.panel + convolution_panel_elements(a, shape));
  space.weights = (int32_t *)((SCALAR *)space.offsets + convolution_table_elements(a, shape));
  return space;
}

// Elements of the input as the tiles see them: element 0 lies at the first place that is met.
typedef struct {
  const SCALAR *data;
  int64_t image, axis[3];         // strides
} NAME(view);

// A line of the input from `place` on, `count` pixels of `channels`, zeros where there is none.
static void NAME(copy_line)(const SCALAR *from, int64_t stride, int64_t extent, int64_t place, int64_t count,
                            int64_t channels, SCALAR *to) {
  int64_t before = place >= 0 ? 0 : -place < count ? -place : count;
  int64_t end = extent - place < count ? extent - place : count;
  if (end < before) end = before;
  size_t size = sizeof(SCALAR) * (size_t)channels;
  __builtin_memset(to, 0, size * (size_t)before);
  from += (place + before) * stride, to += before * channels;
  if (stride == channels) {
    __builtin_memcpy(to, from, size * (size_t)(end - before));
    to += (end - before) * channels;
  } else {
    for (int64_t i = before; i < end; i++, from += stride, to += channels) __builtin_memcpy(to, from, size);
  }
  __builtin_memset(to, 0, size * (size_t)(count - end));
}

// The part of the input around `place` that a block meets: where it lies, or copied with zeros around it.
static NAME(view) NAME(view_of)(const dk_convolution_arguments *a, const convolution_shape *shape, const SCALAR *x,
                                int64_t imageStride, int64_t channels, int64_t images, const int64_t place[3],
                                const int64_t span[3], SCALAR *copy) {
  NAME(view) view = {.data = x, .image = imageStride};
  if (!shape->copies) {
    for (int i = 0; i < 3; i++) view.axis[i] = a->xAxis[i], view.data += place[i] * a->xAxis[i];
    return view;
  }
  view.data = copy;
  view.axis[2] = channels, view.axis[1] = span[2] * channels, view.axis[0] = span[1] * view.axis[1];
  view.image = span[0] * view.axis[0];
  for (int64_t n = 0; n < images; n++, x += imageStride) {
    for (int64_t i = 0; i < span[0]; i++) {
      int64_t z = place[0] + i;
      for (int64_t j = 0; j < span[1]; j++, copy += view.axis[1]) {
        int64_t y = place[1] + j;
        if (z < 0 || z >= a->input[0] || y < 0 || y >= a->input[1]) {
          __builtin_memset(copy, 0, sizeof(SCALAR) * (size_t)view.axis[1]);
        } else {
          NAME(copy_line)(x + z * a->xAxis[0] + y * a->xAxis[1], a->xAxis[2], a->input[2], place[2], span[2], channels,
                          copy);
        }
      }
    }
  }
  return view;
}

#include "ConvolutionToResults.h"
#include "ConvolutionOverPixels.h"
#include "ConvolutionDepthwise.h"

static void NAME(convolve)(const dk_convolution_arguments *a, const dk_context *context) {
  if (convolution_is_depthwise(a)) {
    if (a->overPixels) NAME(convolve_depthwise_over_pixels)(a, context);
    else NAME(convolve_depthwise)(a, context);
  } else {
    if (a->overPixels) NAME(convolve_over_pixels)(a, context);
    else NAME(convolve_to_results)(a, context);
  }
}
#undef NAME
#undef EACH
