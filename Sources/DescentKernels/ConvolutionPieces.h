// Convolutions of float32 on the processor's matrix tiles, which multiply bfloat16.

#ifndef DESCENT_CONVOLUTION_PIECES_H
#define DESCENT_CONVOLUTION_PIECES_H

#include "ConvolutionShape.h"

#if defined(__x86_64__) && defined(__linux__)

void dk_convolution_pieces(const dk_convolution_arguments *arguments, const dk_context *context);
void dk_convolution_pieces_over_pixels(const dk_convolution_arguments *arguments, const dk_context *context);

// Bytes of scratch that any part needs.
int64_t dk_convolution_pieces_scratch(const dk_convolution_arguments *arguments);
int64_t dk_convolution_pieces_over_pixels_scratch(const dk_convolution_arguments *arguments);

// The weights in pieces, panel after panel: elements, and the panels themselves.
int64_t dk_convolution_pieces_packed(const dk_convolution_arguments *arguments);
void dk_pack_convolution_pieces(const dk_convolution_arguments *arguments, uint16_t *packed, void *scratch);

double dk_convolution_pieces_over_pixels_nanoseconds(const dk_convolution_arguments *arguments);

// Of a product of two tiles, whose six products of pieces hide the loads, and of an element that is cut and packed.
static inline double pieces_tile_nanoseconds(const dk_convolution_arguments *a) {
  return a->arithmetic == DK_BFLOAT16_TILES ? 19 : 38;
}
static inline double pieces_packed_nanoseconds(const dk_convolution_arguments *a) {
  return a->arithmetic == DK_BFLOAT16_TILES ? 0.12 : 0.25;
}
static inline int64_t pieces_tiles(int64_t extent) { return (extent + 15) / 16; }
// Where one tile serves all rows or all columns, loading keeps the tiles waiting.
static inline double pieces_slowdown(int64_t extent) { return extent <= 16 ? 1.4 : 1; }

// The next bytes of the scratch, in whole lines; counts them where there is no scratch yet.
static inline void *pieces_take(char *scratch, int64_t *used, int64_t bytes) {
  char *next = scratch ? scratch + *used : 0;
  *used += (bytes + 63) / 64 * 64;
  return next;
}

// The input is copied in pieces, in planes of places that lie a step apart: places that results side by side meet lie
// side by side. Every tap then meets a run of places, those between lines of results among them.
typedef struct {
  convolution_shape shape;
  int64_t step[3], length[3];              // of a plane
  uint64_t used[3];                        // the residues of places that taps meet, where there are few
  int64_t plane, planes;                   // places of a plane, planes
} pieces_geometry;

static inline int pieces_of(const dk_convolution_arguments *a) { return a->arithmetic == DK_BFLOAT16_TILES ? 1 : 3; }

static inline int64_t pieces_tap_place(const dk_convolution_arguments *a, int axis, int64_t phase, int64_t tap) {
  return a->overPixels ? tap * a->stride[axis] - a->low[axis]
                       : phase * a->stride[axis] + tap * a->windowDilation[axis] - a->low[axis];
}

static inline pieces_geometry pieces_geometry_of(const dk_convolution_arguments *a) {
  pieces_geometry geometry = {.shape = shape_of_convolution(a), .plane = 1, .planes = 1};
  for (int i = 0; i < 3; i++) {
    const convolution_axis *axis = &geometry.shape.axis[i];
    geometry.step[i] = axis->step;
    geometry.length[i] = (geometry.shape.span[i] + axis->step - 1) / axis->step;
    geometry.plane *= geometry.length[i];
    geometry.planes *= axis->step;
    for (int64_t phase = 0; phase < axis->phases; phase++) {
      for (int64_t tap = 0; tap < (a->overPixels ? a->output[i] : a->window[i]); tap++) {
        int64_t place = pieces_tap_place(a, i, phase, tap);
        if (place % a->inputDilation[i] != 0) continue;
        place = place / a->inputDilation[i] - axis->first;
        geometry.used[i] |= 1ull << (place % axis->step % 64);
      }
    }
  }
  return geometry;
}

static inline int pieces_place_is_used(const pieces_geometry *geometry, int axis, int64_t place) {
  return geometry->used[axis] >> (place % geometry->step[axis] % 64) & 1;
}

// Where a place of the copy lies, counted in places.
static inline int64_t pieces_place(const pieces_geometry *geometry, int64_t p0, int64_t p1, int64_t p2) {
  const int64_t *step = geometry->step, *length = geometry->length;
  int64_t plane = (p0 % step[0] * step[1] + p1 % step[1]) * step[2] + p2 % step[2];
  return plane * geometry->plane + (p0 / step[0] * length[1] + p1 / step[1]) * length[2] + p2 / step[2];
}

#endif
#endif
