// Sums over pixels: a row of a tile is a tap and an input channel, its columns are output channels, and what is summed
// over are the pixels of all examples in order. Here the window's extents are those of the pixels.

// How the rows of the result are covered with tiles.
typedef struct {
  int64_t runs, rows, tiles;      // runs of so many rows side by side, each covered by so many tiles
  int64_t aRow, cRow;
  int64_t aColumn;                // pixels of the input from one pixel of a line to the next
  int merged;                     // axes that are part of a run: 0, or 1 for the last
} NAME(cover);

static NAME(cover) NAME(cover_of)(const dk_convolution_arguments *a, const convolution_shape *shape) {
  int64_t pixel = shape->copies ? a->batch : a->xAxis[2];
  NAME(cover) cover = {.runs = a->output[0] * a->output[1], .rows = a->output[2], .merged = 1};
  if (a->batch == 1) {
    cover.aRow = a->stride[2] * pixel, cover.cRow = a->yAxis[2];
  } else if (a->stride[2] == 1 && pixel == a->batch && a->yAxis[2] == a->batch * a->yBatch) {
    cover.rows *= a->batch, cover.aRow = 1, cover.cRow = a->yBatch;
  } else {
    cover = (NAME(cover)){.runs = cover.runs * a->output[2], .rows = a->batch, .aRow = 1, .cRow = a->yBatch};
  }
  cover.tiles = (cover.rows + TALLEST - 1) / TALLEST, cover.aColumn = shape->axis[2].step;
  return cover;
}

// A panel of cotangents: pixels [q, q + count) of a block whose first lies at `w`.
static void NAME(pack_pixels)(const dk_convolution_arguments *a, const SCALAR *w, int64_t q, int64_t count,
                              int64_t width, SCALAR *panel) {
  int64_t line = a->window[2];
  while (count > 0) {
    int64_t i = q % line, part = line - i < count ? line - i : count;
    NAME(pack_rows)(w + q / line * a->wAxis[1] + i * a->wAxis[2], a->wAxis[2], a->wOutput, part, width, panel);
    q += part, count -= part, panel += part * 2 * WIDTH;
  }
}

// Units of work are tiles: groups × panels × runs × tiles of a run.
typedef struct { int64_t panel, run, start, rows; } NAME(unit);
static NAME(unit) NAME(unit_of)(const NAME(cover) *cover, int64_t index) {
  int64_t tile = index % cover->tiles, run = index / cover->tiles % cover->runs;
  int64_t start = cover->rows * tile / cover->tiles, end = cover->rows * (tile + 1) / cover->tiles;
  return (NAME(unit)){index / cover->tiles / cover->runs, run, start, end - start};
}

// What the pixels of one block add to some tiles; no pixels leave zeros.
static void NAME(add_pixels)(const dk_convolution_arguments *a, const NAME(cover) *cover, span units, int64_t pixels,
                             const NAME(view) *view, const SCALAR *w, SCALAR *y, int accumulate,
                             NAME(workspace) *space) {
  NAME(tile) tile = {.aRow = cover->aRow, .aStep = cover->aRow, .bRow = 2 * WIDTH, .cRow = cover->cRow};
  tile.run = convolution_run(a->window[2], CONVOLUTION_PIXELS);
  tile.aColumn = cover->aColumn * view->axis[2];
  int64_t depth = CONVOLUTION_PIXELS / tile.run * tile.run;
  for (int64_t q = 0; q < pixels || q == 0; q += depth) {
    tile.k = pixels - q < depth ? pixels - q : depth;
    tile.offsets = space->offsets + q / tile.run;
    tile.accumulate = accumulate || q > 0;
    int64_t packed = -1;
    for (int64_t index = units.start; index < units.end; index++) {
      NAME(unit) unit = NAME(unit_of)(cover, index);
      int64_t j = unit.panel * 2 * WIDTH, width = a->outputs - j < 2 * WIDTH ? a->outputs - j : 2 * WIDTH;
      if (packed != unit.panel) NAME(pack_pixels)(a, w + j, q, tile.k, width, space->panel);
      packed = unit.panel;
      tile.width = (size_t)width;
      int64_t last = cover->merged ? 1 : a->output[2], i2 = unit.run % last;
      int64_t i1 = unit.run / last % a->output[1], i0 = unit.run / last / a->output[1];
      const SCALAR *from = view->data + i0 * a->stride[0] * view->axis[0] + i1 * a->stride[1] * view->axis[1] +
                           i2 * a->stride[2] * view->axis[2] + unit.start * cover->aRow;
      SCALAR *to = y + i0 * a->yAxis[0] + i1 * a->yAxis[1] + i2 * a->yAxis[2] + unit.start * cover->cRow + j;
      NAME(multiply_panel)(unit.rows, GATHERED, &tile, from, space->panel, to);
    }
  }
}

