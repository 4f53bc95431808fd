// What products on matrix tiles share: how numbers are cut into pieces, and how tiles of them are multiplied.

#ifndef DESCENT_TILES_H
#define DESCENT_TILES_H

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <stdint.h>

#define TILES_TARGET "prfchw,fma,bmi,bmi2,avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,amx-tile,amx-bf16"
#define TILES_BEGIN                                                                                                    \
  _Pragma("clang attribute push(__attribute__((target(TILES_TARGET))), apply_to = function)")
#define TILES_END _Pragma("clang attribute pop")
#define INLINE static inline __attribute__((always_inline))

enum { PIECES_DEPTH = 512, PIECES_STEP = 32 };  // of a block of K, at most; of K in one tile

TILES_BEGIN
typedef uint16_t bfloat;
enum { TILE = 512 };                       // elements

typedef struct {
  uint8_t palette, startRow, reserved[14];
  uint16_t bytesOfRow[16];
  uint8_t rows[16];
} tile_configuration;

INLINE void configure_tiles(void) {
  tile_configuration configuration = {.palette = 1};
  for (int i = 0; i < 8; i++) configuration.bytesOfRow[i] = 64, configuration.rows[i] = 16;
  _tile_loadconfig(&configuration);
}

// How the upper halves of two vectors' elements lie in one: one vector's after the other's, or in pairs.
INLINE __m512i in_order(__m512i low, __m512i high) {
  const __m512i order = _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31, 29, 27, 25,
                                         23, 21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
  return _mm512_permutex2var_epi16(low, order, high);
}
INLINE __m512i in_pairs(__m512i low, __m512i high) {
  enum { A_OR_B_AND_C = 0xF8 };
  const __m512i upper = _mm512_set1_epi32((int)0xFFFF0000u);
  return _mm512_ternarylogic_epi32(_mm512_srli_epi32(low, 16), high, upper, A_OR_B_AND_C);
}

// Rounded to nearest, ties away from zero: the upper half of each element is the bfloat16.
INLINE __m512i rounded(__m512 x) { return _mm512_add_epi32((__m512i)x, _mm512_set1_epi32(0x8000)); }
INLINE __m512 upper_half(__m512i x) { return (__m512)_mm512_and_si512(x, _mm512_set1_epi32((int)0xFFFF0000u)); }

INLINE __m512 widened(__m256bh x) {
  return (__m512)_mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)x), 16);
}

// Cuts two vectors into bfloat16 pieces in the order given and stores the first `count` elements of each, the pieces
// `plane` elements apart. A bfloat16 product rounds ties to even, as the processor's own conversion does.
INLINE void store_first_pieces(int64_t count, __m512 first, __m512 second, int paired, int pieces, bfloat *to,
                               int64_t plane) {
  __mmask32 mask = count >= 32 ? 0xFFFFFFFF : (1u << count) - 1;
  if (pieces == 1) {
    __m512i x = (__m512i)widened(_mm512_cvtneps_pbh(first)), y = (__m512i)widened(_mm512_cvtneps_pbh(second));
    _mm512_mask_storeu_epi16(to, mask, paired ? in_pairs(x, y) : in_order(x, y));
    return;
  }
  for (int i = 0; i < 3; i++, to += plane) {
    __m512i x = i < 2 ? rounded(first) : (__m512i)first, y = i < 2 ? rounded(second) : (__m512i)second;
    _mm512_mask_storeu_epi16(to, mask, paired ? in_pairs(x, y) : in_order(x, y));
    first = _mm512_sub_ps(first, upper_half(x));
    second = _mm512_sub_ps(second, upper_half(y));
  }
}
INLINE void store_pieces(__m512 first, __m512 second, int paired, int pieces, bfloat *to, int64_t plane) {
  store_first_pieces(32, first, second, paired, pieces, to, plane);
}
// A number as it counts in products: all its pieces are it.
INLINE float multiplied(int pieces, float x) {
  return pieces == 1 ? _mm512_cvtss_f32(widened(_mm512_cvtneps_pbh(_mm512_set1_ps(x)))) : x;
}
INLINE __mmask16 first(int64_t count) {
  return count >= 16 ? 0xFFFF : count <= 0 ? 0 : (__mmask16)((1u << count) - 1);
}

