// Sums over pixels on matrix tiles: a row of A's tile is an output channel, a column of B's an input channel, and the
// pixels that are summed over lie in pairs. A tap's tiles of the input begin some places further on than another's; the
// input is copied twice, in pairs from even and from odd places on, so that the tiles of all taps fill whole lines of
// memory. Cotangents are packed once for all taps; between lines of them lie zeros.

#include "ConvolutionPieces.h"
#include "Kernels.h"
#include "Tiles.h"

#if defined(__x86_64__) && defined(__linux__)

enum { PIXELS_AT_ONCE = 512, COPY_ELEMENTS = 1 << 17 };

// Units of work are blocks of a tap, up to 32 input and `width` output channels, taps first.
typedef struct {
  pieces_geometry geometry;
  int64_t images;                          // copied at once
  int64_t taps, rows, columns, width;      // taps, blocks of input channels and of output channels
  int64_t image, places;                   // places of an image, an even number; pairs begin at so many places
  int64_t channels, piece, parity;         // elements of the copy: of 16 channels, of a piece, of pairs from even places on
  int64_t line, steps;                     // pixels with the zeros between lines; steps of K of an image
  int pieces;
} plan;

static plan plan_of(const dk_convolution_arguments *a, int32_t parts) {
  plan plan = {.geometry = pieces_geometry_of(a), .images = 1, .pieces = pieces_of(a)};
  const pieces_geometry *geometry = &plan.geometry;
  plan.image = (geometry->planes * geometry->plane + 1) / 2 * 2;
  plan.line = geometry->length[2];
  int64_t pixels = (geometry->shape.block[1] - 1) * plan.line + geometry->shape.block[2];
  plan.steps = pixels > 0 ? (pixels + PIECES_STEP - 1) / PIECES_STEP : 0;
  if (a->window[0] == 1 && geometry->shape.block[1] >= a->window[1]) {
    plan.images = PIXELS_AT_ONCE / (plan.steps * PIECES_STEP + 1) + 1;
    int64_t most = COPY_ELEMENTS / (plan.image * a->batch + 1) + 1;
    if (plan.images > most) plan.images = most;
    if (plan.images > a->inputs) plan.images = a->inputs;
  }
  plan.taps = a->output[0] * a->output[1] * a->output[2];
  plan.rows = (a->batch + 31) / 32;
  plan.width = a->outputs > 16 && (a->outputs + 31) / 32 < parts ? 16 : 32;
  plan.columns = (a->outputs + plan.width - 1) / plan.width;
  plan.places = plan.images * plan.image + 2 * PIECES_STEP;  // tiles reach beyond the last pixel
  plan.channels = plan.places * 16;
  plan.piece = plan.rows * 2 * plan.channels;
  plan.parity = plan.pieces * plan.piece;
  return plan;
}

// A single tap meets even places only.
static int64_t parities(const plan *plan) { return plan->taps > 1 ? 2 : 1; }

typedef struct {
  float *sums;
  bfloat *copy, *cotangents;
  const float **places;
  int32_t *offsets;
} workspace;

static int64_t lay_out(const plan *plan, char *scratch, workspace *space) {
  int64_t used = 0, steps = plan->images * plan->steps;
  space->sums = pieces_take(scratch, &used, SUMS);
  space->copy = pieces_take(scratch, &used, parities(plan) * plan->parity * (int64_t)sizeof(bfloat));
  space->cotangents = pieces_take(scratch, &used, plan->columns * steps * plan->pieces * 2 * TILE * (int64_t)sizeof(bfloat));
  space->places = pieces_take(scratch, &used, (plan->places + 1) * (int64_t)sizeof(float *));
  space->offsets = pieces_take(scratch, &used, steps * (int64_t)sizeof(int32_t));
  return used;
}

int64_t dk_convolution_pieces_over_pixels_scratch(const dk_convolution_arguments *a) {
  workspace space;
  // Narrower columns are more of them.
  plan wide = plan_of(a, 1), narrow = plan_of(a, INT32_MAX);
  int64_t ofWide = lay_out(&wide, 0, &space), ofNarrow = lay_out(&narrow, 0, &space);
  return ofWide > ofNarrow ? ofWide : ofNarrow;
}