#if TALLEST > 6
// All taps of a small window over few channels at once, or of a band of it: `runs` of `rows` that lie side by side.
// Cotangents are read where they lie.
INLINE void NAME(add_window)(const int runs, const int rows, const int vectors, const NAME(tile) *tile, int64_t aRun,
                             int64_t cRun, const SCALAR *a, const SCALAR *b, SCALAR *c) {
  VECTOR sum[5][9][2];
  // The next block's pixels are fetched meanwhile.
  int64_t ahead = tile->k * tile->bRow;
  size_t widths[2] = {tile->width < WIDTH ? tile->width : WIDTH, tile->width < WIDTH ? 0 : tile->width - WIDTH};
  EACH(i, runs) EACH(j, rows) EACH(v, vectors) {
    sum[i][j][v] = tile->accumulate ? NAME(load_columns)(c + i * cRun + j * tile->cRow + v * WIDTH, widths[v])
                                    : (VECTOR)(SCALAR)0;
  }
  const int32_t *offset = tile->offsets;
  for (int64_t q = 0; q < tile->k; q += tile->run) {
    const SCALAR *from = a + *offset++;
    for (int64_t p = tile->run; p > 0; p--, from += tile->aColumn, b += tile->bRow) {
      VECTOR x[2];
      EACH(v, vectors) x[v] = NAME(load_columns)(b + v * WIDTH, widths[v]);
      EACH(v, vectors) __builtin_prefetch(b + ahead + v * WIDTH);
      EACH(i, runs) EACH(j, rows) {
        VECTOR y = (VECTOR)from[i * aRun + j];
        EACH(v, vectors) sum[i][j][v] = MULTIPLY_ADD(y, x[v], sum[i][j][v]);
      }
    }
  }
  EACH(i, runs) EACH(j, rows) EACH(v, vectors) {
    NAME(store_columns)(c + i * cRun + j * tile->cRow + v * WIDTH, sum[i][j][v], widths[v]);
  }
}
#define WINDOW_NAME(runs, rows, vectors) PASTE(add_window_##runs##_##rows##_##vectors, TYPE)
#define DEFINE_WINDOW(runs, rows, vectors)                                                                             \
  static __attribute__((noinline)) void WINDOW_NAME(runs, rows, vectors)(                                              \
    const NAME(tile) *tile, int64_t aRun, int64_t cRun, const SCALAR *a, const SCALAR *b, SCALAR *c) {                 \
    NAME(add_window)(runs, rows, vectors, tile, aRun, cRun, a, b, c);                                                  \
  }
DEFINE_WINDOW(3, 3, 1)
DEFINE_WINDOW(3, 3, 2)
DEFINE_WINDOW(3, 9, 1)
DEFINE_WINDOW(1, 9, 2)
DEFINE_WINDOW(5, 5, 1)
DEFINE_WINDOW(2, 5, 2)
DEFINE_WINDOW(1, 5, 2)

// Windows that there are functions for: one of a single vector of columns, and one for each band of runs of two.
typedef void (*NAME(window_function))(const NAME(tile) *tile, int64_t aRun, int64_t cRun, const SCALAR *a,
                                      const SCALAR *b, SCALAR *c);
typedef struct {
  int8_t runs, rows, bands[4];
  NAME(window_function) narrow, wide[3];
} NAME(window);
static const NAME(window) NAME(windows)[] = {
  {3, 3, {3}, WINDOW_NAME(3, 3, 1), {WINDOW_NAME(3, 3, 2)}},
  {3, 9, {1, 1, 1}, WINDOW_NAME(3, 9, 1), {WINDOW_NAME(1, 9, 2), WINDOW_NAME(1, 9, 2), WINDOW_NAME(1, 9, 2)}},
  {5, 5, {2, 2, 1}, WINDOW_NAME(5, 5, 1), {WINDOW_NAME(2, 5, 2), WINDOW_NAME(2, 5, 2), WINDOW_NAME(1, 5, 2)}},
};
// NULL where there is none, or where that would leave threads without work.
static const NAME(window) *NAME(window_of)(const dk_convolution_arguments *a, const NAME(cover) *cover, int64_t parts) {
  int64_t panels = (a->outputs + 2 * WIDTH - 1) / (2 * WIDTH);
  int isInPlace = a->wAxis[1] == a->window[2] * a->wAxis[2];
  if (!cover->merged || cover->aRow != 1 || a->output[0] != 1 || !isInPlace || a->groups * panels < parts) return NULL;
  for (size_t i = 0; i < sizeof(NAME(windows)) / sizeof(NAME(windows)[0]); i++) {
    if (NAME(windows)[i].runs == cover->runs && NAME(windows)[i].rows == cover->rows) return &NAME(windows)[i];
  }
  return NULL;
}

