// Results from pixels: a row of a tile is a result, its columns are output channels.

// Channels of taps that lie at one stride: those of one tap, or of all in a line.
typedef struct { int64_t length, stride; } NAME(run);

static NAME(run) NAME(run_of)(const dk_convolution_arguments *a, const NAME(view) *view) {
  int64_t step = a->windowDilation[2] * view->axis[2];
  NAME(run) run = {a->inputs, 1};
  if (a->inputDilation[2] == 1 && (a->inputs == 1 || step == a->inputs)) {
    run = (NAME(run)){a->inputs * a->window[2], a->inputs == 1 ? step : 1};
  }
  run.length = convolution_run(run.length, MATMUL_DEEPEST);
  return run;
}

// Lists the taps that a phase of results meets, and where their runs begin; returns the number of taps.
static int64_t NAME(list_taps)(const dk_convolution_arguments *a, const convolution_shape *shape,
                               const int64_t phase[3], const NAME(view) *view, NAME(run) run,
                               NAME(workspace) *space) {
  int64_t taps = 0, runs = 0, channel = 0, tap[3], place[3];
#define EACH_TAP(i)                                                                                                    \
  for (tap[i] = 0; tap[i] < a->window[i]; tap[i]++)                                                                    \
    if ((place[i] = phase[i] * a->stride[i] + tap[i] * a->windowDilation[i] - a->low[i]) % a->inputDilation[i] == 0)
  EACH_TAP(0) EACH_TAP(1) EACH_TAP(2) {
    int64_t offset = 0, weight = 0;
    for (int i = 0; i < 3; i++) {
      offset += (place[i] / a->inputDilation[i] - shape->axis[i].first) * view->axis[i];
      weight += tap[i] * a->wAxis[i];
    }
    // `channel` counts from the last run's beginning.
    for (; channel < a->inputs; channel += run.length) space->offsets[runs++] = (int32_t)(offset + channel);
    channel -= a->inputs;
    space->weights[taps++] = (int32_t)weight;
  }
#undef EACH_TAP
  return taps;
}

// A panel of weights, rows [p, p + depth) of those listed.
static void NAME(pack_weights)(const dk_convolution_arguments *a, const SCALAR *w, const int32_t *taps, int64_t p,
                               int64_t depth, int64_t width, SCALAR *panel) {
  while (depth > 0) {
    int64_t c = p % a->inputs, count = a->inputs - c < depth ? a->inputs - c : depth;
    NAME(pack_rows)(w + taps[p / a->inputs] + c * a->wInput, a->wInput, a->wOutput, count, width, panel);
    p += count, depth -= count, panel += count * 2 * WIDTH;
  }
}

// Few output channels leave most lanes of a tile idle: there vectors run along the input's channels, and each result is
// the sum of as many chains as a vector has lanes.
enum { NAME(FEW_OUTPUTS) = WIDTH / 4, NAME(FEW_ROWS_AT_ONCE) = LANES == 4 ? 6 : 8 };

// A row of weights for each output channel.
static void NAME(pack_weight_rows)(const dk_convolution_arguments *a, const SCALAR *w, const int32_t *taps, int64_t p,
                                   int64_t depth, SCALAR *rows) {
  for (int64_t i = 0; i < depth; i++, p++) {
    const SCALAR *from = w + taps[p / a->inputs] + p % a->inputs * a->wInput;
    for (int64_t j = 0; j < a->outputs; j++) rows[j * depth + i] = from[j * a->wOutput];
  }
}

INLINE void NAME(dot_rows)(const int rows, const NAME(tile) *tile, const SCALAR *a, const SCALAR *weights, SCALAR *c) {
  VECTOR sum[8];
  EACH(i, rows) sum[i] = (VECTOR)(SCALAR)0;
  for (int64_t first = 0; first < tile->k; first += tile->run, weights += tile->run) {
    const SCALAR *from = a + tile->offsets[first / tile->run];
    int64_t p = 0;
    for (; p + WIDTH <= tile->run; p += WIDTH) {
      VECTOR weight = NAME(load_register)(weights + p);
      EACH(i, rows) sum[i] = MULTIPLY_ADD(weight, NAME(load_register)(from + i * tile->aRow + p), sum[i]);
    }
    for (; p < tile->run; p++) EACH(i, rows) sum[i][0] += weights[p] * from[i * tile->aRow + p];
  }
  EACH(i, rows) {
    SCALAR lanes[WIDTH];
    NAME(store_register)(lanes, sum[i]);
    for (int count = WIDTH / 2; count > 0; count /= 2) {
      for (int lane = 0; lane < count; lane++) lanes[lane] += lanes[lane + count];
    }
    c[i * tile->cRow] = tile->accumulate ? c[i * tile->cRow] + lanes[0] : lanes[0];
  }
}