double dk_convolution_pieces_over_pixels_nanoseconds(const dk_convolution_arguments *a) {
  plan plan = plan_of(a, 1);
  int64_t rows = plan.geometry.shape.block[1] > 0 ? plan.geometry.shape.block[1] : 1;
  int64_t blocks = a->groups * a->inputs * a->window[0] * ((a->window[1] + rows - 1) / rows);
  double tiles = (double)(plan.taps * pieces_tiles(a->batch) * pieces_tiles(a->outputs));
  tiles *= pieces_slowdown(a->batch) * pieces_slowdown(a->outputs);
  double packed = (double)(2 * plan.image * a->batch + plan.steps * 32 * a->outputs);
  double added = (double)(plan.taps * a->batch * a->outputs) / (double)plan.images;
  return (double)blocks * (pieces_tile_nanoseconds(a) * tiles * (double)plan.steps +
                           pieces_packed_nanoseconds(a) * packed + 0.1 * added);
}

TILES_BEGIN

DEFINE_BLOCKS(blocks, left = places_in_panel(left.data), right.line = 64)

// Some lines of the pixels of some images.
typedef struct { int64_t group, image, images, plane, from, count; } block;

// Where the places of the copy are in the input; null beyond it.
static void find_places(const dk_convolution_arguments *a, const plan *plan, const block *block, const float **to) {
  const pieces_geometry *geometry = &plan->geometry;
  const convolution_axis *axis = geometry->shape.axis;
  const int64_t *step = geometry->step, *length = geometry->length;
  int64_t from[3] = {axis[0].first + block->plane * step[0], axis[1].first + block->from * step[1], axis[2].first};
  const float **end = to + plan->places + 1;
  int64_t residue[3], i[3];
#define EACH(what, axis, count) for (what[axis] = 0; what[axis] < (count)[axis]; what[axis]++)
#define IS_INSIDE(axis) ((uint64_t)(place[axis] = from[axis] + residue[axis] + i[axis] * step[axis]) < (uint64_t)a->input[axis])
  for (int64_t image = 0; image < block->images; image++) {
    const float *x = (const float *)a->x + block->group * a->xGroup + (block->image + image) * a->xInput;
    const float **next = to + plan->image;
    int64_t place[3];
    EACH(residue, 0, step) EACH(residue, 1, step) EACH(residue, 2, step) EACH(i, 0, length) EACH(i, 1, length) {
      int isInside = IS_INSIDE(0) && IS_INSIDE(1);
      const float *line = isInside ? x + place[0] * a->xAxis[0] + place[1] * a->xAxis[1] : 0;
      EACH(i, 2, length) *to++ = isInside && IS_INSIDE(2) ? line + place[2] * a->xAxis[2] : 0;
    }
    while (to < next) *to++ = 0;
  }
#undef IS_INSIDE
#undef EACH
  while (to < end) *to++ = 0;
}

INLINE __m512 load_part(const float *from, __mmask16 mask) {
  return from ? _mm512_maskz_loadu_ps(mask, from) : _mm512_setzero_ps();
}
INLINE const float *at(const float *from, int64_t channel) { return from ? from + channel : 0; }

// Channels [start, end) of the input at these places, zeros where there is none.
static void copy_channels(const dk_convolution_arguments *a, const plan *plan, const float *const *places,
                          int64_t start, int64_t end, bfloat *to) {
  int64_t both = parities(plan) > 1;
  for (int64_t c = start; c < end; c += 16) {
    __mmask16 mask = first(a->batch - c);
    bfloat *pairs = to + c / 16 * plan->channels;
    __m512 even = load_part(at(places[0], c), mask);
    for (int64_t p = 0; p < plan->places; p += 2, pairs += 32) {
      __m512 odd = load_part(at(places[p + 1], c), mask), next = load_part(at(places[p + 2], c), mask);
      store_pieces(even, odd, 1, plan->pieces, pairs, plan->piece);
      if (both) store_pieces(odd, next, 1, plan->pieces, pairs + plan->parity, plan->piece);
      even = next;
    }
  }
}

