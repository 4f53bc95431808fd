// Gather and its transpose. Every index is checked before anything moves.

INLINE int64_t index_at(const void *indices, int32_t type, int64_t i) {
  return type == DK_INT32 ? ((const int32_t *)indices)[i]
       : type == DK_INT64 ? ((const int64_t *)indices)[i] : ((const uint8_t *)indices)[i];
}

// Reports the first index outside 0 ..< count.
static int indices_are_valid(const void *indices, int32_t type, int64_t total, int64_t count, dk_context *context) {
  for (int64_t i = 0; i < total; i++) {
    int64_t index = index_at(indices, type, i);
    if ((uint64_t)index < (uint64_t)count) continue;
    context->status = DK_INDEX_OUT_OF_RANGE;
    context->detail[0] = index, context->detail[1] = count, context->detail[2] = i;
    return 0;
  }
  return 1;
}

#define DEFINE_GATHER(type, suffix)                                                                                    \
  static void gather_##suffix(const dk_gather_arguments *arguments) {                                                  \
    const type *operand = arguments->operand;                                                                          \
    type *output = arguments->output;                                                                                  \
    int64_t inner = arguments->inner, picks = arguments->picks;                                                        \
    for (int64_t batch = 0; batch < arguments->batch; batch++) {                                                       \
      for (int64_t outer = 0; outer < arguments->outer; outer++, operand += arguments->count * inner) {                \
        for (int64_t pick = 0; pick < picks; pick++, output += inner) {                                                \
          int64_t index = index_at(arguments->indices, arguments->indexType, batch * picks + pick);                    \
          const type *from = operand + index * inner;                                                                  \
          if (inner >= 16) __builtin_memcpy(output, from, (size_t)inner * sizeof(type));                               \
          else for (int64_t i = 0; i < inner; i++) output[i] = from[i];                                                \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
DEFINE_GATHER(uint8_t, 1)
DEFINE_GATHER(uint32_t, 4)
DEFINE_GATHER(uint64_t, 8)

static void gather(const void *opaque, dk_context *context) {
  const dk_gather_arguments *arguments = opaque;
  int64_t total = arguments->batch * arguments->picks;
  if (!indices_are_valid(arguments->indices, arguments->indexType, total, arguments->count, context)) return;
  switch (arguments->elementSize) {
    case 1: gather_1(arguments); break;
    case 4: gather_4(arguments); break;
    default: gather_8(arguments); break;
  }
}

#define DEFINE_SCATTER(type, suffix, sum)                                                                              \
  static void scatter_add_##suffix(const dk_scatter_add_arguments *arguments) {                                        \
    const type *updates = arguments->updates;                                                                          \
    type *output = arguments->output;                                                                                  \
    int64_t inner = arguments->inner, picks = arguments->picks;                                                        \
    for (int64_t batch = 0; batch < arguments->batch; batch++) {                                                       \
      for (int64_t outer = 0; outer < arguments->outer; outer++, output += arguments->count * inner) {                 \
        for (int64_t pick = 0; pick < picks; pick++, updates += inner) {                                               \
          type *to = output + index_at(arguments->indices, arguments->indexType, batch * picks + pick) * inner;        \
          for (int64_t i = 0; i < inner; i++) { type a = to[i], b = updates[i]; to[i] = (sum); }                       \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
DEFINE_SCATTER(float, f32, a + b)
DEFINE_SCATTER(double, f64, a + b)
DEFINE_SCATTER(uint32_t, i32, a + b)
DEFINE_SCATTER(uint64_t, i64, a + b)
DEFINE_SCATTER(uint8_t, u8, (uint8_t)(a + b))
DEFINE_SCATTER(uint8_t, bool, a | b)

static void scatter_add(const void *opaque, dk_context *context) {
  const dk_scatter_add_arguments *arguments = opaque;
  int64_t total = arguments->batch * arguments->picks;
  if (!indices_are_valid(arguments->indices, arguments->indexType, total, arguments->count, context)) return;
  int64_t size = sizeOfType[arguments->dtype];
  __builtin_memset(arguments->output, 0,
                   (size_t)(arguments->batch * arguments->outer * arguments->count * arguments->inner * size));
  switch (arguments->dtype) {
    case DK_FLOAT32: scatter_add_f32(arguments); break;
    case DK_FLOAT64: scatter_add_f64(arguments); break;
    case DK_INT32: scatter_add_i32(arguments); break;
    case DK_INT64: scatter_add_i64(arguments); break;
    case DK_UINT8: scatter_add_u8(arguments); break;
    case DK_BOOL: scatter_add_bool(arguments); break;
  }
}