static void NAME(dot_line)(const NAME(tile) *tile, int64_t rows, int64_t outputs, const SCALAR *a,
                           const SCALAR *weights, SCALAR *c) {
  for (int64_t j = 0; j < outputs; j++, weights += tile->k) {
    int64_t i = 0;
    for (; i + NAME(FEW_ROWS_AT_ONCE) <= rows; i += NAME(FEW_ROWS_AT_ONCE)) {
      NAME(dot_rows)(NAME(FEW_ROWS_AT_ONCE), tile, a + i * tile->aRow, weights, c + i * tile->cRow + j);
    }
    for (; i + 4 <= rows; i += 4) NAME(dot_rows)(4, tile, a + i * tile->aRow, weights, c + i * tile->cRow + j);
    for (; i < rows; i++) NAME(dot_rows)(1, tile, a + i * tile->aRow, weights, c + i * tile->cRow + j);
  }
  if (tile->finishes) NAME(finish)(tile, rows, outputs, c);
}

// Results of one phase in a block: `count` along every axis from `from` on, for some images.
typedef struct {
  int64_t group, image, images, from[3], count[3];
  span columns;
} NAME(block);

// How tiles take the weights: as they lie, in panels of columns, or each channel's in a row.
typedef enum { NAME(AS_THEY_LIE), NAME(IN_PANELS), NAME(IN_ROWS) } NAME(packing);

// What all lines of a phase of a block have in common.
typedef struct {
  NAME(packing) packing;
  int isByLines;
  int64_t rows, lines, along;     // results of a line, lines, and those of them that go along axis 2
  int64_t count[3], step[3];
} NAME(lines);

// All lines of a panel of columns.
static void NAME(convolve_lines)(const dk_convolution_arguments *a, const convolution_shape *shape,
                                 const NAME(workspace) *space, const NAME(lines) *of,
                                 const NAME(view) *view, NAME(tile) *tile, const SCALAR *weights, SCALAR *y) {
  for (int64_t line = 0; line < of->lines; line++) {
    int64_t q = line % of->along, i1 = line / of->along % of->count[1], i0 = line / of->along / of->count[1];
    const SCALAR *from = view->data + i0 * shape->axis[0].step * view->axis[0] +
                         i1 * shape->axis[1].step * view->axis[1] + q * shape->axis[2].step * view->axis[2];
    SCALAR *to = y + i0 * of->step[0] + i1 * of->step[1] + q * of->step[2];
    if (of->isByLines) NAME(convolve_interleaved)(tile, of->rows, a->outputs, from, weights, &space->order, to);
    else if (of->packing == NAME(IN_ROWS)) NAME(dot_line)(tile, of->rows, a->outputs, from, weights, to);
    else NAME(multiply_panel)(of->rows, GATHERED, tile, from, weights, to);
  }
}

static void NAME(convolve_phase)(const dk_convolution_arguments *a, const convolution_shape *shape,
                                 const NAME(block) *block, const int64_t phase[3], const NAME(view) *view,
                                 NAME(workspace) *space) {
  NAME(lines) lines;
  SCALAR *y = (SCALAR *)a->y + block->group * a->yGroup + block->image * a->yBatch;
  for (int i = 0; i < 3; i++) {
    int64_t phases = shape->axis[i].phases, results = (a->output[i] - phase[i] + phases - 1) / phases - block->from[i];
    lines.count[i] = results < block->count[i] ? results : block->count[i];
    if (lines.count[i] <= 0) return;
    lines.step[i] = phases * a->yAxis[i];
    y += (phase[i] + phases * block->from[i]) * a->yAxis[i];
  }
  const SCALAR *w = (const SCALAR *)a->w + block->group * a->wGroup;
  NAME(run) run = NAME(run_of)(a, view);
  int isListed = shape->packsOnce && space->taps >= 0 && space->axis[0] == view->axis[0] &&
                 space->axis[1] == view->axis[1];
  int isPacked = shape->packsOnce && space->group == block->group;
  if (!isListed) {
    space->taps = NAME(list_taps)(a, shape, phase, view, run, space);
    space->axis[0] = view->axis[0], space->axis[1] = view->axis[1];
  }
  int64_t k = space->taps * a->inputs;
  // A phase that meets no taps is one block of depth 0, which stores zeros.
  int64_t depth = k == 0 ? 1 : run.length * matmul_divide_evenly(k / run.length, shape->depth / run.length);
  // Rows of tiles go along axis 2 or across images; lines are what is left.
  lines.rows = shape->imagesAreRows ? block->images : lines.count[2];
  lines.along = shape->imagesAreRows ? lines.count[2] : 1;
  lines.lines = lines.count[0] * lines.count[1] * lines.along;
  int64_t rowStep = shape->imagesAreRows ? view->image : shape->axis[2].step * view->axis[2];
  int64_t start = block->columns.start, columns = block->columns.end - start;
  int isFew = a->outputs <= NAME(FEW_OUTPUTS) && run.stride == 1 && run.length >= WIDTH;
  lines.isByLines = convolution_is_by_lines(a) && a->outputs <= 2 * WIDTH;
  if (lines.isByLines && !isListed) NAME(list_lanes)(a->outputs, &space->order);
  NAME(tile) tile = {
    .aRow = rowStep, .aStep = rowStep, .aColumn = run.stride, .run = run.length,
    .cRow = shape->imagesAreRows ? a->yBatch : lines.step[2], .activation = a->activation,
  };
  // Weights that few results meet are not worth packing: of a block, or of all blocks if these share them.
  int isWhole = a->inputDilation[0] == 1 && a->inputDilation[1] == 1 && a->inputDilation[2] == 1;
  int64_t results = a->batch * a->output[0] * a->output[1] * a->output[2];
  int meetsFew = isWhole && (shape->packsOnce ? results : lines.rows * lines.lines) < 2 * WIDTH;
  for (int64_t p = 0; p < k || p == 0; p += depth) {
    tile.k = k - p < depth ? k - p : depth;
    tile.accumulate = p > 0, tile.offsets = space->offsets + p / run.length;
    tile.finishes = (a->bias || a->activation != DK_IDENTITY) && p + depth >= k;
    for (int64_t j = 0; j < columns; j += 2 * WIDTH) {
      int64_t width = columns - j < 2 * WIDTH ? columns - j : 2 * WIDTH;
      const SCALAR *from = w + start + j;
      SCALAR *panel = space->panel;
      if (shape->packsOnce) panel += p * ((columns + 2 * WIDTH - 1) / (2 * WIDTH) * (2 * WIDTH)) + j * tile.k;
      tile.width = (size_t)width;
      if (a->bias) tile.bias = (const SCALAR *)a->bias + start + j;
      lines.packing = isFew || lines.isByLines ? NAME(IN_ROWS) : NAME(IN_PANELS);
      if (!isFew && !lines.isByLines && meetsFew && (MASKED_TILES || width == 2 * WIDTH)) {
        lines.packing = NAME(AS_THEY_LIE);
      }
      tile.bRow = 2 * WIDTH;
      switch (lines.packing) {
        case NAME(AS_THEY_LIE): panel = NULL, tile.bRow = a->wInput; break;
        case NAME(IN_PANELS):
          if (!isPacked) NAME(pack_weights)(a, from, space->weights, p, tile.k, width, panel);
          break;
        case NAME(IN_ROWS):
          if (!isPacked) NAME(pack_weight_rows)(a, from, space->weights, p, tile.k, panel);
          tile.bRow = run.stride;
          break;
      }
      NAME(convolve_lines)(a, shape, space, &lines, view, &tile, panel ? panel : from + p * a->wInput,
                           y + start + j);
    }
  }
  space->group = block->group;
}