// Columns [start, end) of the cotangents of a block, all steps of one column after the other.
static void pack_cotangents(const dk_convolution_arguments *a, const plan *plan, const block *block, int64_t start,
                            int64_t end, bfloat *to) {
  int64_t group = plan->pieces * 2 * TILE;
  for (int64_t image = 0; image < block->images; image++) {
    const float *w = (const float *)a->w + block->group * a->wGroup + (block->image + image) * a->wInput +
                     block->plane * a->wAxis[0] + block->from * a->wAxis[1];
    for (int64_t s = 0; s < plan->steps; s++) {
      const float *rows[32];
      int64_t i1 = s * PIECES_STEP / plan->line, i2 = s * PIECES_STEP % plan->line;
      for (int i = 0; i < 32; i++) {
        rows[i] = i1 < block->count && i2 < a->window[2] ? w + i1 * a->wAxis[1] + i2 * a->wAxis[2] : 0;
        if (++i2 == plan->line) i2 = 0, i1++;
      }
      bfloat *panel = to + (image * plan->steps + s) * group;
      for (int64_t j = start; j < end; j++, panel += plan->images * plan->steps * group) {
        for (int64_t t = 0; t < plan->width / 16; t++) {
          int64_t column = j * plan->width + 16 * t;
          __mmask16 mask = first(a->outputs - column);
          __m512 low[16], high[16];
          for (int i = 0; i < 16; i++) {
            low[i] = load_part(at(rows[i], column), mask);
            high[i] = load_part(at(rows[16 + i], column), mask);
          }
          transpose_square(low);
          transpose_square(high);
          for (int i = 0; i < 16; i++) {
            store_pieces(low[i], high[i], 0, plan->pieces, panel + t * TILE + 32 * i, 2 * TILE);
          }
        }
      }
    }
  }
}

// Sums of infinite or overflowing pieces are not what the numbers' own chain gives: such an element is computed as that.
static __attribute__((noinline)) float chain_of(const dk_convolution_arguments *a, int64_t g, const int64_t tap[3],
                                                int64_t c, int64_t j) {
  const float *x = (const float *)a->x + g * a->xGroup + c * a->xBatch;
  const float *w = (const float *)a->w + g * a->wGroup + j;
  int pieces = pieces_of(a);
  float chain = 0;
  int64_t pixel[3], place[3];
#define EACH_PIXEL(i)                                                                                                  \
  for (pixel[i] = 0; pixel[i] < a->window[i]; pixel[i]++)                                                              \
    if ((place[i] = pieces_tap_place(a, i, 0, tap[i]) + pixel[i] * a->windowDilation[i]) >= 0 && place[i] < a->input[i])
  for (int64_t n = 0; n < a->inputs; n++, x += a->xInput, w += a->wInput) {
    EACH_PIXEL(0) EACH_PIXEL(1) EACH_PIXEL(2) {
      const float *from = x, *cotangent = w;
      for (int i = 0; i < 3; i++) from += place[i] * a->xAxis[i], cotangent += pixel[i] * a->wAxis[i];
      chain = __builtin_fmaf(multiplied(pieces, *from), multiplied(pieces, *cotangent), chain);
    }
  }
#undef EACH_PIXEL
  return chain;
}

// Adds a block's sums [output, input] to the result [input, output]; finishes the elements with the last block.
static void add_sums(const dk_convolution_arguments *a, int64_t g, const int64_t tap[3], int64_t c, int64_t j,
                     int64_t width, int isFirst, int isLast, float *sums) {
  float *y = (float *)a->y + g * a->yGroup + tap[0] * a->yAxis[0] + tap[1] * a->yAxis[1] + tap[2] * a->yAxis[2];
  for (int64_t t = 0; t < width; t += 16) {
    __mmask16 mask = first(a->outputs - j - t);
    for (int64_t half = c; half < c + 32 && half < a->batch; half += 16) {
      __m512 square[16];
      for (int i = 0; i < 16; i++) square[i] = _mm512_load_ps(sums_at(sums, t + i, half - c));
      transpose_square(square);
      unsigned isBroken = 0;
      for (int64_t i = 0; i < 16; i++) {
        float *to = y + (half + i) * a->yBatch + j + t;
        if (half + i >= a->batch) break;
        if (!isFirst) square[i] = _mm512_add_ps(square[i], _mm512_maskz_loadu_ps(mask, to));
        isBroken |= broken(mask, square[i]);
        _mm512_mask_storeu_ps(to, mask, square[i]);
      }
      if (!isBroken || !isLast) continue;
      for (int64_t row = half; row < half + 16 && row < a->batch; row++) {
        for (int64_t column = j + t; column < j + t + 16 && column < a->outputs; column++) {
          float *to = y + row * a->yBatch + column;
          if (!__builtin_isfinite(*to)) *to = chain_of(a, g, tap, row, column);
        }
      }
    }
  }
}

