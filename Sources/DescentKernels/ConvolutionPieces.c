// Results from pixels on matrix tiles. A row of A's tile is the run of channels, of one tap or of taps side by side,
// that a result meets: every step of K is a tile of the copied input, whose rows lie a pixel apart, so that nothing is
// laid out but the input itself, once. Between lines of results lie sums that mean nothing and are not stored.

#include "ConvolutionPieces.h"
#include "Kernels.h"
#include "Tiles.h"

#if defined(__x86_64__) && defined(__linux__)

enum { PACKED_WEIGHTS = 1 << 19 };         // bfloat16 elements, where one panel is not more

// Up to 32 channels side by side in the copy, from a tap's channel on to those of the taps after it.
typedef struct { int32_t offset, tap, channel, count; } weight_step;

// The steps of one phase of results.
typedef struct { int32_t firstStep, steps; } phase_steps;

typedef struct {
  pieces_geometry geometry;
  int64_t steps, taps, phases, columns;    // columns of a band, whose weights are packed at once
  int pieces;
  int paired;                              // whether a step is 32 channels of a tap: pairs are then half a step apart
} plan;

// Lists the steps of a phase where `to` is not null; returns how many there are.
static int64_t list_steps(const dk_convolution_arguments *a, const pieces_geometry *geometry, const int64_t phase[3],
                          weight_step *to, int32_t *offsets, int32_t *weights, int64_t *taps) {
  int64_t steps = 0, tap[3], place[3];
  weight_step step = {.count = 32};
#define EACH_TAP(i)                                                                                                    \
  for (tap[i] = 0; tap[i] < a->window[i]; tap[i]++)                                                                    \
    if ((place[i] = pieces_tap_place(a, i, phase[i], tap[i])) % a->inputDilation[i] == 0)
  EACH_TAP(0) EACH_TAP(1) EACH_TAP(2) {
    const convolution_axis *axis = geometry->shape.axis;
    int64_t offset = a->inputs * pieces_place(geometry, place[0] / a->inputDilation[0] - axis[0].first,
                                              place[1] / a->inputDilation[1] - axis[1].first,
                                              place[2] / a->inputDilation[2] - axis[2].first);
    for (int64_t c = 0; c < a->inputs;) {
      if (step.count == 32 || offset + c != step.offset + step.count) {
        step = (weight_step){(int32_t)(offset + c), (int32_t)*taps, (int32_t)c, 0};
        steps++;
      }
      int64_t count = a->inputs - c < 32 - step.count ? a->inputs - c : 32 - step.count;
      step.count += (int32_t)count, c += count;
      if (to) to[steps - 1] = step, offsets[steps - 1] = step.offset;
    }
    if (to) weights[*taps] = (int32_t)(tap[0] * a->wAxis[0] + tap[1] * a->wAxis[1] + tap[2] * a->wAxis[2]);
    ++*taps;
  }
#undef EACH_TAP
  return steps;
}

typedef struct {
  float *sums;                             // of two blocks
  bfloat *weights, *copy;
  weight_step *steps;
  int32_t *offsets, *taps;                 // of every step in the copy, of every tap in the weights
  phase_steps *phases;
} workspace;

// Counts the steps of all phases, and lists them where there is a workspace.
static void list_phases(const dk_convolution_arguments *a, plan *plan, const workspace *space) {
  const convolution_axis *axis = plan->geometry.shape.axis;
  int64_t phase[3];
  plan->steps = plan->taps = plan->phases = 0;
  for (phase[0] = 0; phase[0] < axis[0].phases; phase[0]++) {
    for (phase[1] = 0; phase[1] < axis[1].phases; phase[1]++) {
      for (phase[2] = 0; phase[2] < axis[2].phases; phase[2]++) {
        int64_t first = plan->steps;
        plan->steps += list_steps(a, &plan->geometry, phase, space ? space->steps + first : 0,
                                  space ? space->offsets + first : 0, space ? space->taps : 0, &plan->taps);
        if (space) space->phases[plan->phases] = (phase_steps){(int32_t)first, (int32_t)(plan->steps - first)};
        plan->phases++;
      }
    }
  }
}

