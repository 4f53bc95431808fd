// How a convolution is cut into blocks; decided from its arguments alone, so that the scratch can be sized beforehand.

#ifndef DESCENT_CONVOLUTION_SHAPE_H
#define DESCENT_CONVOLUTION_SHAPE_H

#include "DescentKernels.h"
#include "MatmulShape.h"

enum {
  CONVOLUTION_COPY = 1 << 17,     // elements of the padded input that stay in the second-level cache
  CONVOLUTION_PIXELS = 256,       // pixels summed over before the next tile
  CONVOLUTION_WINDOW_PIXELS = 128,  // the same where a tile is a whole window or a band of it
  CONVOLUTION_SHORT_LINE = 6,     // results side by side that make a tile worth its loads
  CONVOLUTION_IMAGES = 56,
  CONVOLUTION_WEIGHTS = 1 << 18,  // elements of weights that are packed once for all blocks: 1 MiB of float32
  CONVOLUTION_FEW_OUTPUTS = 15,   // output channels that leave lanes idle where vectors run along them
  CONVOLUTION_LONG_LINE = 16,     // results side by side that fill vectors better
};

// One spatial axis: a grid of results, each of which meets the taps at places of the input.
typedef struct {
  int64_t phases;                 // every so many results meet the same taps, elsewhere
  int64_t step;                   // places from a result of a phase to its next
  int64_t first, last;            // the least and greatest place that the first results of all phases meet
  int64_t most;                   // results of the longest phase
} convolution_axis;

typedef struct {
  convolution_axis axis[3];
  int64_t block[3];               // results of a phase that one copy of the input serves
  int64_t span[3];                // the extents of that copy
  int64_t images;                 // examples copied at once
  int copies;                     // whether zeros are needed around the input
  int imagesAreRows;              // lines of results are so short that tiles go across examples
  int64_t depth;                  // at most, of a block of taps and channels
  int packsOnce;                  // all weights of a group are packed before its first block
} convolution_shape;

static inline convolution_axis convolution_axis_of(int64_t results, int64_t stride, int64_t taps, int64_t dilation,
                                                   int64_t low, int64_t inputDilation) {
  int64_t common = inputDilation, other = stride;
  while (other) {
    int64_t rest = common % other;
    common = other, other = rest;
  }
  convolution_axis axis = {.phases = inputDilation / common, .step = stride / common, .first = INT64_MAX};
  axis.last = INT64_MIN;
  axis.most = (results + axis.phases - 1) / axis.phases;
  for (int64_t phase = 0; phase < axis.phases && phase < results; phase++) {
    for (int64_t tap = 0; tap < taps; tap++) {
      int64_t place = phase * stride + tap * dilation - low;
      if (place % inputDilation != 0) continue;
      place /= inputDilation;
      if (place < axis.first) axis.first = place;
      if (place > axis.last) axis.last = place;
    }
  }
  if (axis.first > axis.last) axis.first = axis.last = 0;
  return axis;
}

// Whether vectors run along lines of results: those of one input channel lie side by side as its pixels do.
static inline int convolution_is_by_lines(const dk_convolution_arguments *a) {
  return !a->overPixels && a->inputs == 1 && a->outputs <= CONVOLUTION_FEW_OUTPUTS && a->stride[2] == 1 &&
         a->inputDilation[2] == 1 && a->output[2] >= CONVOLUTION_LONG_LINE && a->yAxis[2] == a->outputs &&
         a->window[0] * a->window[1] * a->window[2] <= MATMUL_DEEPEST;
}

static inline convolution_shape shape_of_convolution(const dk_convolution_arguments *a) {
  convolution_shape shape = {.images = 1};
  int64_t channels = a->overPixels ? a->batch : a->inputs;
  for (int i = 0; i < 3; i++) {
    convolution_axis *axis = &shape.axis[i];
    *axis = a->overPixels
              ? convolution_axis_of(a->window[i], a->windowDilation[i], a->output[i], a->stride[i], a->low[i], 1)
              : convolution_axis_of(a->output[i], a->stride[i], a->window[i], a->windowDilation[i], a->low[i],
                                    a->inputDilation[i]);
    shape.copies |= axis->first < 0 || axis->last + (axis->most - 1) * axis->step >= a->input[i];
    shape.block[i] = i == 0 ? 1 : axis->most;
  }
  // Channels of one group side by side make longer runs of rows.
  if (a->overPixels && a->groups > 1) shape.copies = 1;
  // Vectors along lines read past the end of the last.
  if (convolution_is_by_lines(a)) shape.copies = 1;
  int64_t size;
  for (;;) {
    size = channels;
    for (int i = 0; i < 3; i++) {
      shape.span[i] = shape.axis[i].last - shape.axis[i].first + 1 + (shape.block[i] - 1) * shape.axis[i].step;
      if (shape.span[i] < 0) shape.span[i] = 0;
      size *= shape.span[i];
    }
    if (size <= CONVOLUTION_COPY) break;
    if (shape.block[1] > 1) shape.block[1] = (shape.block[1] + 1) / 2;
    else if (shape.block[2] > CONVOLUTION_IMAGES && !a->overPixels) shape.block[2] = (shape.block[2] + 1) / 2;
    else break;
  }
  int64_t line = shape.axis[2].most;
  if (!a->overPixels && line < CONVOLUTION_SHORT_LINE && a->batch >= 2 * line) {
    int64_t images = matmul_divide_evenly(a->batch, CONVOLUTION_IMAGES);
    while (shape.copies && images * size > 2 * CONVOLUTION_COPY && images > 2 * line) images = (images + 1) / 2;
    shape.images = images, shape.imagesAreRows = 1;
  }
  int64_t depth = a->inputs * a->window[0] * a->window[1] * a->window[2];
  shape.depth = depth < 1 ? 1 : depth < MATMUL_DEEPEST ? depth : MATMUL_DEEPEST;
  int isWhole = shape.axis[0].phases == 1 && shape.axis[1].phases == 1 && shape.axis[2].phases == 1;
  shape.packsOnce = !a->overPixels && isWhole && matmul_whole_elements(a->outputs, depth) <= CONVOLUTION_WEIGHTS;
  return shape;
}