// What the pixels of a block add to units [start, end).
static void add_block(const dk_convolution_arguments *a, const plan *plan, const block *block, int64_t start,
                      int64_t end, int isFirst, int isLast, const workspace *space) {
  int64_t each = plan->taps * plan->rows, firstColumn = start / each, lastColumn = (end - 1) / each;
  int isOneColumn = firstColumn == lastColumn, steps = block->images * plan->steps;
  int64_t firstRow = isOneColumn ? start / plan->taps % plan->rows : 0;
  int64_t lastRow = isOneColumn ? (end - 1) / plan->taps % plan->rows : plan->rows - 1;
  int64_t channels = 32 * (lastRow + 1) < a->batch ? 32 * (lastRow + 1) : a->batch;
  find_places(a, plan, block, space->places);
  copy_channels(a, plan, space->places, 32 * firstRow, channels, space->copy);
  pack_cotangents(a, plan, block, firstColumn, lastColumn + 1, space->cotangents);
  for (int64_t unit = start; unit < end; unit++) {
    int64_t tap = unit % plan->taps, row = unit / plan->taps % plan->rows, column = unit / each;
    int64_t taps[3] = {tap / a->output[2] / a->output[1], tap / a->output[2] % a->output[1], tap % a->output[2]};
    int64_t place[3], c = 32 * row, j = column * plan->width;
    for (int i = 0; i < 3; i++) place[i] = pieces_tap_place(a, i, 0, taps[i]) - plan->geometry.shape.axis[i].first;
    int64_t from = pieces_place(&plan->geometry, place[0], place[1], place[2]);
    tile_places right = {
      .data = space->copy + from % 2 * plan->parity + 2 * row * plan->channels + from / 2 * 32,
      .offsets = space->offsets, .line = 64, .second = plan->channels, .plane = plan->piece,
    };
    int isTall = plan->width > 16 && a->outputs - j > 16;
    const bfloat *panel =
      space->cotangents + (column - firstColumn) * plan->images * plan->steps * plan->pieces * 2 * TILE;
    side_work idle = {0};
    block_function multiply = blocks[plan->pieces == 3][isTall][a->batch - c > 16];
    multiply(steps, places_in_panel(panel), right, space->sums, &idle);
    add_sums(a, block->group, taps, c, j, isTall ? 32 : 16, isFirst, isLast, space->sums);
  }
}

void dk_convolution_pieces_over_pixels(const dk_convolution_arguments *a, const dk_context *context) {
  plan plan = plan_of(a, context->parts);
  workspace space;
  lay_out(&plan, context->scratch, &space);
  int64_t each = plan.taps * plan.rows * plan.columns, units = a->groups * each;
  int64_t start = units * context->part / context->parts, end = units * (context->part + 1) / context->parts;
  if (start >= end) return;
  configure_tiles();
  for (int64_t i = 0; i < plan.images * plan.steps; i++) {
    space.offsets[i] = (int32_t)((i / plan.steps * plan.image + i % plan.steps * PIECES_STEP) / 2 * 32);
  }
  int64_t rows = plan.geometry.shape.block[1], lines = (a->window[1] + rows - 1) / rows;
  for (int64_t g = start / each; g * each < end; g++) {
    int64_t from = start > g * each ? start - g * each : 0, to = end - g * each < each ? end - g * each : each;
    for (int64_t n = 0; n < a->inputs; n += plan.images) {
      int64_t images = a->inputs - n < plan.images ? a->inputs - n : plan.images;
      for (int64_t i = 0; i < a->window[0] * lines; i++) {
        block block = {g, n, images, i / lines, i % lines * rows, rows};
        if (a->window[1] - block.from < rows) block.count = a->window[1] - block.from;
        int isLast = n + images == a->inputs && i == a->window[0] * lines - 1;
        add_block(a, &plan, &block, from, to, n == 0 && i == 0, isLast, &space);
      }
    }
  }
  _tile_release();
}
TILES_END

#endif
