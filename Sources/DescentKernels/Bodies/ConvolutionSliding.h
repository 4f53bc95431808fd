// Depthwise convolutions of float32 whose windows move along lines by small steps: whatever the results of a block take
// from a vector of the input is taken while it is in a register. The sums are those of the walk for any window.
// Channels that do not fill a vector are in one that ends with the last channel and begins among those already done.

#define EACH(i, count) _Pragma("clang loop unroll(full)") for (int i = 0; i < (count); i++)

// What all blocks of a line share. Strides are counted in elements, `weights` and `results` from tap to tap and from
// pixel to pixel: where pixels are summed over, results are the cotangents and weights the sums.
typedef struct {
  int64_t planes, rows, vectors;  // taps inside the input; vectors of channels
  int64_t xPlane, xRow, xPixel, wPlane, wRow, wTap, yPixel;
  int64_t before, after;          // inputs of this block that are outside
} sliding_line;

// The inputs that a block meets, one after the other, but for those outside.
#define EACH_INPUT(t, inputs, taps, line)                                                                              \
  EACH(t, inputs)                                                                                                      \
    if (!((t < (taps) - 1 && t < (line)->before) || (t > (inputs) - (taps) && t >= (inputs) - (line)->after)))

INLINE void slide(const int pixels, const int taps, const int step, const sliding_line *given,
                  const float *x, const float *w, float *y) {
  const sliding_line copy = *given, *line = &copy;
  const int inputs = (pixels - 1) * step + taps;
  for (int64_t v = line->vectors; v > 0; v--, x += LANES, w += LANES, y += LANES) {
    f32v sum[SLIDING_PIXELS];
    EACH(i, pixels) sum[i] = (f32v)0.0f;
    EACH(i, pixels) __builtin_prefetch(y + i * line->yPixel, 1);
    for (int64_t plane = 0; plane < line->planes; plane++) {
      const float *from = x + plane * line->xPlane, *weights = w + plane * line->wPlane;
      for (int64_t row = line->rows; row > 0; row--, from += line->xRow, weights += line->wRow) {
        f32v weight[5];
        EACH(k, taps) weight[k] = load_register_f32(weights + k * line->wTap);
        EACH_INPUT(t, inputs, taps, line) {
          f32v input = load_register_f32(from + t * line->xPixel);
          EACH(k, taps) {
            const int place = t - k, i = place / step;
            if (place >= 0 && place % step == 0 && i < pixels) sum[i] = MULTIPLY_ADD(weight[k], input, sum[i]);
          }
        }
      }
    }
    EACH(i, pixels) store_register_f32(y + i * line->yPixel, sum[i]);
  }
}

// What a block of pixels adds to the sums of some rows of taps.
INLINE void slide_over(const int pixels, const int rows, const int taps, const int step,
                       const sliding_line *given, const float *x, const float *w, float *y) {
  const sliding_line copy = *given, *line = &copy;
  const int inputs = (pixels - 1) * step + taps;
  for (int64_t v = line->vectors; v > 0; v--, x += LANES, w += LANES, y += LANES) {
    f32v cotangent[SLIDING_PIXELS], sum[3][5];
    EACH(i, pixels) cotangent[i] = load_register_f32(w + i * line->yPixel);
    EACH(r, rows) EACH(k, taps) sum[r][k] = load_register_f32(y + r * line->wRow + k * line->wTap);
    EACH_INPUT(t, inputs, taps, line) {
      EACH(r, rows) {
        f32v input = load_register_f32(x + r * line->xRow + t * line->xPixel);
        EACH(k, taps) {
          const int place = t - k, i = place / step;
          if (place >= 0 && place % step == 0 && i < pixels) {
            sum[r][k] = MULTIPLY_ADD(cotangent[i], input, sum[r][k]);
          }
        }
      }
    }
    EACH(r, rows) EACH(k, taps) store_register_f32(y + r * line->wRow + k * line->wTap, sum[r][k]);
  }
}

typedef void (*sliding_function)(const sliding_line *line, const float *x, const float *w, float *y);

#define SLIDE_NAME(pixels, rows, taps, step) slide_##pixels##_##rows##_##taps##_##step
#define DEFINE_SLIDE(pixels, rows, taps, step)                                                                         \
  static __attribute__((noinline)) void SLIDE_NAME(pixels, rows, taps, step)(                                          \
    const sliding_line *line, const float *x, const float *w, float *y) {                                     \
    if (rows == 0) slide(pixels, taps, step, line, x, w, y);                                                     \
    else slide_over(pixels, rows, taps, step, line, x, w, y);                                                    \
  }