// A run of at most `most` that divides the length evenly.
static inline int64_t convolution_run(int64_t length, int64_t most) {
  int64_t parts = (length + most - 1) / most;
  if (length == 0) return 1;
  while (length % parts != 0) parts++;
  return length / parts;
}

// Whether every channel has a window of its own and lies beside the next.
static inline int convolution_is_depthwise(const dk_convolution_arguments *a) {
  return a->outputs == 1 && (a->overPixels ? a->batch : a->inputs) == 1 && a->xGroup == 1 && a->wGroup == 1 &&
         a->yGroup == 1;
}
// Depthwise windows that move along lines by small steps, for which there are blocks of so many results or pixels.
enum { SLIDING_PIXELS = 8, SLIDING_KINDS = 3 };
// The kind of a depthwise window and its step; negative where there is none, or where some results meet nothing inside
// the input.
static inline int sliding_kind(const dk_convolution_arguments *a) {
  static const int8_t taps[SLIDING_KINDS] = {3, 3, 5}, steps[SLIDING_KINDS] = {1, 2, 1};
  int64_t results = a->overPixels ? a->window[2] : a->output[2], window = a->overPixels ? a->output[2] : a->window[2];
  int64_t step = a->overPixels ? a->windowDilation[2] : a->stride[2];
  int64_t dilation = a->overPixels ? a->stride[2] : a->windowDilation[2];
  for (int i = 0; i < 3; i++) if (a->inputDilation[i] != 1) return -1;
  if (dilation != 1 || results < 1 || a->low[2] >= window || (results - 1) * step - a->low[2] >= a->input[2]) return -1;
  for (int kind = 0; kind < SLIDING_KINDS; kind++) if (taps[kind] == window && steps[kind] == step) return kind;
  return -1;
}
static inline int convolution_slides(const dk_convolution_arguments *a) {
  return convolution_is_depthwise(a) && sliding_kind(a) >= 0;
}
// Whether tiles can follow the layout: rows and columns of what they read and write side by side.
static inline int convolution_is_dense(const dk_convolution_arguments *a) {
  int isInputDense = a->overPixels ? a->xBatch == 1 || a->batch == 1 : a->xInput == 1 || a->inputs == 1;
  int isUndilated = a->inputDilation[0] == 1 && a->inputDilation[1] == 1 && a->inputDilation[2] == 1;
  return isInputDense && (a->wOutput == 1 || a->outputs == 1) && (a->yOutput == 1 || a->outputs == 1) &&
         (isUndilated || !a->overPixels);
}

// Elements of its tables of 32-bit numbers, or of the sums of a vector.
static inline int64_t convolution_depthwise_elements(const dk_convolution_arguments *a) {
  const int64_t *taps = a->overPixels ? a->output : a->window;
  int64_t all = taps[0] * taps[1] * taps[2], tables = 2 * (taps[0] + taps[1] + taps[2]) + 3 * all;
  return tables > 16 * all ? tables : 16 * all;
}

// Elements of scratch: the copy of the input, a panel of weights, and two tables of 32-bit numbers.
static inline int64_t convolution_rounded(int64_t elements) { return (elements + 15) / 16 * 16; }
static inline int64_t convolution_copy_elements(const dk_convolution_arguments *a, const convolution_shape *shape) {
  if (!shape->copies) return 0;
  int64_t channels = a->overPixels ? a->batch : a->inputs;
  return convolution_rounded(shape->images * shape->span[0] * shape->span[1] * shape->span[2] * channels);
}
static inline int64_t convolution_panel_elements(const dk_convolution_arguments *a, const convolution_shape *shape) {
  if (!shape->packsOnce) return MATMUL_WIDEST_PANEL * (a->overPixels ? CONVOLUTION_PIXELS : shape->depth);
  int64_t all = matmul_whole_elements(a->outputs, a->inputs * a->window[0] * a->window[1] * a->window[2]);
  return all > MATMUL_WIDEST_PANEL ? all : MATMUL_WIDEST_PANEL;
}
static inline int64_t convolution_table_elements(const dk_convolution_arguments *a, const convolution_shape *shape) {
  // Every tap is listed, also where it has no channels to sum over.
  int64_t taps = (a->inputs > 1 ? a->inputs : 1) * a->window[0] * a->window[1] * a->window[2];
  if (a->overPixels) {
    int64_t pixels = shape->block[1] * shape->block[2];
    taps = a->output[0] * a->output[1] * a->output[2];
    if (pixels > taps) taps = pixels;
  }
  return convolution_rounded(taps);
}
static inline int64_t convolution_scratch_elements(const dk_convolution_arguments *a) {
  if (convolution_is_depthwise(a)) return convolution_depthwise_elements(a);
  convolution_shape shape = shape_of_convolution(a);
  return convolution_copy_elements(a, &shape) + convolution_panel_elements(a, &shape) +
         2 * convolution_table_elements(a, &shape);
}

#endif
