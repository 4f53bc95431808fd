// Constant and counting arrays.

static void fill(const void *opaque, dk_context *context) {
  const dk_fill_arguments *arguments = opaque;
  span s = span_of(arguments->count, 64, context);
  if (arguments->elementSize == 1) {
    uint8_t *output = arguments->output;
    __builtin_memset(output + s.start, (int)(arguments->bits & 0xff), (size_t)(s.end - s.start));
  } else if (arguments->elementSize == 4) {
    uint32_t *output = arguments->output;
    for (int64_t i = s.start; i < s.end; i++) output[i] = (uint32_t)arguments->bits;
  } else {
    uint64_t *output = arguments->output;
    for (int64_t i = s.start; i < s.end; i++) output[i] = arguments->bits;
  }
}

#define IOTA(type, value)                                                                                              \
  {                                                                                                                    \
    type *p = arguments->output;                                                                                       \
    for (int64_t outer = 0; outer < arguments->outer; outer++) {                                                       \
      for (int64_t i = 0; i < arguments->count; i++, p += arguments->inner) {                                          \
        for (int64_t j = 0; j < arguments->inner; j++) p[j] = (type)(value);                                          \
      }                                                                                                                \
    }                                                                                                                  \
    break;                                                                                                             \
  }
static void iota(const void *opaque, dk_context *context) {
  const dk_iota_arguments *arguments = opaque;
  if (context->part > 0) return;
  switch (arguments->dtype) {
    case DK_FLOAT32: IOTA(float, i)
    case DK_FLOAT64: IOTA(double, i)
    case DK_INT32: IOTA(int32_t, i)
    case DK_INT64: IOTA(int64_t, i)
    case DK_UINT8: IOTA(uint8_t, i)
    case DK_BOOL: IOTA(uint8_t, i != 0)
  }
}
