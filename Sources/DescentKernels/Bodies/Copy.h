// Copies between strided grids: dense runs as they are, transposes by square tiles, anything else element by element.

typedef struct {
  int32_t rank;
  int64_t extent[DK_MAX_RANK], from[DK_MAX_RANK], to[DK_MAX_RANK];
} copy_grid;

// Axes of extent 1 go, neighbours that both arrays walk as one merge, and the axis the destination walks fastest
// comes last.
static copy_grid prepare_copy(const dk_copy_arguments *arguments) {
  copy_grid g = {.rank = 0};
  for (int axis = 0; axis < arguments->rank; axis++) {
    int64_t extent = arguments->extent[axis], from = arguments->sourceStride[axis];
    int64_t to = arguments->destinationStride[axis];
    if (extent == 1) continue;
    int r = g.rank;
    if (r > 0 && g.from[r - 1] == from * extent && g.to[r - 1] == to * extent) {
      g.extent[r - 1] *= extent;
    } else {
      g.extent[r] = extent;
      g.rank++;
    }
    r = g.rank - 1;
    g.from[r] = from, g.to[r] = to;
  }
  if (g.rank == 0) g.rank = 1, g.extent[0] = 1, g.from[0] = g.to[0] = 1;
  for (int axis = 0; axis < g.rank - 1; axis++) {
    if (g.to[axis] != 1 || g.to[g.rank - 1] == 1) continue;
    int last = g.rank - 1;
    int64_t extent = g.extent[axis], from = g.from[axis], to = g.to[axis];
    for (int i = axis; i < last; i++) g.extent[i] = g.extent[i + 1], g.from[i] = g.from[i + 1], g.to[i] = g.to[i + 1];
    g.extent[last] = extent, g.from[last] = from, g.to[last] = to;
  }
  return g;
}

// Tiles of 16×16 keep the lines of both arrays in L1.
#define DEFINE_COPY(type, suffix)                                                                                      \
  static void copy_line_##suffix(type *to, int64_t toStep, const type *from, int64_t fromStep, int64_t count) {        \
    if (toStep == 1 && fromStep == 1) {                                                                                \
      __builtin_memcpy(to, from, (size_t)count * sizeof(type));                                                        \
    } else if (toStep == 1 && fromStep == 0) {                                                                         \
      type x = *from;                                                                                                  \
      for (int64_t i = 0; i < count; i++) to[i] = x;                                                                   \
    } else {                                                                                                           \
      for (int64_t i = 0; i < count; i++, to += toStep, from += fromStep) *to = *from;                                 \
    }                                                                                                                  \
  }                                                                                                                    \
  static void transpose_##suffix(type *to, int64_t toRow, const type *from, int64_t fromColumn, int64_t rows,          \
                                 int64_t columns) {                                                                    \
    for (int64_t row = 0; row < rows; row += 16) {                                                                     \
      int64_t height = rows - row < 16 ? rows - row : 16;                                                              \
      for (int64_t column = 0; column < columns; column += 16) {                                                       \
        int64_t width = columns - column < 16 ? columns - column : 16;                                                 \
        for (int64_t i = 0; i < height; i++) {                                                                         \
          type *d = to + (row + i) * toRow + column;                                                                   \
          const type *s = from + (row + i) + column * fromColumn;                                                      \
          for (int64_t j = 0; j < width; j++) d[j] = s[j * fromColumn];                                                \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
  static void copy_##suffix(const copy_grid *g, const type *from, type *to) {                                          \
    int last = g->rank - 1, row = -1;                                                                                  \
    for (int axis = 0; axis < last; axis++) if (g->from[axis] == 1 && g->to[last] == 1 && g->from[last] != 1) row = axis; \
    int64_t index[DK_MAX_RANK] = {0};                                                                                  \
    for (;;) {                                                                                                         \
      if (row >= 0) {                                                                                                  \
        transpose_##suffix(to, g->to[row], from, g->from[last], g->extent[row], g->extent[last]);                      \
      } else {                                                                                                         \
        copy_line_##suffix(to, g->to[last], from, g->from[last], g->extent[last]);                                     \
      }                                                                                                                \
      int axis = last - 1;                                                                                             \
      for (; axis >= 0; axis--) {                                                                                      \
        if (axis == row) continue;                                                                                     \
        from += g->from[axis], to += g->to[axis];                                                                      \
        if (++index[axis] < g->extent[axis]) break;                                                                    \
        from -= g->from[axis] * g->extent[axis], to -= g->to[axis] * g->extent[axis];                                  \
        index[axis] = 0;                                                                                               \
      }                                                                                                                \
      if (axis < 0) return;                                                                                            \
    }                                                                                                                  \
  }
DEFINE_COPY(uint8_t, 1)
DEFINE_COPY(uint32_t, 4)
DEFINE_COPY(uint64_t, 8)

static void copy(const void *opaque, dk_context *context) {
  const dk_copy_arguments *arguments = opaque;
  (void)context;
  for (int axis = 0; axis < arguments->rank; axis++) if (arguments->extent[axis] == 0) return;
  copy_grid g = prepare_copy(arguments);
  switch (arguments->elementSize) {
    case 1: copy_1(&g, arguments->source, arguments->destination); break;
    case 4: copy_4(&g, arguments->source, arguments->destination); break;
    default: copy_8(&g, arguments->source, arguments->destination); break;
  }
}

static void fill(const void *opaque, dk_context *context) {
  const dk_fill_arguments *arguments = opaque;
  (void)context;
  int64_t count = arguments->count;
  if (arguments->elementSize == 1) {
    __builtin_memset(arguments->output, (int)(arguments->bits & 0xff), (size_t)count);
  } else if (arguments->elementSize == 4) {
    uint32_t *output = arguments->output;
    for (int64_t i = 0; i < count; i++) output[i] = (uint32_t)arguments->bits;
  } else {
    uint64_t *output = arguments->output;
    for (int64_t i = 0; i < count; i++) output[i] = arguments->bits;
  }
}

#define IOTA(type, value)                                                                                                 \
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
  (void)context;
  switch (arguments->dtype) {
    case DK_FLOAT32: IOTA(float, i)
    case DK_FLOAT64: IOTA(double, i)
    case DK_INT32: IOTA(int32_t, i)
    case DK_INT64: IOTA(int64_t, i)
    case DK_UINT8: IOTA(uint8_t, i)
    case DK_BOOL: IOTA(uint8_t, i != 0)
  }
}
