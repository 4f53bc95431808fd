// The grid of an elementwise program: merged axes, the streams over them, and moves between streams and blocks.

typedef struct {
  char *data;
  int64_t stride[DK_MAX_RANK];    // after merging axes
  int32_t dtype;
  uint8_t dense;                  // row-major over the whole grid
  uint8_t inPlace;                // of the compute type, and dense at least within every block
  uint8_t constant;               // an input whose strides are all 0
  uint8_t repeats;                // the same in every block: gathered once
  uint8_t isRow;                  // an element for each row
} stream_state;

typedef struct {
  int32_t rank;
  int64_t extent[DK_MAX_RANK], total, inner;
  size_t elementSize;             // of the compute type
  convert_run load, store;
  int inputs, streams;
  stream_state stream[2 * DK_MAX_STREAMS];
} grid_state;

static const uint8_t sizeOfType[] = {4, 8, 4, 8, 1, 1};

INLINE char *element_of(const stream_state *stream, int64_t offset) {
  return stream->data + offset * (int64_t)sizeOfType[stream->dtype];
}

// Drops axes of extent 1 and merges neighbours that every stream walks as one.
INLINE void merge_axes(grid_state *g, const dk_elementwise_arguments *arguments) {
  int rank = 0;
  g->total = 1;
  for (int axis = 0; axis < arguments->rank; axis++) {
    int64_t extent = arguments->extent[axis];
    g->total *= extent;
    if (extent == 1) continue;
    int merges = rank > 0;
    for (int s = 0; merges && s < g->streams; s++) {
      if (g->stream[s].isRow) continue;
      const dk_stream *original = s < g->inputs ? &arguments->input[s] : &arguments->output[s - g->inputs];
      merges = g->stream[s].stride[rank - 1] == original->stride[axis] * extent;
    }
    if (merges) rank--; else g->extent[rank] = 1;
    g->extent[rank] *= extent;
    for (int s = 0; s < g->streams; s++) {
      const dk_stream *original = s < g->inputs ? &arguments->input[s] : &arguments->output[s - g->inputs];
      g->stream[s].stride[rank] = original->stride[axis];
    }
    rank++;
  }
  if (rank == 0) {
    g->extent[rank++] = 1;
    for (int s = 0; s < g->streams; s++) g->stream[s].stride[0] = 1;
  }
  g->rank = rank;
  g->inner = g->extent[rank - 1];
}

// Returns whether every stream is dense or constant.
INLINE int classify_streams(grid_state *g) {
  int simple = 1;
  for (int s = 0; s < g->streams; s++) {
    stream_state *stream = &g->stream[s];
    stream->dense = stream->constant = 0;
    if (stream->isRow) continue;
    int64_t step = 1;
    int dense = 1, zero = 1;
    for (int axis = g->rank - 1; axis >= 0; axis--) {
      dense &= stream->stride[axis] == step;
      zero &= stream->stride[axis] == 0;
      step *= g->extent[axis];
    }
    stream->dense = (uint8_t)dense;
    stream->constant = s < g->inputs && zero;
    simple &= dense | stream->constant;
  }
  return simple;
}

static int64_t offset_of(const grid_state *g, const stream_state *stream, int64_t start) {
  if (stream->dense) return start;
  int64_t offset = 0;
  for (int axis = g->rank - 1; axis >= 0; axis--) {
    offset += start % g->extent[axis] * stream->stride[axis];
    start /= g->extent[axis];
  }
  return offset;
}

// Rows shorter than a vector, of elements as wide as the compute type's: a vector each, the next row overwriting
// what lies beyond this one; the last rows end where they should.
#define DEFINE_SHORT_ROWS(type, scalar, vector)                                                                        \
  INLINE void short_rows_##type(char *block, const char *data, int64_t rowStride, int64_t step, int64_t inner,         \
                                int64_t rows) {                                                                        \
    scalar *to = (scalar *)block;                                                                                      \
    const scalar *from = (const scalar *)data;                                                                         \
    for (; rows * inner >= inner + LANES; rows--, to += inner, from += rowStride) {                                    \
      store_##type(to, step == 0 ? (vector)*from : load_part_##type(from, (size_t)inner));                             \
    }                                                                                                                  \
    for (; rows > 0; rows--, to += inner, from += rowStride) {                                                         \
      vector x = step == 0 ? (vector)*from : load_part_##type(from, (size_t)inner);                                    \
      store_part_##type(to, x, (size_t)inner);                                                                         \
    }                                                                                                                  \
  }
