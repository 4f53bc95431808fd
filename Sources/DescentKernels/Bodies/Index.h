// Gather and its transpose. Every index is checked before anything moves; where nothing does, none is.

INLINE int64_t index_at(const void *indices, int32_t type, int64_t i) {
  return type == DK_INT32 ? ((const int32_t *)indices)[i]
       : type == DK_INT64 ? ((const int64_t *)indices)[i] : ((const uint8_t *)indices)[i];
}

// Reports the first index of a share that lies outside 0 ..< count.
static int indices_are_valid(const void *indices, int32_t type, span share, int64_t count, dk_context *context) {
  for (int64_t i = share.start; i < share.end; i++) {
    int64_t index = index_at(indices, type, i);
    if ((uint64_t)index < (uint64_t)count) continue;
    context->status = DK_INDEX_OUT_OF_RANGE;
    context->detail[0] = index, context->detail[1] = count, context->detail[2] = i;
    return 0;
  }
  return 1;
}

// `lines` of [batch, outer], and `picks` within each.
#define DEFINE_GATHER(type, suffix)                                                                                    \
  static void gather_##suffix(const dk_gather_arguments *arguments, span lines, span picks) {                          \
    int64_t inner = arguments->inner;                                                                                  \
    for (int64_t line = lines.start; line < lines.end; line++) {                                                       \
      const type *operand = (const type *)arguments->operand + line * arguments->count * inner;                        \
      type *output = (type *)arguments->output + (line * arguments->picks + picks.start) * inner;                      \
      int64_t first = line / arguments->outer * arguments->picks;                                                      \
      for (int64_t pick = picks.start; pick < picks.end; pick++, output += inner) {                                    \
        const type *from = operand + index_at(arguments->indices, arguments->indexType, first + pick) * inner;         \
        if (inner >= 16) __builtin_memcpy(output, from, (size_t)inner * sizeof(type));                                 \
        else for (int64_t i = 0; i < inner; i++) output[i] = from[i];                                                  \
      }                                                                                                                \
    }                                                                                                                  \
  }
DEFINE_GATHER(uint8_t, 1)
DEFINE_GATHER(uint32_t, 4)
DEFINE_GATHER(uint64_t, 8)

static void gather(const void *opaque, dk_context *context) {
  const dk_gather_arguments *arguments = opaque;
  int64_t total = arguments->batch * arguments->outer;
  if (total == 0 || arguments->inner == 0) return;
  span lines = {0, total}, picks = {0, arguments->picks}, used = {0, arguments->batch * arguments->picks};
  if (total == 1) used = picks = span_of(arguments->picks, 16, context);
  else lines = span_of(total, 1, context);
  if (!indices_are_valid(arguments->indices, arguments->indexType, used, arguments->count, context)) return;
  switch (arguments->elementSize) {
    case 1: gather_1(arguments, lines, picks); break;
    case 4: gather_4(arguments, lines, picks); break;
    default: gather_8(arguments, lines, picks); break;
  }
}

// `lines` of [batch, outer], and `columns` of the innermost axis: a share never meets another's sums.
#define DEFINE_SCATTER(type, suffix, sum)                                                                              \
  static void scatter_add_##suffix(const dk_scatter_add_arguments *arguments, span lines, span columns) {              \
    int64_t inner = arguments->inner, picks = arguments->picks, width = columns.end - columns.start;                   \
    for (int64_t line = lines.start; line < lines.end; line++) {                                                       \
      type *output = (type *)arguments->output + line * arguments->count * inner + columns.start;                      \
      const type *updates = (const type *)arguments->updates + line * picks * inner + columns.start;                   \
      int64_t first = line / arguments->outer * picks;                                                                 \
      if (width == inner) __builtin_memset(output, 0, (size_t)(arguments->count * inner) * sizeof(type));              \
      else for (int64_t i = 0; i < arguments->count; i++) {                                                            \
        __builtin_memset(output + i * inner, 0, (size_t)width * sizeof(type));                                         \
      }                                                                                                                \
      for (int64_t pick = 0; pick < picks; pick++, updates += inner) {                                                 \
        type *to = output + index_at(arguments->indices, arguments->indexType, first + pick) * inner;                  \
        for (int64_t i = 0; i < width; i++) { type a = to[i], b = updates[i]; to[i] = (sum); }                         \
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
  int64_t total = arguments->batch * arguments->outer;
  if (total == 0 || arguments->inner == 0) return;
  span lines = {0, total}, columns = {0, arguments->inner}, used = {0, arguments->batch * arguments->picks};
  if (!indices_are_valid(arguments->indices, arguments->indexType, used, arguments->count, context)) return;
  if (total == 1) columns = span_of(arguments->inner, 16, context);
  else lines = span_of(total, 1, context);
  if (columns.start == columns.end) return;
  switch (arguments->dtype) {
    case DK_FLOAT32: scatter_add_f32(arguments, lines, columns); break;
    case DK_FLOAT64: scatter_add_f64(arguments, lines, columns); break;
    case DK_INT32: scatter_add_i32(arguments, lines, columns); break;
    case DK_INT64: scatter_add_i64(arguments, lines, columns); break;
    case DK_UINT8: scatter_add_u8(arguments, lines, columns); break;
    case DK_BOOL: scatter_add_bool(arguments, lines, columns); break;
  }
}