#define FOR_PIXELS(ACTION, rows, taps, step)                                                                           \
  ACTION(1, rows, taps, step) ACTION(2, rows, taps, step) ACTION(3, rows, taps, step) ACTION(4, rows, taps, step)      \
  ACTION(5, rows, taps, step) ACTION(6, rows, taps, step) ACTION(7, rows, taps, step) ACTION(8, rows, taps, step)
#define FOR_KINDS(ACTION, rows)                                                                                        \
  FOR_PIXELS(ACTION, rows, 3, 1) FOR_PIXELS(ACTION, rows, 3, 2) FOR_PIXELS(ACTION, rows, 5, 1)
FOR_KINDS(DEFINE_SLIDE, 0)
FOR_KINDS(DEFINE_SLIDE, 1)
FOR_KINDS(DEFINE_SLIDE, 2)
FOR_PIXELS(DEFINE_SLIDE, 3, 3, 1)
FOR_PIXELS(DEFINE_SLIDE, 3, 3, 2)

// By kind, by the rows of taps that pixels are summed for (0 computes results), by pixels.
#define NAME_SLIDE(pixels, rows, taps, step) SLIDE_NAME(pixels, rows, taps, step),
#define SLIDES(rows, taps, step) {FOR_PIXELS(NAME_SLIDE, rows, taps, step)}
static const sliding_function slides[SLIDING_KINDS][4][SLIDING_PIXELS] = {
  {SLIDES(0, 3, 1), SLIDES(1, 3, 1), SLIDES(2, 3, 1), SLIDES(3, 3, 1)},
  {SLIDES(0, 3, 2), SLIDES(1, 3, 2), SLIDES(2, 3, 2), SLIDES(3, 3, 2)},
  {SLIDES(0, 5, 1), SLIDES(1, 5, 1), SLIDES(2, 5, 1)},
};

// Line i0, i1 of results, or of pixels to sum over, for so many whole vectors of channels.
static void slide_line(const walk_f32 *walk, int kind, int64_t i0, int64_t i1, int64_t vectors, const float *x,
                             const float *w, float *y) {
  span taps[2];
  int64_t place[2] = {i0 * walk->stride[0] - walk->low[0], i1 * walk->stride[1] - walk->low[1]};
  for (int i = 0; i < 2; i++) {
    int64_t dilation = walk->dilation[i], room = walk->extent[i] - place[i];
    taps[i].start = place[i] < 0 ? (-place[i] + dilation - 1) / dilation : 0;
    taps[i].end = room <= 0 ? 0 : (room + dilation - 1) / dilation;
    if (taps[i].end > walk->taps[i]) taps[i].end = walk->taps[i];
    if (taps[i].end < taps[i].start) taps[i].end = taps[i].start;
    x += (place[i] + taps[i].start * dilation) * walk->from[i];
    if (!walk->overPixels) w += taps[i].start * walk->weight[i];
    else y += taps[i].start * walk->weight[i];
  }
  int64_t rows = taps[1].end - taps[1].start, planes = taps[0].end - taps[0].start;
  sliding_line line = {
    .planes = planes, .rows = rows, .vectors = vectors, .xPlane = walk->dilation[0] * walk->from[0],
    .xRow = walk->dilation[1] * walk->from[1], .xPixel = walk->from[2], .wPlane = walk->weight[0],
    .wRow = walk->weight[1], .wTap = walk->weight[2], .yPixel = walk->to[2],
  };
  int64_t blocks = (walk->results[2] + SLIDING_PIXELS - 1) / SLIDING_PIXELS, pixels = walk->results[2] / blocks;
  int64_t longer = walk->results[2] % blocks, most = walk->taps[2] == 3 ? 3 : 2, start = 0;
  for (int64_t block = 0; block < blocks; block++) {
    int64_t count = pixels + (block < longer), first = start * walk->stride[2] - walk->low[2];
    int64_t after = first + (count - 1) * walk->stride[2] + walk->taps[2] - walk->extent[2];
    line.before = first < 0 ? -first : 0, line.after = after < 0 ? 0 : after;
    const float *from = x + first * line.xPixel;
    if (!walk->overPixels) {
      slides[kind][0][count - 1](&line, from, w, y + start * line.yPixel);
    } else {
      for (int64_t plane = 0; plane < planes; plane++) {
        for (int64_t row = 0, height; row < rows; row += height) {
          height = rows - row < most ? rows - row : most;
          slides[kind][height][count - 1](&line, from + plane * line.xPlane + row * line.xRow,
                                          w + start * line.yPixel, y + plane * line.wPlane + row * line.wRow);
        }
      }
    }
    start += count;
  }
}