static plan plan_of(const dk_convolution_arguments *a) {
  plan plan = {.geometry = pieces_geometry_of(a), .pieces = pieces_of(a), .paired = a->inputs % PIECES_STEP == 0};
  list_phases(a, &plan, 0);
  int64_t panel = plan.steps * plan.pieces * 2 * TILE, most = panel ? PACKED_WEIGHTS / panel : 1;
  int64_t panels = (a->outputs + 31) / 32, bands = most ? (panels + most - 1) / most : panels;
  plan.columns = bands ? (panels + bands - 1) / bands * 32 : 32;
  return plan;
}

// Elements of a piece of the copy; rows of a tile may lie beyond the last result.
static int64_t elements_of_copy(const dk_convolution_arguments *a, const plan *plan) {
  return (plan->geometry.planes * plan->geometry.plane * a->inputs + 32 * a->inputs + 32 + 31) / 32 * 32;
}

static int64_t lay_out(const dk_convolution_arguments *a, const plan *plan, char *scratch, workspace *space) {
  int64_t used = 0, panels = plan->columns / 32;
  space->sums = pieces_take(scratch, &used, 2 * SUMS);
  space->weights = pieces_take(scratch, &used, panels * plan->steps * plan->pieces * 2 * TILE * (int64_t)sizeof(bfloat));
  space->copy = pieces_take(scratch, &used, plan->pieces * elements_of_copy(a, plan) * (int64_t)sizeof(bfloat));
  space->steps = pieces_take(scratch, &used, plan->steps * (int64_t)sizeof(weight_step));
  space->offsets = pieces_take(scratch, &used, plan->steps * (int64_t)sizeof(int32_t));
  space->taps = pieces_take(scratch, &used, plan->taps * (int64_t)sizeof(int32_t));
  space->phases = pieces_take(scratch, &used, plan->phases * (int64_t)sizeof(phase_steps));
  return used;
}

int64_t dk_convolution_pieces_scratch(const dk_convolution_arguments *a) {
  plan plan = plan_of(a);
  workspace space;
  return lay_out(a, &plan, 0, &space);
}

static double nanoseconds(const dk_convolution_arguments *a) {
  plan plan = plan_of(a);
  const pieces_geometry *geometry = &plan.geometry;
  const convolution_axis *axis = geometry->shape.axis;
  int64_t lines = a->groups * a->batch * axis[0].most, blocks = (axis[1].most + geometry->shape.block[1] - 1);
  blocks = lines * (blocks / (geometry->shape.block[1] > 0 ? geometry->shape.block[1] : 1));
  int64_t rows = pieces_tiles(axis[1].most * geometry->length[2]) * lines;
  double copied = (double)blocks * (double)(geometry->plane * geometry->planes * a->inputs);
  double bands = plan.columns > 0 ? (double)((a->outputs + plan.columns - 1) / plan.columns) : 0;
  double weights = (double)(a->groups * plan.steps * 32 * a->outputs), results = (double)rows * 16 * (double)a->outputs;
  double tiles = (double)(rows * plan.steps * pieces_tiles(a->outputs)) * pieces_slowdown(a->outputs);
  return pieces_tile_nanoseconds(a) * tiles + 0.2 * results + pieces_packed_nanoseconds(a) * (bands * copied + weights);
}

double dk_convolution_pieces_nanoseconds(const dk_convolution_arguments *a) {
  return a->overPixels ? dk_convolution_pieces_over_pixels_nanoseconds(a) : nanoseconds(a);
}

static int64_t elements_of_weights(const dk_convolution_arguments *a, const plan *plan) {
  return (a->outputs + 31) / 32 * plan->steps * plan->pieces * 2 * TILE;
}

