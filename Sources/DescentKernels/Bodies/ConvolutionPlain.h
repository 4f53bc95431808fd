// Convolutions by their definition, in any layout: for integers, and where nothing faster fits.

#define DEFINE_PLAIN_CONVOLUTION(type, suffix)                                                                         \
  /* Adds what one tap gives to a line of output channels. */                                                          \
  static void add_tap_##suffix(const dk_convolution_arguments *a, const type *x, const type *w, type *y) {             \
    for (int64_t c = 0; c < a->inputs; c++) {                                                                          \
      type factor = x[c * a->xInput];                                                                                  \
      const type *row = w + c * a->wInput;                                                                             \
      for (int64_t j = 0; j < a->outputs; j++) y[j * a->yOutput] += factor * row[j * a->wOutput];                      \
    }                                                                                                                  \
  }                                                                                                                    \
  static void convolve_plainly_##suffix(const dk_convolution_arguments *a, int64_t g, int64_t n) {                     \
    const type *x = (const type *)a->x + g * a->xGroup + n * a->xBatch;                                                \
    const type *w = (const type *)a->w + g * a->wGroup;                                                                \
    type *y = (type *)a->y + g * a->yGroup + n * a->yBatch;                                                            \
    int64_t results = a->output[0] * a->output[1] * a->output[2];                                                      \
    int64_t taps = a->window[0] * a->window[1] * a->window[2];                                                         \
    for (int64_t o = 0; o < results; o++) {                                                                            \
      int64_t result[3] = {o / a->output[2] / a->output[1], o / a->output[2] % a->output[1], o % a->output[2]};        \
      type *to = y + result[0] * a->yAxis[0] + result[1] * a->yAxis[1] + result[2] * a->yAxis[2];                      \
      for (int64_t j = 0; j < a->outputs; j++) to[j * a->yOutput] = 0;                                                 \
      for (int64_t k = 0; k < taps; k++) {                                                                             \
        int64_t tap[3] = {k / a->window[2] / a->window[1], k / a->window[2] % a->window[1], k % a->window[2]};         \
        const type *from = x, *weights = w;                                                                            \
        int isInside = 1;                                                                                              \
        for (int i = 0; i < 3; i++) {                                                                                  \
          int64_t place = result[i] * a->stride[i] + tap[i] * a->windowDilation[i] - a->low[i];                        \
          isInside &= place >= 0 && place % a->inputDilation[i] == 0 && place / a->inputDilation[i] < a->input[i];     \
          from += place / a->inputDilation[i] * a->xAxis[i], weights += tap[i] * a->wAxis[i];                          \
        }                                                                                                              \
        if (isInside) add_tap_##suffix(a, from, weights, to);                                                          \
      }                                                                                                                \
    }                                                                                                                  \
  }
DEFINE_PLAIN_CONVOLUTION(float, f32)
DEFINE_PLAIN_CONVOLUTION(double, f64)
DEFINE_PLAIN_CONVOLUTION(uint32_t, i32)
DEFINE_PLAIN_CONVOLUTION(uint64_t, i64)

static void convolve_plainly(const dk_convolution_arguments *arguments, const dk_context *context) {
  span share = span_of(arguments->groups * arguments->batch, 1, context);
  for (int64_t i = share.start; i < share.end; i++) {
    int64_t g = i / arguments->batch, n = i % arguments->batch;
    switch (arguments->dtype) {
      case DK_FLOAT32: convolve_plainly_f32(arguments, g, n); break;
      case DK_FLOAT64: convolve_plainly_f64(arguments, g, n); break;
      case DK_INT32: convolve_plainly_i32(arguments, g, n); break;
      default: convolve_plainly_i64(arguments, g, n); break;
    }
  }
}