// What the pixels of one block add to some panels of columns.
static void NAME(add_to_windows)(const dk_convolution_arguments *a, const NAME(cover) *cover,
                                 const NAME(window) *window, span panels, int64_t pixels, const NAME(view) *view,
                                 const SCALAR *w, SCALAR *y, int accumulate, const NAME(workspace) *space) {
  NAME(tile) tile = {.bRow = a->wAxis[2], .cRow = cover->cRow, .aColumn = cover->aColumn * view->axis[2]};
  tile.run = convolution_run(a->window[2], CONVOLUTION_PIXELS);
  int64_t depth = tile.run < CONVOLUTION_WINDOW_PIXELS ? CONVOLUTION_WINDOW_PIXELS / tile.run * tile.run : tile.run;
  for (int64_t q = 0; q < pixels; q += depth) {
    tile.k = pixels - q < depth ? pixels - q : depth;
    tile.offsets = space->offsets + q / tile.run;
    tile.accumulate = accumulate || q > 0;
    for (int64_t panel = panels.start; panel < panels.end; panel++) {
      int64_t j = panel * 2 * WIDTH, aRun = a->stride[1] * view->axis[1], cRun = a->yAxis[1], run = 0;
      const SCALAR *cotangents = w + q * a->wAxis[2] + j;
      tile.width = (size_t)(a->outputs - j < 2 * WIDTH ? a->outputs - j : 2 * WIDTH);
      if (tile.width <= WIDTH) {
        window->narrow(&tile, aRun, cRun, view->data, cotangents, y + j);
        continue;
      }
      for (int band = 0; window->bands[band] > 0; run += window->bands[band++]) {
        window->wide[band](&tile, aRun, cRun, view->data + run * aRun, cotangents, y + run * cRun + j);
      }
    }
  }
}
#endif

static void NAME(convolve_over_pixels)(const dk_convolution_arguments *a, const dk_context *context) {
  convolution_shape shape = shape_of_convolution(a);
  NAME(workspace) space = NAME(workspace_of)(a, &shape, context->scratch);
  NAME(cover) cover = NAME(cover_of)(a, &shape);
  int64_t panels = (a->outputs + 2 * WIDTH - 1) / (2 * WIDTH), each = panels * cover.runs * cover.tiles;
  int64_t line = a->window[2], planes = a->window[0], rows = a->window[1];
  int64_t run = convolution_run(line, CONVOLUTION_PIXELS), none = a->inputs * planes * rows * line == 0;
#if TALLEST > 6
  const NAME(window) *window = none ? NULL : NAME(window_of)(a, &cover, context->parts);
  if (window) each = panels;
#endif
  span share = span_of(a->groups * each, 1, context);
  for (int64_t g = 0; g < a->groups && each > 0; g++) {
    span units = {share.start - g * each, share.end - g * each};
    if (units.start < 0) units.start = 0;
    if (units.end > each) units.end = each;
    if (units.start >= units.end) continue;
    const SCALAR *x = (const SCALAR *)a->x + g * a->xGroup, *w = (const SCALAR *)a->w + g * a->wGroup;
    SCALAR *y = (SCALAR *)a->y + g * a->yGroup;
    if (none) {
      NAME(view) nothing = {.data = x};
      NAME(add_pixels)(a, &cover, units, 0, &nothing, w, y, 0, &space);
      continue;
    }
    int accumulate = 0;
    for (int64_t n = 0; n < a->inputs; n++) {
      for (int64_t z = 0; z < planes; z++) {
        for (int64_t i = 0; i < rows; i += shape.block[1]) {
          int64_t count = rows - i < shape.block[1] ? rows - i : shape.block[1];
          int64_t place[3] = {
            shape.axis[0].first + z * shape.axis[0].step, shape.axis[1].first + i * shape.axis[1].step,
            shape.axis[2].first,
          };
          int64_t extent[3] = {
            shape.span[0], shape.axis[1].last - shape.axis[1].first + 1 + (count - 1) * shape.axis[1].step,
            shape.span[2],
          };
          NAME(view) view = NAME(view_of)(a, &shape, x + n * a->xInput, 0, a->batch, 1, place, extent, space.copy);
          for (int64_t q = 0; q < count * line && !accumulate; q += run) {
            space.offsets[q / run] = (int32_t)(q / line * shape.axis[1].step * view.axis[1] +
                                               q % line * shape.axis[2].step * view.axis[2]);
          }
          const SCALAR *cotangents = w + n * a->wInput + z * a->wAxis[0] + i * a->wAxis[1];
#if TALLEST > 6
          if (window) {
            NAME(add_to_windows)(a, &cover, window, units, count * line, &view, cotangents, y, accumulate, &space);
            accumulate = 1;
            continue;
          }
#endif
          NAME(add_pixels)(a, &cover, units, count * line, &view, cotangents, y, accumulate, &space);
          accumulate = 1;
        }
      }
    }
  }
}
