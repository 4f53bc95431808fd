// Convolutions whose every channel has a window of its own, of one floating type: vectors run along channels, and taps
// that would meet nothing are left out.

enum { NAME(CHANNELS) = 2 * WIDTH, NAME(PIXELS) = LANES == 16 ? 8 : 4 };

// Results that lie `from` apart in the input and `to` apart in the result, and the taps that all of them meet.
typedef struct {
  int64_t taps, from, to;
  const int32_t *offsets, *weights;
  int64_t nextFrom, nextTo;       // where the next line lies, to be fetched ahead
} NAME(stretch);

INLINE VECTOR NAME(load_channels)(const SCALAR *p, size_t count) {
#if MASKED_TILES
  return NAME(load_columns)(p, count < WIDTH ? count : WIDTH);
#else
  VECTOR x = (VECTOR)(SCALAR)0;
  for (size_t i = 0; i < WIDTH && i < count; i++) x[i] = p[i];
  return x;
#endif
}
INLINE void NAME(store_channels)(SCALAR *p, VECTOR x, size_t count) {
#if MASKED_TILES
  NAME(store_columns)(p, x, count < WIDTH ? count : WIDTH);
#else
  for (size_t i = 0; i < WIDTH && i < count; i++) p[i] = x[i];
#endif
}

// Some results of one line, some of their channels.
INLINE void NAME(convolve_channels)(const int pixels, const int vectors, const int ragged, const NAME(stretch) *line,
                                    size_t count, const SCALAR *x, const SCALAR *w, SCALAR *y) {
  VECTOR sum[NAME(PIXELS)][2];
#define LOAD(p, v) (ragged ? NAME(load_channels)((p) + (v) * WIDTH, count) : NAME(load_register)((p) + (v) * WIDTH))
  EACH(i, pixels) EACH(v, vectors) sum[i][v] = (VECTOR)(SCALAR)0;
  EACH(i, pixels) EACH(v, vectors) {
    __builtin_prefetch(x + i * line->from + line->nextFrom + v * WIDTH);
    __builtin_prefetch(y + i * line->to + line->nextTo + v * WIDTH, 1);
  }
  for (int64_t k = 0; k < line->taps; k++) {
    const SCALAR *from = x + line->offsets[k], *weights = w + line->weights[k];
    EACH(v, vectors) {
      VECTOR weight = LOAD(weights, v);
      EACH(i, pixels) sum[i][v] = MULTIPLY_ADD(weight, LOAD(from + i * line->from, v), sum[i][v]);
    }
  }
  EACH(i, pixels) EACH(v, vectors) {
    if (ragged) NAME(store_channels)(y + i * line->to + v * WIDTH, sum[i][v], count);
    else NAME(store_register)(y + i * line->to + v * WIDTH, sum[i][v]);
  }
#undef LOAD
}

static void NAME(convolve_line)(const NAME(stretch) *line, int64_t results, int64_t channels, const SCALAR *x,
                                const SCALAR *w, SCALAR *y) {
  int64_t c = 0;
  for (; c + NAME(CHANNELS) <= channels; c += NAME(CHANNELS)) {
    int64_t i = 0;
    for (; i + NAME(PIXELS) <= results; i += NAME(PIXELS)) {
      NAME(convolve_channels)(NAME(PIXELS), 2, 0, line, WIDTH, x + i * line->from + c, w + c, y + i * line->to + c);
    }
    for (; i + 2 <= results; i += 2) {
      NAME(convolve_channels)(2, 2, 0, line, WIDTH, x + i * line->from + c, w + c, y + i * line->to + c);
    }
    if (i < results) {
      NAME(convolve_channels)(1, 2, 0, line, WIDTH, x + i * line->from + c, w + c, y + i * line->to + c);
    }
  }
  for (; c < channels; c += WIDTH) {
    for (int64_t i = 0; i < results; i++) {
      NAME(convolve_channels)(1, 1, 1, line, (size_t)(channels - c), x + i * line->from + c, w + c,
                              y + i * line->to + c);
    }
  }
}

