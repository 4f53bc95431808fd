// Lays out a side of a product for matrix tiles, in small units that vectors do while tiles multiply.

#ifndef DESCENT_PANEL_PACKING_H
#define DESCENT_PANEL_PACKING_H

#include "Tiles.h"

#if defined(__x86_64__) && defined(__linux__)
TILES_BEGIN

// A panel of up to 32 rows of A, or columns of B, which are its lines: for every step of K its pieces' two tiles. Of A
// a tile has a row of memory for each line and all of the step's K in it, of B one for each pair of K and in it the
// pairs of all lines. Pairs are elements half a step apart, which takes fewer instructions than neighbours.
typedef struct panel_packing {
  void (*next)(struct panel_packing *);      // packs a unit
  int64_t units;                             // left
  const float *from;                         // of the step under way
  int64_t stride, count, depth;              // from what lies side by side to the next; lines; K left
  bfloat *to;
  int64_t unit;                              // of the step
  int pieces;
} panel_packing;

// What is needed soon: what the same unit of the next panel reads, and memory that a later unit of this one writes.
INLINE void fetch(const float *from) { _mm_prefetch((const char *)from, _MM_HINT_T1); }
INLINE void own(const panel_packing *panel, int64_t step, int64_t line) {
  bfloat *to = panel->to + step * panel->pieces * 2 * TILE + 32 * line;
  for (int i = 0; i < panel->pieces; i++) __builtin_prefetch(to + i * 2 * TILE, 1);
}

INLINE void step_on(panel_packing *panel, int64_t unitsOfStep, int64_t elements) {
  if (++panel->unit < unitsOfStep) return;
  panel->unit = 0, panel->from += elements, panel->depth -= PIECES_STEP;
  panel->to += panel->pieces * 2 * TILE;
}

// A unit is a row of memory of both tiles.
INLINE void own_unit(const panel_packing *panel, int64_t unit) {
  own(panel, unit / 16, unit % 16);
  own(panel, unit / 16, 16 + unit % 16);
}
INLINE void pack_along(panel_packing *panel, const int isFull) {
  int64_t i = panel->unit;
  own_unit(panel, i + 4);
  __mmask16 low = isFull ? 0xFFFF : first(panel->depth), high = isFull ? 0xFFFF : first(panel->depth - 16);
  for (int64_t t = 0; t < (isFull || panel->count > 16 ? 2 : 1); t++) {
    int64_t line = 16 * t + i;
    __m512 x = _mm512_setzero_ps(), y = x;
    if (isFull || line < panel->count) {
      x = _mm512_maskz_loadu_ps(low, panel->from + line * panel->stride);
      y = _mm512_maskz_loadu_ps(high, panel->from + line * panel->stride + 16);
      fetch(panel->from + (line + 32) * panel->stride);
      fetch(panel->from + (line + 32) * panel->stride + 16);
    }
    store_pieces(x, y, 1, panel->pieces, panel->to + t * TILE + 32 * i, 2 * TILE);
  }
  step_on(panel, 16, PIECES_STEP);
}
INLINE void pack_across(panel_packing *panel, const int isFull) {
  int64_t i = panel->unit;
  const float *from = panel->from + i * panel->stride, *later = from + 16 * panel->stride;
  own_unit(panel, i + 4);
  for (int64_t v = 32; v < 64; v += 16) fetch(from + v), fetch(later + v);
  for (int64_t t = 0; t < (isFull || panel->count > 16 ? 2 : 1); t++) {
    __mmask16 mask = isFull ? 0xFFFF : first(panel->count - 16 * t);
    __m512 x = isFull || i < panel->depth ? _mm512_maskz_loadu_ps(mask, from + 16 * t) : _mm512_setzero_ps();
    __m512 y = isFull || i + 16 < panel->depth ? _mm512_maskz_loadu_ps(mask, later + 16 * t) : _mm512_setzero_ps();
    store_pieces(x, y, 1, panel->pieces, panel->to + t * TILE + 32 * i, 2 * TILE);
  }
  step_on(panel, 16, PIECES_STEP * panel->stride);
}