int64_t dk_convolution_pieces_packed(const dk_convolution_arguments *a) {
  plan plan = plan_of(a);
  return a->groups * elements_of_weights(a, &plan);
}

TILES_BEGIN

DEFINE_BLOCKS(blocks, right = places_in_panel(right.data))

// Columns [j, j + width) of all steps, panel after panel, phase after phase within a panel.
static void pack_weights(const dk_convolution_arguments *a, const plan *plan, const float *w, int64_t j, int64_t width,
                         const workspace *space) {
  bfloat *to = space->weights;
  for (int64_t column = j; column < j + width; column += 32) {
    __mmask16 low = first(a->outputs - column), high = first(a->outputs - column - 16);
    for (int64_t s = 0; s < plan->steps; s++, to += plan->pieces * 2 * TILE) {
      weight_step step = space->steps[s];
      const float *rows[32];
      for (int p = 0; p < 32; p++) {
        rows[p] = p < step.count ? w + space->taps[step.tap] + step.channel * a->wInput + column : 0;
        if (++step.channel == a->inputs) step.channel = 0, step.tap++;
      }
      for (int p = 0; p < 16; p++) {
        const float *row = rows[plan->paired ? p : 2 * p], *other = rows[plan->paired ? p + 16 : 2 * p + 1];
        for (int t = 0; t < 2; t++) {
          __mmask16 mask = t ? high : low;
          __m512 x = row ? _mm512_maskz_loadu_ps(mask, row + 16 * t) : _mm512_setzero_ps();
          __m512 y = other ? _mm512_maskz_loadu_ps(mask, other + 16 * t) : _mm512_setzero_ps();
          store_pieces(x, y, 1, plan->pieces, to + 32 * p + t * TILE, 2 * TILE);
        }
      }
    }
  }
}

void dk_pack_convolution_pieces(const dk_convolution_arguments *a, uint16_t *packed, void *scratch) {
  plan plan = plan_of(a);
  workspace space;
  lay_out(a, &plan, scratch, &space);
  list_phases(a, &plan, &space);
  space.weights = packed;
  for (int64_t g = 0; g < a->groups; g++, space.weights += elements_of_weights(a, &plan)) {
    pack_weights(a, &plan, (const float *)a->w + g * a->wGroup, 0, a->outputs, &space);
  }
}

INLINE void cut_run(const float *from, int64_t count, int paired, int pieces, bfloat *to, int64_t piece) {
  for (int64_t i = 0; paired && i < count; i += 32) {
    store_pieces(_mm512_loadu_ps(from + i), _mm512_loadu_ps(from + i + 16), 1, pieces, to + i, piece);
  }
  for (int64_t i = 0; !paired && i < count; i += 32) {
    __m512 low = _mm512_maskz_loadu_ps(first(count - i), from + i);
    __m512 high = _mm512_maskz_loadu_ps(first(count - i - 16), from + i + 16);
    store_first_pieces(count - i, low, high, 0, pieces, to + i, piece);
  }
}

// Results of one image, or of some of its lines.
typedef struct { int64_t group, image, from[3], count[3]; } block;