// A line of pixels to sum over, of which [inside.start, inside.end) meet all taps inside the input. `place` is where
// pixel 0 meets each tap along the line, `step` what each pixel adds to it.
typedef struct {
  int64_t pixels, step, extent;
  span inside;
  const int32_t *place;
} NAME(pixel_line);

// What it adds to the sums of some taps, for one vector of channels.
INLINE void NAME(add_line)(const int taps, const int ragged, const NAME(stretch) *line, const NAME(pixel_line) *pixels,
                           int64_t first, size_t count, const SCALAR *x, const SCALAR *w, SCALAR *y) {
  VECTOR sum[9];
#define LOAD(p) (ragged ? NAME(load_channels)(p, count) : NAME(load_register)(p))
  EACH(k, taps) sum[k] = LOAD(y + line->weights[first + k]);
  for (int64_t i = 0; i < pixels->pixels;) {
    if (i >= pixels->inside.start && i < pixels->inside.end) {
      for (; i < pixels->inside.end; i++) {
        VECTOR cotangent = LOAD(w + i * line->to);
        __builtin_prefetch(w + i * line->to + line->nextTo);
        __builtin_prefetch(x + i * line->from + line->nextFrom);
        EACH(k, taps) {
          sum[k] = MULTIPLY_ADD(cotangent, LOAD(x + i * line->from + line->offsets[first + k]), sum[k]);
        }
      }
    } else {
      VECTOR cotangent = LOAD(w + i * line->to);
      EACH(k, taps) {
        int64_t place = pixels->place[first + k] + i * pixels->step;
        if (place >= 0 && place < pixels->extent) {
          sum[k] = MULTIPLY_ADD(cotangent, LOAD(x + i * line->from + line->offsets[first + k]), sum[k]);
        }
      }
      i++;
    }
  }
  EACH(k, taps) {
    if (ragged) NAME(store_channels)(y + line->weights[first + k], sum[k], count);
    else NAME(store_register)(y + line->weights[first + k], sum[k]);
  }
#undef LOAD
}

static void NAME(add_lines)(const NAME(stretch) *line, const NAME(pixel_line) *pixels, int64_t channels,
                            const SCALAR *x, const SCALAR *w, SCALAR *y) {
  for (int64_t c = 0; c < channels; c += WIDTH, x += WIDTH, w += WIDTH, y += WIDTH) {
    size_t count = (size_t)(channels - c);
    for (int64_t k = 0; k < line->taps;) {
      int64_t rest = line->taps - k;
      if (count < WIDTH) {
        NAME(add_line)(1, 1, line, pixels, k, count, x, w, y);
        k++;
      } else if (rest >= 9) {
        NAME(add_line)(9, 0, line, pixels, k, count, x, w, y);
        k += 9;
      } else if (rest >= 6) {
        NAME(add_line)(6, 0, line, pixels, k, count, x, w, y);
        k += 6;
      } else if (rest >= 3) {
        NAME(add_line)(3, 0, line, pixels, k, count, x, w, y);
        k += 3;
      } else {
        NAME(add_line)(1, 0, line, pixels, k, count, x, w, y);
        k++;
      }
    }
  }
}

// The walk over all results, or over all pixels to sum over; `weight` are strides on the side of the taps.
typedef struct {
  int64_t results[3], stride[3], taps[3], dilation[3];
  const int64_t *inputDilation, *low, *extent, *from, *weight, *to;
  convolution_axis last;
  int overPixels;
  int64_t channels;
  int32_t *tap[3], *place[3], *offsets, *weights, *lastPlace;
} NAME(walk);