static void slide_to_results(const dk_convolution_arguments *a, const dk_context *context) {
  walk_f32 walk = walk_of_f32(a, context->scratch);
  int64_t vectors = a->groups / LANES, last = a->groups - LANES;
  int kind = sliding_kind(a);
  span lines = span_of(a->batch * a->output[0] * a->output[1], 1, context);
  for (int64_t i = lines.start; i < lines.end; i++) {
    int64_t i1 = i % a->output[1], i0 = i / a->output[1] % a->output[0], n = i / a->output[1] / a->output[0];
    const float *x = (const float *)a->x + n * a->xBatch, *w = a->w;
    float *y = (float *)a->y + n * a->yBatch + i0 * a->yAxis[0] + i1 * a->yAxis[1];
    slide_line(&walk, kind, i0, i1, vectors, x, w, y);
    if (vectors * LANES < a->groups) slide_line(&walk, kind, i0, i1, 1, x + last, w + last, y + last);
  }
}

// What vectors from channel `first` on sum over all pixels.
static void slide_over_images(const dk_convolution_arguments *a, const walk_f32 *walk, int64_t first, int64_t vectors,
                              float *y) {
  for (int64_t i = 0; i < walk->taps[0] * walk->taps[1] * walk->taps[2]; i++) {
    int64_t i2 = i % walk->taps[2], i1 = i / walk->taps[2] % walk->taps[1], i0 = i / walk->taps[2] / walk->taps[1];
    float *sum = y + i0 * walk->weight[0] + i1 * walk->weight[1] + i2 * walk->weight[2];
    __builtin_memset(sum, 0, sizeof(float) * (size_t)(vectors * LANES));
  }
  for (int64_t n = 0; n < a->inputs; n++) {
    const float *x = (const float *)a->x + n * a->xInput + first, *w = (const float *)a->w + n * a->wInput + first;
    for (int64_t i0 = 0; i0 < walk->results[0]; i0++) {
      for (int64_t i1 = 0; i1 < walk->results[1]; i1++) {
        slide_line(walk, sliding_kind(a), i0, i1, vectors, x, w + i0 * a->wAxis[0] + i1 * a->wAxis[1], y);
      }
    }
  }
}

static void slide_over_pixels(const dk_convolution_arguments *a, const dk_context *context) {
  walk_f32 walk = walk_of_f32(a, context->scratch);
  int64_t whole = a->groups / LANES, rest = a->groups % LANES, first = a->groups - LANES;
  span vectors = span_of(whole + (rest > 0), 1, context);
  int64_t count = (vectors.end < whole ? vectors.end : whole) - vectors.start;
  if (count > 0) slide_over_images(a, &walk, vectors.start * LANES, count, (float *)a->y + vectors.start * LANES);
  if (vectors.end <= whole || vectors.start == vectors.end) return;
  // The sums of the last vector are elsewhere, as some of its channels belong to others.
  int64_t steps[3] = {walk.taps[1] * walk.taps[2] * LANES, walk.taps[2] * LANES, LANES};
  float *sums = context->scratch;
  walk.weight = steps;
  slide_over_images(a, &walk, first, 1, sums);
  for (int64_t i = 0; i < walk.taps[0] * walk.taps[1] * walk.taps[2]; i++) {
    int64_t i2 = i % walk.taps[2], i1 = i / walk.taps[2] % walk.taps[1], i0 = i / walk.taps[2] / walk.taps[1];
    float *y = (float *)a->y + i0 * a->yAxis[0] + i1 * a->yAxis[1] + i2 * a->yAxis[2] + whole * LANES;
    for (int64_t j = 0; j < rest; j++) y[j] = sums[i * LANES + LANES - rest + j];
  }
}
#undef EACH