// Four vectors of which element e of vector v lies at from[e · stride + v], zero from so many elements and vectors on.
INLINE void load_turned(const float *from, int64_t stride, const int isFull, int64_t elements, int64_t vectors,
                        __m512 x[4]) {
  __mmask8 mask = isFull ? 0xF : (__mmask8)(first(vectors) & 0xF);
  for (int64_t q = 0; q < 4; q++) {
    x[q] = _mm512_setzero_ps();
    for (int64_t e = q; e < 16; e += 4) {
      if (!isFull && e >= elements) break;
      __m128 four = _mm_maskz_loadu_ps(mask, from + e * stride);
      x[q] = _mm512_mask_broadcast_f32x4(x[q], (__mmask16)(0xF << (e - q)), four);
    }
  }
  __m512d low = (__m512d)_mm512_unpacklo_ps(x[0], x[1]), low2 = (__m512d)_mm512_unpacklo_ps(x[2], x[3]);
  __m512d high = (__m512d)_mm512_unpackhi_ps(x[0], x[1]), high2 = (__m512d)_mm512_unpackhi_ps(x[2], x[3]);
  x[0] = (__m512)_mm512_unpacklo_pd(low, low2);
  x[1] = (__m512)_mm512_unpackhi_pd(low, low2);
  x[2] = (__m512)_mm512_unpacklo_pd(high, high2);
  x[3] = (__m512)_mm512_unpackhi_pd(high, high2);
}
// A unit is four rows of memory of a tile.
INLINE void pack_turned(panel_packing *panel, const int isA, const int isFull) {
  int64_t t = panel->unit / 4, i = panel->unit % 4 * 4, count = panel->count - 16 * t, depth = panel->depth;
  int64_t stride = panel->stride;
  const float *from = panel->from + (isA ? 16 * t + i : 16 * t * stride + i);
  for (int64_t l = 0; l < 4; l++) own(panel, (panel->unit + 1) / 8, (panel->unit + 1) % 8 * 4 + l);
  const float *row = panel->from + (16 * t + i + (isA ? 0 : 32)) * stride + (isA ? 32 : 0);
  for (int64_t r = 0; r < 4; r++, row += stride) fetch(row), fetch(row + 16);
  __m512 low[4], high[4];
  load_turned(from, stride, isFull, isA ? depth : count, isA ? count - i : depth - i, low);
  if (isA) load_turned(from + 16 * stride, stride, isFull, depth - 16, count - i, high);
  else load_turned(from + 16, stride, isFull, count, depth - 16 - i, high);
  bfloat *to = panel->to + t * TILE + 32 * i;
  for (int v = 0; v < 4; v++) store_pieces(low[v], high[v], 1, panel->pieces, to + 32 * v, 2 * TILE);
  step_on(panel, isFull || panel->count > 16 ? 8 : 4, isA ? PIECES_STEP * stride : PIECES_STEP);
}

#define DEFINE_PACKING(name, ...)                                                                                      \
  static void name(panel_packing *panel) { __VA_ARGS__; }
DEFINE_PACKING(pack_unit_along, pack_along(panel, 0))
DEFINE_PACKING(pack_full_unit_along, pack_along(panel, 1))
DEFINE_PACKING(pack_unit_across, pack_across(panel, 0))
DEFINE_PACKING(pack_full_unit_across, pack_across(panel, 1))
DEFINE_PACKING(pack_unit_turned_a, pack_turned(panel, 1, 0))
DEFINE_PACKING(pack_full_unit_turned_a, pack_turned(panel, 1, 1))
DEFINE_PACKING(pack_unit_turned_b, pack_turned(panel, 0, 0))
DEFINE_PACKING(pack_full_unit_turned_b, pack_turned(panel, 0, 1))
#undef DEFINE_PACKING

// Lines lie `line` apart, elements along K `element` apart: one of them is 1, unless there is one line or element only.
INLINE panel_packing packing(int isA, int pieces, const float *from, int64_t line, int64_t element, int64_t count,
                             int64_t depth, bfloat *to) {
  static void (*const functions[2][2][2])(panel_packing *) = {
    {{pack_unit_across, pack_full_unit_across}, {pack_unit_turned_b, pack_full_unit_turned_b}},
    {{pack_unit_turned_a, pack_full_unit_turned_a}, {pack_unit_along, pack_full_unit_along}},
  };
  int isAlongK = element == 1 || depth == 1, isFull = count >= 32 && depth % PIECES_STEP == 0, isTurned = isA != isAlongK;
  int64_t steps = (depth + PIECES_STEP - 1) / PIECES_STEP;
  return (panel_packing){
    .next = functions[isA][isAlongK][isFull], .units = steps * (!isTurned ? 16 : count > 16 ? 8 : 4), .from = from,
    .stride = isAlongK ? line : element, .count = count, .depth = depth, .to = to, .pieces = pieces,
  };
}

INLINE void pack_units(panel_packing *panel, int64_t units) {
  for (panel->units -= units; units > 0; units--) panel->next(panel);
}
TILES_END

#endif
#endif