static NAME(walk) NAME(walk_of)(const dk_convolution_arguments *a, int32_t *table) {
  NAME(walk) walk = {
    .inputDilation = a->inputDilation, .low = a->low, .extent = a->input, .from = a->xAxis, .channels = a->groups,
    .overPixels = a->overPixels,
  };
  walk.weight = a->overPixels ? a->yAxis : a->wAxis;
  walk.to = a->overPixels ? a->wAxis : a->yAxis;
  int64_t all = 1;
  for (int i = 0; i < 3; i++) {
    walk.results[i] = a->overPixels ? a->window[i] : a->output[i];
    walk.stride[i] = a->overPixels ? a->windowDilation[i] : a->stride[i];
    walk.taps[i] = a->overPixels ? a->output[i] : a->window[i];
    walk.dilation[i] = a->overPixels ? a->stride[i] : a->windowDilation[i];
    walk.tap[i] = table, walk.place[i] = table + walk.taps[i];
    table += 2 * walk.taps[i], all *= walk.taps[i];
  }
  walk.offsets = table, walk.weights = table + all, walk.lastPlace = table + 2 * all;
  walk.last = convolution_axis_of(walk.results[2], walk.stride[2], walk.taps[2], walk.dilation[2], walk.low[2],
                                  walk.inputDilation[2]);
  return walk;
}

// The taps that result `i` meets inside the input along one axis; returns their number.
static int64_t NAME(list_inside)(const NAME(walk) *walk, int axis, int64_t i) {
  int64_t count = 0;
  for (int64_t k = 0; k < walk->taps[axis]; k++) {
    int64_t at = i * walk->stride[axis] + k * walk->dilation[axis] - walk->low[axis];
    if (at < 0 || at % walk->inputDilation[axis] != 0 || at / walk->inputDilation[axis] >= walk->extent[axis]) continue;
    walk->tap[axis][count] = (int32_t)k, walk->place[axis][count++] = (int32_t)(at / walk->inputDilation[axis]);
  }
  return count;
}

static NAME(stretch) NAME(line_at)(const NAME(walk) *walk, const int64_t count[3]) {
  int64_t taps = 0;
  for (int64_t i = 0; i < count[0]; i++) {
    for (int64_t j = 0; j < count[1]; j++) {
      for (int64_t k = 0; k < count[2]; k++, taps++) {
        walk->offsets[taps] = (int32_t)(walk->place[0][i] * walk->from[0] + walk->place[1][j] * walk->from[1] +
                                        walk->place[2][k] * walk->from[2]);
        walk->weights[taps] = (int32_t)(walk->tap[0][i] * walk->weight[0] + walk->tap[1][j] * walk->weight[1] +
                                        walk->tap[2][k] * walk->weight[2]);
        walk->lastPlace[taps] = walk->place[2][k];
      }
    }
  }
  return (NAME(stretch)){
    .taps = taps, .from = walk->last.step * walk->from[2], .to = walk->last.phases * walk->to[2],
    .offsets = walk->offsets, .weights = walk->weights,
    .nextFrom = taps == 0 ? 0 : walk->offsets[taps - 1] + walk->stride[1] * walk->from[1], .nextTo = walk->to[1],
  };
}

// The results of a phase, from `start` up to `end`, that meet all of its taps inside the input.
static span NAME(interior)(const NAME(walk) *walk, int64_t phase, int64_t results) {
  int64_t least = INT64_MAX, greatest = INT64_MIN, dilation = walk->inputDilation[2];
  for (int64_t k = 0; k < walk->taps[2]; k++) {
    int64_t at = phase * walk->stride[2] + k * walk->dilation[2] - walk->low[2];
    if (at % dilation != 0) continue;
    if (at / dilation < least) least = at / dilation;
    if (at / dilation > greatest) greatest = at / dilation;
  }
  if (least > greatest) return (span){0, results};
  int64_t step = walk->last.step, room = walk->extent[2] - 1 - greatest;
  span inside = {least >= 0 ? 0 : (-least + step - 1) / step, room < 0 ? 0 : room / step + 1};
  if (inside.start > results) inside.start = results;
  if (inside.end > results) inside.end = results;
  if (inside.end < inside.start) inside.end = inside.start;
  return inside;
}

// All taps that a phase may meet along the last axis, inside the input or not; returns their number.
static int64_t NAME(list_phase)(const NAME(walk) *walk, int64_t phase) {
  int64_t count = 0;
  for (int64_t k = 0; k < walk->taps[2]; k++) {
    int64_t at = phase * walk->stride[2] + k * walk->dilation[2] - walk->low[2];
    if (at % walk->inputDilation[2] != 0) continue;
    walk->tap[2][count] = (int32_t)k, walk->place[2][count++] = (int32_t)(at / walk->inputDilation[2]);
  }
  return count;
}

