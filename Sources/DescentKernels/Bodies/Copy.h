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

#define DEFINE_LINES(type, suffix)                                                                                     \
  INLINE void copy_line_##suffix(type *to, int64_t toStep, const type *from, int64_t fromStep, int64_t count) {        \
    if (toStep == 1 && fromStep == 1) {                                                                                \
      __builtin_memcpy(to, from, (size_t)count * sizeof(type));                                                        \
    } else if (toStep == 1 && fromStep == 0) {                                                                         \
      type x = *from;                                                                                                  \
      for (int64_t i = 0; i < count; i++) to[i] = x;                                                                   \
    } else {                                                                                                           \
      for (int64_t i = 0; i < count; i++, to += toStep, from += fromStep) *to = *from;                                 \
    }                                                                                                                  \
  }                                                                                                                    \
  INLINE void copy_corner_##suffix(type *to, int64_t toRow, const type *from, int64_t fromColumn, int64_t rows,        \
                                   int64_t columns) {                                                                  \
    for (int64_t i = 0; i < rows; i++) {                                                                               \
      for (int64_t j = 0; j < columns; j++) to[i * toRow + j] = from[i + j * fromColumn];                              \
    }                                                                                                                  \
  }
DEFINE_LINES(uint8_t, 1)
DEFINE_LINES(uint32_t, 4)
DEFINE_LINES(uint64_t, 8)