static void NAME(convolve_block)(const dk_convolution_arguments *a, const convolution_shape *shape,
                                 const NAME(block) *block, NAME(workspace) *space) {
  int64_t place[3], span[3];
  for (int i = 0; i < 3; i++) {
    const convolution_axis *axis = &shape->axis[i];
    place[i] = axis->first + block->from[i] * axis->step;
    span[i] = axis->last - axis->first + 1 + (block->count[i] - 1) * axis->step;
  }
  const SCALAR *x = (const SCALAR *)a->x + block->group * a->xGroup + block->image * a->xBatch;
  NAME(view) view = NAME(view_of)(a, shape, x, a->xBatch, a->inputs, block->images, place, span, space->copy);
  int64_t phase[3];
  for (phase[0] = 0; phase[0] < shape->axis[0].phases; phase[0]++) {
    for (phase[1] = 0; phase[1] < shape->axis[1].phases; phase[1]++) {
      for (phase[2] = 0; phase[2] < shape->axis[2].phases; phase[2]++) {
        NAME(convolve_phase)(a, shape, block, phase, &view, space);
      }
    }
  }
}

static void NAME(convolve_to_results)(const dk_convolution_arguments *a, const dk_context *context) {
  convolution_shape shape = shape_of_convolution(a);
  NAME(workspace) space = NAME(workspace_of)(a, &shape, context->scratch);
  int64_t most0 = shape.axis[0].most, most1 = shape.axis[1].most, most2 = shape.axis[2].most;
  int64_t imageBlocks = (a->batch + shape.images - 1) / shape.images;
  span rows = {0, a->groups * imageBlocks * most0 * most1}, columns = {0, a->outputs};
  if (rows.end >= 2 * context->parts) rows = span_of(rows.end, 1, context);
  else columns = span_of(a->outputs, 2 * WIDTH, context);
  if (most2 == 0 || columns.start >= columns.end) return;
  for (int64_t row = rows.start; row < rows.end;) {
    int64_t i1 = row % most1, i0 = row / most1 % most0, n = row / most1 / most0 % imageBlocks;
    NAME(block) block = {
      .group = row / most1 / most0 / imageBlocks, .image = n * shape.images, .from = {i0, i1, 0},
      .count = {1, shape.block[1], shape.block[2]}, .columns = columns,
    };
    block.images = a->batch - block.image < shape.images ? a->batch - block.image : shape.images;
    if (most1 - i1 < block.count[1]) block.count[1] = most1 - i1;
    if (rows.end - row < block.count[1]) block.count[1] = rows.end - row;
    for (int64_t i2 = 0; i2 < most2; i2 += shape.block[2]) {
      block.from[2] = i2, block.count[2] = most2 - i2 < shape.block[2] ? most2 - i2 : shape.block[2];
      NAME(convolve_block)(a, &shape, &block, &space);
    }
    row += block.count[1];
  }
}