// One line of results, i0 and i1 along the other axes: at its edges result by result, between them at once. Over
// pixels, `w` are the cotangents of the line and `y` the sums; otherwise `w` are the weights and `y` the line.
static void NAME(walk_line)(const NAME(walk) *walk, int64_t i0, int64_t i1, const SCALAR *x, const SCALAR *w,
                            SCALAR *y) {
  int64_t count[3] = {NAME(list_inside)(walk, 0, i0), NAME(list_inside)(walk, 1, i1), 0};
  for (int64_t phase = 0; phase < walk->last.phases; phase++) {
    int64_t results = (walk->results[2] - phase + walk->last.phases - 1) / walk->last.phases;
    span inside = NAME(interior)(walk, phase, results);
    if (walk->overPixels) {
      count[2] = NAME(list_phase)(walk, phase);
      NAME(stretch) line = NAME(line_at)(walk, count);
      NAME(pixel_line) pixels = {
        .pixels = results, .step = walk->last.step, .extent = walk->extent[2], .inside = inside,
        .place = walk->lastPlace,
      };
      NAME(add_lines)(&line, &pixels, walk->channels, x, w + phase * walk->to[2], y);
      continue;
    }
    for (int64_t i = 0; i < results;) {
      int64_t run = i == inside.start && i < inside.end ? inside.end - i : 1, place = phase + i * walk->last.phases;
      count[2] = NAME(list_inside)(walk, 2, place);
      NAME(stretch) line = NAME(line_at)(walk, count);
      NAME(convolve_line)(&line, run, walk->channels, x, w, y + place * walk->to[2]);
      i += run;
    }
  }
}

static void NAME(convolve_depthwise)(const dk_convolution_arguments *a, const dk_context *context) {
  NAME(walk) walk = NAME(walk_of)(a, context->scratch);
  span lines = span_of(a->batch * a->output[0] * a->output[1], 1, context);
  for (int64_t i = lines.start; i < lines.end; i++) {
    int64_t i1 = i % a->output[1], i0 = i / a->output[1] % a->output[0], n = i / a->output[1] / a->output[0];
    NAME(walk_line)(&walk, i0, i1, (const SCALAR *)a->x + n * a->xBatch, a->w,
                    (SCALAR *)a->y + n * a->yBatch + i0 * a->yAxis[0] + i1 * a->yAxis[1]);
  }
}

static void NAME(convolve_depthwise_over_pixels)(const dk_convolution_arguments *a, const dk_context *context) {
  NAME(walk) walk = NAME(walk_of)(a, context->scratch);
  span channels = span_of(a->groups, WIDTH, context);
  walk.channels = channels.end - channels.start;
  if (walk.channels <= 0) return;
  SCALAR *y = (SCALAR *)a->y + channels.start;
  int64_t taps = a->output[0] * a->output[1] * a->output[2];
  for (int64_t k = 0; k < taps; k++) {
    int64_t i2 = k % a->output[2], i1 = k / a->output[2] % a->output[1], i0 = k / a->output[2] / a->output[1];
    SCALAR *sum = y + i0 * a->yAxis[0] + i1 * a->yAxis[1] + i2 * a->yAxis[2];
    __builtin_memset(sum, 0, sizeof(SCALAR) * (size_t)walk.channels);
  }
  for (int64_t n = 0; n < a->inputs; n++) {
    const SCALAR *x = (const SCALAR *)a->x + channels.start + n * a->xInput;
    const SCALAR *w = (const SCALAR *)a->w + channels.start + n * a->wInput;
    for (int64_t i0 = 0; i0 < a->window[0]; i0++) {
      for (int64_t i1 = 0; i1 < a->window[1]; i1++) {
        NAME(walk_line)(&walk, i0, i1, x, w + i0 * a->wAxis[0] + i1 * a->wAxis[1], y);
      }
    }
  }
}