// Which sums are infinite or no number.
INLINE __mmask16 broken(__mmask16 mask, __m512 x) { return _mm512_mask_fpclass_ps_mask(mask, x, 0x01 | 0x08 | 0x10 | 0x80); }

INLINE void transpose_square(__m512 x[16]) {
  __m512 y[16];
  for (int i = 0; i < 16; i += 2) {
    y[i] = _mm512_unpacklo_ps(x[i], x[i + 1]);
    y[i + 1] = _mm512_unpackhi_ps(x[i], x[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    for (int j = 0; j < 2; j++) {
      __m512d even = (__m512d)y[i + j], odd = (__m512d)y[i + 2 + j];
      x[i + 2 * j] = (__m512)_mm512_unpacklo_pd(even, odd);
      x[i + 2 * j + 1] = (__m512)_mm512_unpackhi_pd(even, odd);
    }
  }
  for (int i = 0; i < 16; i += 8) {
    for (int j = 0; j < 4; j++) {
      y[i + j] = _mm512_shuffle_f32x4(x[i + j], x[i + 4 + j], 0x88);
      y[i + 4 + j] = _mm512_shuffle_f32x4(x[i + j], x[i + 4 + j], 0xDD);
    }
  }
  for (int j = 0; j < 8; j++) {
    x[j] = _mm512_shuffle_f32x4(y[j], y[8 + j], 0x88);
    x[8 + j] = _mm512_shuffle_f32x4(y[j], y[8 + j], 0xDD);
  }
}

// Where the tiles of one side lie: those of a step where the table says, or panel after panel.
typedef struct {
  const bfloat *data;
  const int32_t *offsets;
  int64_t line;                              // bytes from a line of a tile to the next
  int64_t second, plane;                     // elements to the second tile of a pair, and to the next piece
} tile_places;

// Panels as they are packed: [step][piece][two tiles].
INLINE tile_places places_in_panel(const bfloat *panel) {
  return (tile_places){.data = panel, .line = 64, .second = TILE, .plane = 2 * TILE};
}

// Vectors work while tiles multiply: what earlier blocks left to finish and later ones need packed, in units that a
// block spreads over its products. The tiles' instructions are few and slow, so both kinds are under way at once. But a
// tile is loaded late where any store under way has the same place in its page: so stores are what to be sparing of,
// and units are small and come before the products that hide them.
typedef struct side_work {
  void (*next)(struct side_work *);          // does a unit
  int64_t units;                             // of this block, left
} side_work;

INLINE void end_work(side_work *work) {
  for (; work->units > 0; work->units--) work->next(work);
}
// Before each of a block's groups of products: what is due of its units.
#define DO_SHARE()                                                                                                     \
  do {                                                                                                                 \
    for (credit += units; credit >= groups; credit -= groups) meanwhile->units--, meanwhile->next(meanwhile);          \
  } while (0)

// The sums of a block: tiles in the upper halves of two pages, because the tiles that the next block loads first lie in
// lower ones.
enum { SUMS = 2 * 4096 };                    // bytes
INLINE float *sums_at(float *sums, int64_t row, int64_t column) {
  return sums + row / 16 * 1024 + 512 + column / 16 * 256 + row % 16 * 16;
}

// tmm0…3 hold C's two by two tiles, tmm4 and 5 A's, tmm6 and 7 B's.
#define AT_STEP(side, s) ((side)->data + ((side)->offsets ? (side)->offsets[s] : (s) * pieces * 2 * TILE))
#define LOAD(low, high, side, at, isPair, piece)                                                                       \
  (_tile_loadd(low, (at) + (piece) * (side)->plane, (side)->line),                                                     \
   isPair ? _tile_loadd(high, (at) + (piece) * (side)->plane + (side)->second, (side)->line) : (void)0)
#define LOAD_A(piece) LOAD(4, 5, left, a, tall, piece)
#define LOAD_B(piece) LOAD(6, 7, right, b, wide, piece)
#define MULTIPLY()                                                                                                     \
  do {                                                                                                                 \
    DO_SHARE();                                                                                                        \
    _tile_dpbf16ps(0, 4, 6);                                                                                           \
    if (wide) _tile_dpbf16ps(1, 4, 7);                                                                                 \
    if (tall) _tile_dpbf16ps(2, 5, 6);                                                                                 \
    if (wide && tall) _tile_dpbf16ps(3, 5, 7);                                                                         \
  } while (0)

// A block of up to 32 × 32 sums over `steps`. Of the terms of a step the small ones come first; from a group of products
// to the next one side changes.
INLINE void multiply_block(const int tall, const int wide, const int pieces, int64_t steps, const tile_places *left,
                           const tile_places *right, float *sums, side_work *meanwhile) {
  int64_t units = meanwhile->units, groups = pieces == 3 ? 6 * steps : steps, credit = 0;
  _tile_zero(0);
  if (wide) _tile_zero(1);
  if (tall) _tile_zero(2);
  if (tall && wide) _tile_zero(3);
  for (int64_t s = 0; s < steps; s++) {
    const bfloat *a = AT_STEP(left, s), *b = AT_STEP(right, s);
    if (pieces == 3) {
      LOAD_A(0); LOAD_B(2); MULTIPLY();
      LOAD_B(1); MULTIPLY();
      LOAD_A(1); MULTIPLY();
      LOAD_B(0); MULTIPLY();
      LOAD_A(2); MULTIPLY();
    } else {
      LOAD_B(0);
    }
    LOAD_A(0); MULTIPLY();
  }
  _tile_stored(0, sums_at(sums, 0, 0), 64);
  if (wide) _tile_stored(1, sums_at(sums, 0, 16), 64);
  if (tall) _tile_stored(2, sums_at(sums, 16, 0), 64);
  if (tall && wide) _tile_stored(3, sums_at(sums, 16, 16), 64);
}
#undef MULTIPLY
#undef LOAD_B
#undef LOAD_A
#undef LOAD
#undef AT_STEP
#undef DO_SHARE

// A table [pieces == 3][tall][wide] of functions for one way in which both sides lie; the arguments are statements that
// say it once more, for the compiler.
typedef void (*block_function)(int64_t steps, tile_places left, tile_places right, float *sums,
                               side_work *meanwhile);
#define DEFINE_BLOCK(name, tall, wide, pieces, ...)                                                                    \
  static void name##_##tall##wide##pieces(int64_t steps, tile_places left, tile_places right, float *sums,             \
                                          side_work *meanwhile) {                                                      \
    __VA_ARGS__;                                                                                                       \
    multiply_block(tall, wide, pieces, steps, &left, &right, sums, meanwhile);                                         \
  }
#define DEFINE_BLOCKS(name, ...)                                                                                       \
  DEFINE_BLOCK(name, 0, 0, 1, __VA_ARGS__) DEFINE_BLOCK(name, 0, 1, 1, __VA_ARGS__)                                    \
  DEFINE_BLOCK(name, 1, 0, 1, __VA_ARGS__) DEFINE_BLOCK(name, 1, 1, 1, __VA_ARGS__)                                    \
  DEFINE_BLOCK(name, 0, 0, 3, __VA_ARGS__) DEFINE_BLOCK(name, 0, 1, 3, __VA_ARGS__)                                    \
  DEFINE_BLOCK(name, 1, 0, 3, __VA_ARGS__) DEFINE_BLOCK(name, 1, 1, 3, __VA_ARGS__)                                    \
  static const block_function name[2][2][2] = {                                                                        \
    {{name##_001, name##_011}, {name##_101, name##_111}}, {{name##_003, name##_013}, {name##_103, name##_113}},        \
  };
TILES_END

#endif
#endif
