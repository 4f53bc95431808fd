// Few results from pixels of one channel: vectors run along a line of results, and rows of a tile are output channels,
// which are interleaved afterwards.

// Which lanes of which pair of channels make each vector of results that lie side by side.
typedef struct {
#if LANES == 16
  int32_t lane[CONVOLUTION_FEW_OUTPUTS][(CONVOLUTION_FEW_OUTPUTS + 1) / 2][16];
  uint16_t mask[CONVOLUTION_FEW_OUTPUTS][(CONVOLUTION_FEW_OUTPUTS + 1) / 2];
#endif
} NAME(interleaving);

static void NAME(list_lanes)(int64_t outputs, NAME(interleaving) *order) {
#if LANES == 16
  __builtin_memset(order->mask, 0, sizeof(order->mask));
  int64_t channel = 0, pixel = 0;
  for (int64_t i = 0; i < outputs * 16; i++) {
    order->lane[i / 16][channel / 2][i % 16] = (int32_t)(channel % 2 * 16 + pixel);
    order->mask[i / 16][channel / 2] |= (uint16_t)(1 << i % 16);
    if (++channel == outputs) channel = 0, pixel++;
  }
#else
  (void)outputs, (void)order;
#endif
}

#if LANES == 16
// `count` results, 16 at a time, of the channels of so many pairs.
INLINE void NAME(interleave_pairs)(const int pairs, const NAME(tile) *tile, int64_t outputs,
                                   const NAME(interleaving) *order, int64_t count, const float *sums, float *c) {
  for (int64_t first = 0; first < count; first += 16) {
    __m512 line[2 * ((CONVOLUTION_FEW_OUTPUTS + 1) / 2)];
    EACH(j, 2 * pairs) {
      // An odd last channel is paired with whatever is there: none of its lanes are taken.
      line[j] = _mm512_loadu_ps(sums + j * 2 * WIDTH + first);
      if (tile->bias && j < outputs) line[j] = _mm512_add_ps(line[j], _mm512_set1_ps((float)tile->bias[j]));
      if (tile->activation == DK_RELU) {
        line[j] = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(line[j], _mm512_setzero_ps(), _CMP_NLE_UQ), line[j]);
      }
    }
    int64_t rest = (count - first) * outputs;
    float *to = c + first * outputs;
    for (int64_t i = 0; i < outputs && rest > 0; i++, rest -= 16, to += 16) {
      __m512 result = _mm512_permutex2var_ps(line[0], _mm512_loadu_si512(order->lane[i][0]), line[1]);
      _Pragma("clang loop unroll(full)") for (int pair = 1; pair < pairs; pair++) {
        __m512i lane = _mm512_loadu_si512(order->lane[i][pair]);
        __m512 two = _mm512_permutex2var_ps(line[2 * pair], lane, line[2 * pair + 1]);
        result = _mm512_mask_mov_ps(result, order->mask[i][pair], two);
      }
      store_part_f32(to, (f32v)result, rest < 16 ? (size_t)rest : 16);
    }
  }
}
#endif

// Writes `count` results of every channel, 2·WIDTH of which lie side by side in `sums`.
static void NAME(interleave)(const NAME(tile) *tile, int64_t outputs, const NAME(interleaving) *order, int64_t count,
                             const SCALAR *sums, SCALAR *c) {
#if LANES == 16
#define PAIRS(n)                                                                                                       \
  case n: NAME(interleave_pairs)(n, tile, outputs, order, count, (const float *)sums, (float *)c); return;
  if (sizeof(SCALAR) == sizeof(float)) {
    switch ((outputs + 1) / 2) { PAIRS(1) PAIRS(2) PAIRS(3) PAIRS(4) PAIRS(5) PAIRS(6) PAIRS(7) PAIRS(8) }
  }
#undef PAIRS
#endif
  (void)order;
  for (int64_t i = 0; i < count; i++) {
    for (int64_t j = 0; j < outputs; j++) c[i * outputs + j] = sums[j * 2 * WIDTH + i];
  }
  if (tile->finishes) NAME(finish)(tile, count, outputs, c);
}

static void NAME(convolve_interleaved)(NAME(tile) *tile, int64_t results, int64_t outputs, const SCALAR *a,
                                       const SCALAR *weights, const NAME(interleaving) *order, SCALAR *c) {
  SCALAR sums[(CONVOLUTION_FEW_OUTPUTS + 1) * 2 * WIDTH];
  NAME(tile) chains = {
    .k = tile->k, .run = tile->run, .offsets = tile->offsets, .bRow = tile->bRow, .aRow = tile->k, .aStep = tile->k,
    .aColumn = 1, .cRow = 2 * WIDTH, .width = 2 * WIDTH,
  };
  for (int64_t first = 0; first < results; first += 2 * WIDTH) {
    int64_t count = results - first < 2 * WIDTH ? results - first : 2 * WIDTH;
    NAME(multiply_tiles)(outputs, NAME(tiles_shifted), &chains, weights, a + first, sums);
    NAME(interleave)(tile, outputs, order, count, sums, c + first * outputs);
  }
}