// The part of the input that a block meets, zeros around it. What earlier blocks left around theirs is kept where the
// next covers the same places.
static void copy_input(const dk_convolution_arguments *a, const plan *plan, const block *block, bfloat *to,
                       int64_t covered[6]) {
  const pieces_geometry *geometry = &plan->geometry;
  const convolution_axis *axis = geometry->shape.axis;
  int64_t piece = elements_of_copy(a, plan), place[3], start[3], end[3];
  for (int i = 0; i < 3; i++) {
    place[i] = axis[i].first + block->from[i] * axis[i].step;
    int64_t span = axis[i].last - axis[i].first + 1 + (block->count[i] - 1) * axis[i].step;
    start[i] = place[i] < 0 ? -place[i] : 0;
    end[i] = a->input[i] - place[i] < span ? a->input[i] - place[i] : span;
  }
  int isCovered = 1;
  for (int i = 0; i < 3; i++) isCovered &= covered[2 * i] == start[i] && covered[2 * i + 1] == end[i];
  if (!isCovered) __builtin_memset(to, 0, sizeof(bfloat) * (size_t)(plan->pieces * piece));
  for (int i = 0; i < 3; i++) covered[2 * i] = start[i], covered[2 * i + 1] = end[i];
  const float *x = (const float *)a->x + block->group * a->xGroup + block->image * a->xBatch;
  int isRun = axis[2].step == 1 && (a->xAxis[2] == a->inputs || end[2] - start[2] == 1);
  for (int64_t p0 = start[0]; p0 < end[0]; p0++) {
    for (int64_t p1 = start[1]; p1 < end[1]; p1++) {
      if (!pieces_place_is_used(geometry, 0, p0) || !pieces_place_is_used(geometry, 1, p1)) continue;
      const float *line = x + (place[0] + p0) * a->xAxis[0] + (place[1] + p1) * a->xAxis[1] + place[2] * a->xAxis[2];
      if (isRun) {
        if (end[2] <= start[2]) continue;
        cut_run(line + start[2] * a->xAxis[2], (end[2] - start[2]) * a->inputs, plan->paired, plan->pieces,
                to + pieces_place(geometry, p0, p1, start[2]) * a->inputs, piece);
        continue;
      }
      for (int64_t p2 = start[2]; p2 < end[2]; p2++) {
        if (!pieces_place_is_used(geometry, 2, p2)) continue;
        cut_run(line + p2 * a->xAxis[2], a->inputs, plan->paired, plan->pieces,
                to + pieces_place(geometry, p0, p1, p2) * a->inputs, piece);
      }
    }
  }
}

// Sums of infinite or overflowing pieces are not what the numbers' own chain gives: such a result is computed as that.
static __attribute__((noinline)) float chain_of(const dk_convolution_arguments *a, const block *block,
                                                const int64_t result[3], int64_t j) {
  const float *x = (const float *)a->x + block->group * a->xGroup + block->image * a->xBatch;
  const float *w = (const float *)a->w + block->group * a->wGroup + j;
  int pieces = pieces_of(a);
  float chain = 0;
  int64_t tap[3], place[3];
#define EACH_TAP(i)                                                                                                    \
  for (tap[i] = 0; tap[i] < a->window[i]; tap[i]++)                                                                    \
    if ((place[i] = pieces_tap_place(a, i, result[i], tap[i])) >= 0 && place[i] % a->inputDilation[i] == 0 &&          \
        place[i] / a->inputDilation[i] < a->input[i])
  EACH_TAP(0) EACH_TAP(1) EACH_TAP(2) {
    const float *from = x, *weights = w;
    for (int i = 0; i < 3; i++) from += place[i] / a->inputDilation[i] * a->xAxis[i], weights += tap[i] * a->wAxis[i];
    for (int64_t c = 0; c < a->inputs; c++) {
      chain = __builtin_fmaf(multiplied(pieces, from[c]), multiplied(pieces, weights[c * a->wInput]), chain);
    }
  }
#undef EACH_TAP
  return chain;
}

INLINE __m512 finished(const dk_convolution_arguments *a, __m512 x, __m512 bias) {
  if (a->bias) x = _mm512_add_ps(x, bias);
  if (a->activation != DK_RELU) return x;
  return _mm512_mask_mov_ps(x, _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LE_OQ), _mm512_setzero_ps());
}

// The last block multiplied, whose sums are stored where they are results while the next is multiplied.
typedef struct {
  side_work side;
  const dk_convolution_arguments *a;
  int64_t line;                            // places of a line of the copy
  block block;
  int64_t phase[3], phases[3], count[3], j;
  __m512 bias[2];
  float *sums;
  int64_t row, rows, i1, i2;               // the next row, of how many, and its place
} finishing;