// to[i, j] = from[j, i]: squares turned in registers, and the edges element by element. Past the caches whole lines are
// written, of so many rows in turn that as much is read from one place.
enum { STREAMED_ROWS = 256 };
#define DEFINE_TURN(type, suffix, side, turn_square)                                                                   \
  static void turn_##suffix(type *to, int64_t toRow, const type *from, int64_t fromColumn, int64_t rows,               \
                            int64_t columns, int streams) {                                                            \
    int64_t block = streams ? STREAMED_ROWS : side;                                                                    \
    for (int64_t top = 0; top < rows; top += block) {                                                                  \
      int64_t bottom = rows - top < block ? rows : top + block;                                                        \
      for (int64_t j = 0; j < columns; j += side) {                                                                    \
        int64_t width = columns - j < side ? columns - j : side;                                                       \
        for (int64_t i = top; i < bottom; i += side) {                                                                 \
          int64_t height = rows - i < side ? rows - i : side;                                                          \
          type *d = to + i * toRow + j;                                                                                \
          const type *s = from + i + j * fromColumn;                                                                   \
          if (height == side && width == side) turn_square(d, toRow, s, fromColumn, streams);                          \
          else copy_corner_##suffix(d, toRow, s, fromColumn, height, width);                                           \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }
// Floating-point registers only carry the bits.
#define DEFINE_SQUARE(type, carrier, vector, side, suffix)                                                             \
  INLINE void turn_square_##suffix(type *to, int64_t toRow, const type *from, int64_t fromColumn, int streams) {       \
    vector row[side];                                                                                                  \
    for (int i = 0; i < side; i++) row[i] = load_register_##suffix((const carrier *)(from + i * fromColumn));          \
    transpose_square_##suffix(row);                                                                                    \
    if (streams) {                                                                                                     \
      for (int i = 0; i < side; i++) __builtin_nontemporal_store(row[i], (vector *)(to + i * toRow));                  \
      return;                                                                                                          \
    }                                                                                                                  \
    for (int i = 0; i < side; i++) store_register_##suffix((carrier *)(to + i * toRow), row[i]);                       \
  }
DEFINE_SQUARE(uint32_t, float, f32v, LANES, f32)
DEFINE_SQUARE(uint64_t, double, f64r, LANES / 2, f64)
INLINE void turn_square_bytes(uint8_t *to, int64_t toRow, const uint8_t *from, int64_t fromColumn, int streams) {
  (void)streams;
  copy_corner_1(to, toRow, from, fromColumn, 16, 16);
}
DEFINE_TURN(uint8_t, 1, 16, turn_square_bytes)
DEFINE_TURN(uint32_t, 4, LANES, turn_square_f32)
DEFINE_TURN(uint64_t, 8, LANES / 2, turn_square_f64)

// Dense memory to memory, past the caches.
INLINE void stream_bytes(char *to, const char *from, size_t bytes) {
  size_t vector = sizeof(f32v), head = (64 - (uintptr_t)to % 64) % 64;
  if (head > bytes) head = bytes;
  __builtin_memcpy(to, from, head);
  to += head, from += head, bytes -= head;
  for (; bytes >= vector; bytes -= vector, to += vector, from += vector) {
    __builtin_nontemporal_store(load_f32((const float *)from), (f32v *)to);
  }
  __builtin_memcpy(to, from, bytes);
}

// Whether squares are whole lines of memory, all of them.
INLINE int turns_lines(const copy_grid *g, int turned, const void *to, size_t size) {
  if (LANES * sizeof(float) != 64 || size == 1 || (uintptr_t)to % 64 != 0) return 0;
  for (int axis = 0; axis < g->rank - 1; axis++) if (g->to[axis] * (int64_t)size % 64 != 0) return 0;
  return turned >= 0;
}

// The axis, before the last, along which the source is dense while the destination is along the last; or -1.
INLINE int turned_axis(const copy_grid *g) {
  int last = g->rank - 1;
  if (g->to[last] != 1 || g->from[last] == 1 || g->from[last] == 0) return -1;
  for (int axis = 0; axis < last; axis++) if (g->from[axis] == 1) return axis;
  return -1;
}

#define DEFINE_COPY(type, suffix)                                                                                      \
  static void copy_##suffix(const copy_grid *g, const type *from, type *to, int streams) {                             \
    int last = g->rank - 1, turned = turned_axis(g);                                                                   \
    int streamsTurned = streams && turns_lines(g, turned, to, sizeof(type));                                           \
    int isDense = g->to[last] == 1 && g->from[last] == 1 && g->extent[last] * (int64_t)sizeof(type) >= 4096;           \
    int64_t index[DK_MAX_RANK] = {0};                                                                                  \
    for (;;) {                                                                                                         \
      if (turned >= 0) {                                                                                               \
        turn_##suffix(to, g->to[turned], from, g->from[last], g->extent[turned], g->extent[last], streamsTurned);      \
      } else if (streams && isDense) {                                                                                 \
        stream_bytes((char *)to, (const char *)from, (size_t)g->extent[last] * sizeof(type));                          \
      } else {                                                                                                         \
        copy_line_##suffix(to, g->to[last], from, g->from[last], g->extent[last]);                                     \
      }                                                                                                                \
      int axis = last - 1;                                                                                             \
      for (; axis >= 0; axis--) {                                                                                      \
        if (axis == turned) continue;                                                                                  \
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
  for (int axis = 0; axis < arguments->rank; axis++) if (arguments->extent[axis] == 0) return;
  copy_grid g = prepare_copy(arguments);
  // The longest axis is shared out; a dense one in pieces long enough to be worth a line.
  int longest = 0;
  for (int axis = 1; axis < g.rank; axis++) if (g.extent[axis] > g.extent[longest]) longest = axis;
  span share = span_of(g.extent[longest], longest == g.rank - 1 || g.from[longest] == 1 ? 64 : 1, context);
  if (share.start == share.end) return;
  int64_t size = arguments->elementSize, bytes = size;
  for (int axis = 0; axis < g.rank; axis++) bytes *= g.extent[axis];
  g.extent[longest] = share.end - share.start;
#ifdef __wasm__
  enum { streams = 0 };
#else
  int streams = bytes >= LEAST_TO_STREAM;
#endif
  const char *from = (const char *)arguments->source + share.start * g.from[longest] * size;
  char *to = (char *)arguments->destination + share.start * g.to[longest] * size;
  switch (size) {
    case 1: copy_1(&g, (const uint8_t *)from, (uint8_t *)to, streams); break;
    case 4: copy_4(&g, (const uint32_t *)from, (uint32_t *)to, streams); break;
    default: copy_8(&g, (const uint64_t *)from, (uint64_t *)to, streams); break;
  }
  if (streams) finish_streaming();
}