DEFINE_SHORT_ROWS(i32, int32_t, i32v)
DEFINE_SHORT_ROWS(i64, int64_t, i64v)

// Rows of at least a vector, which lie densely in the block: whole vectors, the last one up to the row's end.
INLINE void copy_rows(char *block, const char *data, size_t bytes, int64_t rowStride, int64_t rows, int64_t planeStride,
                      int64_t planes) {
  enum { VECTOR = 4 * LANES };
  for (; planes > 0; planes--, data += planeStride) {
    const char *from = data;
    for (int64_t row = 0; row < rows; row++, from += rowStride, block += bytes) {
      for (size_t i = 0; i + VECTOR < bytes; i += VECTOR) __builtin_memcpy(block + i, from + i, VECTOR);
      __builtin_memcpy(block + bytes - VECTOR, from + bytes - VECTOR, VECTOR);
    }
  }
}

typedef struct { int64_t index[DK_MAX_RANK], offset; } grid_position;

// Moves on by `count` elements, which end at most at the end of the row `axis` spans.
INLINE void advance(const grid_state *g, const stream_state *stream, grid_position *position, int axis, int64_t count) {
  position->offset += count * stream->stride[axis];
  position->index[axis] += count;
  for (; axis > 0 && position->index[axis] == g->extent[axis]; axis--) {
    position->offset += stream->stride[axis - 1] - g->extent[axis] * stream->stride[axis];
    position->index[axis] = 0;
    position->index[axis - 1]++;
  }
}

// Copies flat positions start ..< start + count of a stream into a block, or a block (one element of it, when
// `blockStep` is 0) back, row by row.
static void move_range(const grid_state *g, const stream_state *stream, int64_t start, int64_t count, char *block,
                       int64_t blockStep, int storing) {
  int last = g->rank - 1;
  grid_position position = {.offset = 0};
  for (int axis = last; axis >= 0; axis--) {
    position.index[axis] = start % g->extent[axis];
    start /= g->extent[axis];
    position.offset += position.index[axis] * stream->stride[axis];
  }
  int64_t step = stream->stride[last], inner = g->inner;
  int isCopy = !storing && last > 0 && stream->inPlace;
  int shortRows = isCopy && inner <= LANES && (step == 0 || step == 1);
#ifdef __wasm__
  const int longRows = 0;
#else
  int longRows = isCopy && inner > LANES && inner <= DK_BLOCK / 4 && step == 1;
#endif
  int64_t size = sizeOfType[stream->dtype], rowStride = last > 0 ? stream->stride[last - 1] : 0;
  while (count > 0) {
    int64_t run = inner - position.index[last];
    char *p = element_of(stream, position.offset);
    if (shortRows && run == inner && count >= 2 * inner) {
      int64_t rows = g->extent[last - 1] - position.index[last - 1];
      if (rows > count / inner) rows = count / inner;
      if (g->elementSize == 4) short_rows_i32(block, p, rowStride, step, inner, rows);
      else short_rows_i64(block, p, rowStride, step, inner, rows);
      advance(g, stream, &position, last - 1, rows);
      run = rows * inner;
    } else if (longRows && run == inner && count >= 2 * inner) {
      int64_t rows = g->extent[last - 1] - position.index[last - 1], planes = 1;
      if (last > 1 && position.index[last - 1] == 0 && count >= rows * inner) {
        planes = g->extent[last - 2] - position.index[last - 2];
        if (planes > count / (rows * inner)) planes = count / (rows * inner);
      }
      if (rows > count / inner) rows = count / inner;
      copy_rows(block, p, (size_t)(inner * size), rowStride * size, rows,
                last > 1 ? stream->stride[last - 2] * size : 0, planes);
      run = rows * planes * inner;
      if (planes > 1) advance(g, stream, &position, last - 2, planes);
      else advance(g, stream, &position, last - 1, rows);
    } else {
      if (run > count) run = count;
      if (storing) g->store(p, step, block, blockStep, stream->dtype, (size_t)run);
      else g->load(block, 1, p, step, stream->dtype, (size_t)run);
      advance(g, stream, &position, last, run);
    }
    block += run * blockStep * (int64_t)g->elementSize;
    count -= run;
  }
}