enum { ROWS_AT_ONCE = 2 };                 // stored in a unit of side work

static __attribute__((noinline)) void repair(const finishing *last, const int64_t result[3], unsigned isBroken,
                                             int64_t column, float *y) {
  for (; isBroken; isBroken &= isBroken - 1) {
    int lane = __builtin_ctz(isBroken);
    int64_t j = last->j + column + lane;
    float addend = last->a->bias ? ((const float *)last->a->bias)[j] : 0;
    __m512 chain = _mm512_set1_ps(chain_of(last->a, &last->block, result, j));
    y[column + lane] = _mm512_cvtss_f32(finished(last->a, chain, _mm512_set1_ps(addend)));
  }
}

static void finish_rows(side_work *side) {
  finishing *last = (void *)side;          // its first member
  const dk_convolution_arguments *a = last->a;
  for (int i = 0; i < ROWS_AT_ONCE && last->row < last->rows; i++, last->row++) {
    if (last->i2 < last->count[2]) {
      int64_t place[3] = {0, last->i1, last->i2}, result[3];
      float *y = (float *)a->y + last->block.group * a->yGroup + last->block.image * a->yBatch + last->j;
      for (int axis = 0; axis < 3; axis++) {
        result[axis] = last->phase[axis] + last->phases[axis] * (last->block.from[axis] + place[axis]);
        y += result[axis] * a->yAxis[axis];
      }
      for (int64_t column = 0; column < 32; column += 16) {
        __mmask16 mask = first(a->outputs - last->j - column);
        if (!mask) break;
        __m512 x = _mm512_load_ps(sums_at(last->sums, last->row, column));
        _mm512_mask_storeu_ps(y + column, mask, finished(a, x, last->bias[column / 16]));
        __mmask16 isBroken = broken(mask, x);
        if (isBroken) repair(last, result, isBroken, column, y);
      }
    }
    if (++last->i2 == last->line) last->i2 = 0, last->i1++;
  }
}

static void finish_next(finishing *last, const block *block, const int64_t phase[3], const int64_t count[3],
                        int64_t start, int64_t rows, int64_t j) {
  const dk_convolution_arguments *a = last->a;
  last->block = *block, last->j = j;
  for (int i = 0; i < 3; i++) last->phase[i] = phase[i], last->count[i] = count[i];
  for (int64_t t = 0; t < 2 && a->bias; t++) {
    last->bias[t] = _mm512_maskz_loadu_ps(first(a->outputs - j - 16 * t), (const float *)a->bias + j + 16 * t);
  }
  last->row = 0, last->rows = rows, last->i1 = start / last->line, last->i2 = start % last->line;
  last->side.units = (rows + ROWS_AT_ONCE - 1) / ROWS_AT_ONCE;
}

static void convolve_phase(const dk_convolution_arguments *a, const plan *plan, const block *block,
                           const int64_t phase[3], const phase_steps *steps, int64_t j, const workspace *space,
                           finishing *last) {
  int64_t count[3];
  for (int i = 0; i < 3; i++) {
    int64_t phases = plan->geometry.shape.axis[i].phases;
    int64_t results = (a->output[i] - phase[i] + phases - 1) / phases - block->from[i];
    count[i] = results < block->count[i] ? results : block->count[i];
    if (count[i] <= 0) return;
  }
  int64_t end = (count[1] - 1) * plan->geometry.length[2] + count[2];
  int64_t group = plan->pieces * 2 * TILE, columns = a->outputs - j < plan->columns ? a->outputs - j : plan->columns;
  tile_places left = {
    .offsets = space->offsets + steps->firstStep, .line = a->inputs * (int64_t)sizeof(bfloat),
    .second = 16 * a->inputs, .plane = elements_of_copy(a, plan),
  };
  for (int64_t column = 0; column < columns; column += 32) {
    const bfloat *panel = space->weights + (column / 32 * plan->steps + steps->firstStep) * group;
    for (int64_t start = 0; start < end; start += 32) {
      int64_t rows = end - start < 32 ? end - start : 32;
      float *sums = last->sums == space->sums ? space->sums + SUMS / (int64_t)sizeof(float) : space->sums;
      left.data = space->copy + start * a->inputs;
      blocks[plan->pieces == 3][rows > 16][columns - column > 16](
        steps->steps, left, places_in_panel(panel), sums, &last->side);
      end_work(&last->side);
      last->sums = sums;
      finish_next(last, block, phase, count, start, rows, j + column);
    }
  }
}

static void convolve_block(const dk_convolution_arguments *a, const plan *plan, const block *block, int64_t j,
                           int64_t covered[6], const workspace *space, finishing *last) {
  const convolution_axis *axis = plan->geometry.shape.axis;
  const phase_steps *steps = space->phases;
  copy_input(a, plan, block, space->copy, covered);
  int64_t phase[3];
  for (phase[0] = 0; phase[0] < axis[0].phases; phase[0]++) {
    for (phase[1] = 0; phase[1] < axis[1].phases; phase[1]++) {
      for (phase[2] = 0; phase[2] < axis[2].phases; phase[2]++) {
        convolve_phase(a, plan, block, phase, steps++, j, space, last);
      }
    }
  }
}

void dk_convolution_pieces(const dk_convolution_arguments *a, const dk_context *context) {
  plan plan = plan_of(a);
  workspace space;
  lay_out(a, &plan, context->scratch, &space);
  list_phases(a, &plan, &space);
  const convolution_shape *shape = &plan.geometry.shape;
  int64_t most0 = shape->axis[0].most, most1 = shape->axis[1].most, most2 = shape->axis[2].most;
  int64_t each = a->batch * most0 * most1, lines = a->groups * each;
  int64_t start = lines * context->part / context->parts, end = lines * (context->part + 1) / context->parts;
  int64_t covered[6] = {-1, -1, -1, -1, -1, -1};
  if (most2 == 0 || start >= end) return;
  finishing last = {.side.next = finish_rows, .a = a, .line = plan.geometry.length[2]};
  for (int i = 0; i < 3; i++) last.phases[i] = shape->axis[i].phases;
  configure_tiles();
  for (int64_t g = start / each; g * each < end; g++) {
    int64_t from = start > g * each ? start - g * each : 0, to = end - g * each < each ? end - g * each : each;
    for (int64_t j = 0; j < a->outputs; j += plan.columns) {
      int64_t width = a->outputs - j < plan.columns ? a->outputs - j : plan.columns;
      if (a->packed) {
        space.weights = (bfloat *)a->packed + g * elements_of_weights(a, &plan) +
                        j / 32 * plan.steps * plan.pieces * 2 * TILE;
      } else {
        pack_weights(a, &plan, (const float *)a->w + g * a->wGroup, j, width, &space);
      }
      for (int64_t line = from; line < to;) {
        int64_t i1 = line % most1, i0 = line / most1 % most0;
        block block = {g, line / most1 / most0, {i0, i1, 0}, {1, shape->block[1], 0}};
        if (most1 - i1 < block.count[1]) block.count[1] = most1 - i1;
        if (to - line < block.count[1]) block.count[1] = to - line;
        for (int64_t i2 = 0; i2 < most2; i2 += shape->block[2]) {
          block.from[2] = i2, block.count[2] = most2 - i2 < shape->block[2] ? most2 - i2 : shape->block[2];
          convolve_block(a, &plan, &block, j, covered, &space, &last);
        }
        line += block.count[1];
      }
    }
  }
  _tile_release();
  end_work(&last.side);
}
TILES_END

#else
double dk_convolution_pieces_nanoseconds(const dk_convolution_arguments *a) { return (void)a, 0; }
#endif
